"""`yardstick`: what Redis and this machine do at that moment, so that figures of different times can be compared."""

from __future__ import annotations

import json
import re
import subprocess
import time

from servers import Site, round_trip_ms

TEXT = '{"number":1,"text":"abcdefghijklmnopqrstuvwxyz","list":[1,2,3]}'
LOOPS = 100_000


def _redis_rate(url: str, *options: str) -> int:
    port = url.rpartition(":")[2].partition("/")[0]
    done = subprocess.run(
        ["redis-benchmark", "-p", port, "-q", *options], check=True, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    # With -q the last figure is the total, after the running ones.
    found = re.findall(r"([\d.]+) requests per second", done.stdout)
    if not found:
        raise RuntimeError(f"redis-benchmark said {done.stdout[-200:]!r}")
    return round(float(found[-1]))


def _json_rate() -> int:
    start = time.perf_counter()
    for _ in range(LOOPS):
        json.loads(TEXT)
    return round(LOOPS / (time.perf_counter() - start))


def yardstick(site: Site) -> dict[str, object]:
    """Measure pushes in pipelines of 16, single sets from 64 clients, a fixed JSON loop, a second; the round trip."""
    figures: dict[str, object] = {
        "lpush_pipelined_16": _redis_rate(site.direct_url, "-P", "16", "-t", "lpush", "-n", "500000"),
        "set_64_clients": _redis_rate(site.direct_url, "-P", "1", "-c", "64", "-t", "set", "-n", "100000"),
        "json_loop": _json_rate(), "round_trip_ms": round(round_trip_ms(site.url), 3),
    }
    if site.delay_ms:  # what the proxy itself lets through
        figures["proxy_lpush_pipelined_16"] = _redis_rate(site.url, "-P", "16", "-t", "lpush", "-n", "200000")
        figures["proxy_set_64_clients"] = _redis_rate(site.url, "-P", "1", "-c", "64", "-t", "set", "-n", "30000")
    site.client.flushall()
    return figures
