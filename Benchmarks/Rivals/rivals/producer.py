"""The enqueueing side of the Python rivals: `APP.py MODE ...`, prints one line of JSON.

    fill TASK N      enqueue N, as fast as the rival's bulk way goes (not measured)
    single N         one after another, each awaited
    threads N COUNT  the same from COUNT threads
    bulk N WAY       the rival's own bulk ways, by name
    pace RATE SECS   `stamp` tasks at a steady rate
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

Payload = dict[str, object]
Send = Callable[[str, Payload], object]
Bulk = Callable[[str, list[Payload]], object]


def payload(number: int) -> Payload:
    """About a hundred bytes of JSON."""
    return {"id": number, "name": "benchmark", "text": "x" * 60}


def _threads(send: Send, count: int, threads: int) -> None:
    def part(first: int) -> None:
        for number in range(first, count, threads):
            send("noop", payload(number))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, range(threads)))


def _pace(send: Send, rate: float, seconds: float) -> int:
    count, start = int(rate * seconds), time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, start + number / rate - time.monotonic()))
        send("stamp", {**payload(number), "at": time.time()})
    return count


def main(send: Send, bulk_ways: Mapping[str, Bulk]) -> None:
    """Run the mode on the command line with the rival's own ways to enqueue."""
    mode, *arguments = sys.argv[1:]
    best = next(iter(bulk_ways.values()))
    if mode != "fill":  # connections and imports are warm before the clock starts
        send("warm", payload(0))
        best("warm", [payload(0)])
    start = time.monotonic()
    if mode == "fill":
        count = int(arguments[1])
        best(arguments[0], [payload(number) for number in range(count)])
    elif mode == "single":
        count = int(arguments[0])
        for number in range(count):
            send("noop", payload(number))
    elif mode == "threads":
        count = int(arguments[0])
        _threads(send, count, int(arguments[1]))
    elif mode == "bulk":
        count = int(arguments[0])
        bulk_ways[arguments[1]]("noop", [payload(number) for number in range(count)])
    elif mode == "pace":
        count = _pace(send, float(arguments[0]), float(arguments[1]))
    else:
        raise SystemExit(f"unknown mode {mode}")
    print(json.dumps({"tasks": count, "seconds": time.monotonic() - start}))
