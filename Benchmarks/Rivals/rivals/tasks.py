"""What the tasks of every Python rival do; each app only registers them."""

from __future__ import annotations

import os
import time
from functools import cache

import redis

from counters import ProcessCounter

_counter = ProcessCounter(os.environ["BENCH_COUNTERS"])
_samples = os.environ.get("BENCH_SAMPLES", "")
_seconds = float(os.environ.get("BENCH_TASK_SECONDS", "0"))
_direct = os.environ.get("BENCH_REDIS_DIRECT", "")


@cache  # made after the fork
def _client() -> redis.Redis:
    return redis.Redis.from_url(_direct)


def noop(payload: dict[str, object]) -> None:
    """Do nothing, and count it."""
    _counter.add()


def stamp(payload: dict[str, object]) -> None:
    """Note how long ago the payload was enqueued (append is atomic across processes)."""
    late = time.time() - float(str(payload["at"]))
    with open(_samples, "a") as file:
        file.write(f"{late}\n")
    _counter.add()


def record(payload: dict[str, object]) -> None:
    """Work a moment, then note in Redis that this task ran to its end."""
    time.sleep(_seconds)
    _client().hincrby("bench:ran", str(payload["id"]), 1)
    _counter.add()
