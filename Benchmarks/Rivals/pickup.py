"""`pickup`: how long a task waits on an idle fleet, from enqueue to start.

The fleet is warm. One producer enqueues at a steady rate with the time in the payload, and the task compares it with
its own: one machine, one clock. The time of the enqueueing call itself is part of the figure.
"""

from __future__ import annotations

import time

from bench import Bench, Entrant
from servers import Site


def percentile(ordered: list[float], share: float) -> float:
    """The value below which that share of the ordered values lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _waits(one: Bench, count: int) -> list[float]:
    """The waits in milliseconds, once all have been noted."""
    deadline = time.monotonic() + 30
    while True:
        lines = one.samples.read_text().splitlines() if one.samples.exists() else []
        if len(lines) >= count:
            return sorted(float(line) * 1000 for line in lines)
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(lines)} of {count} tasks started: {one.workers.last_words()}")
        one.workers.check()
        time.sleep(0.05)


def pickup(entrant: Entrant, site: Site, rate: float, seconds: float) -> dict[str, object]:
    """Measure the wait in milliseconds."""
    with entrant.bench(site) as one:
        one.start_fleet()
        waits = _waits(one, one.pace(rate, seconds))
        return {
            "tasks": len(waits), "rate": rate, "p50_ms": round(percentile(waits, 0.50), 3),
            "p99_ms": round(percentile(waits, 0.99), 3), "max_ms": round(waits[-1], 3),
        }
