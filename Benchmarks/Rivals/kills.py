"""`kill`: what is lost and what runs twice when workers are killed.

The fleet drains a backlog of tasks that each work a moment and then note their id in Redis. Every few seconds a worker
(a process as its operator starts it, with its children, as when a container dies) gets kill -9, in turn, and is
started again at once; the moments are the same for all, and uneven, so that they do not keep step with the tasks. All
have the same number of tasks, each long enough that the backlog lasts through all the kills. What a dead worker held
is given back after RESTORE_SECONDS, set low for everybody so that the wait is short. It ends when nothing has run for
two seconds and Redis holds no more, or when nothing has run for SETTLE_SECONDS.
"""

from __future__ import annotations

import random
import time

from bench import Bench, Entrant
from servers import Site

RAN = "bench:ran"
RESTORE_SECONDS = 5
SETTLE_SECONDS = 25


def _runs(one: Bench) -> tuple[int, int]:
    """Distinct tasks that ran to their end, and their runs in all."""
    counts = [int(count) for count in one.site.client.hvals(RAN)]
    return len(counts), sum(counts)


def _check_counts(one: Bench, tasks: int, slots: int) -> None:
    """Raise if tasks are missing while none can be: then `waiting` is wrong, and `lost` would be."""
    waiting = one.waiting()
    ran, _ = _runs(one)
    if waiting + ran < tasks - slots:  # Redis does not know those in the hands of a worker without acknowledgement
        raise RuntimeError(f"of {tasks} tasks {waiting} wait and {ran} ran, with {slots} at a time")


def _until_settled(one: Bench, tasks: int, every: float, kills: int) -> tuple[int, int]:
    """Kill, restart and wait; returns the kills made and the tasks still in Redis."""
    made, seen, changed = 0, (0, 0), time.monotonic()
    moments = random.Random(1)
    next_kill, limit = changed + every, changed + 60 + 2 * every * (kills + 2)
    while time.monotonic() < limit:
        if (runs := _runs(one)) != seen:
            seen, changed = runs, time.monotonic()
        quiet = time.monotonic() - changed
        if quiet > 2 and (not (left := one.waiting()) or quiet > SETTLE_SECONDS):
            return made, left
        if made < kills and time.monotonic() >= next_kill and seen[0] < tasks and quiet < 2:
            one.workers.kill_one(one.workers.processes[0])
            one.start_worker()
            made, next_kill = made + 1, time.monotonic() + every * moments.uniform(0.8, 1.2)
        until = next_kill - time.monotonic() if made < kills else 0.1
        time.sleep(min(0.1, max(0.01, until)))
    raise TimeoutError(f"{seen[0]} of {tasks} tasks ran before the deadline")


def kill(entrant: Entrant, site: Site, tasks: int, every: float, kills: int) -> dict[str, object]:
    """Measure lost and duplicated tasks; `every` is in seconds."""
    task_seconds = max(1, round(entrant.slots * every * (kills + 1) / tasks * 1000)) / 1000
    with entrant.bench(site, task_seconds, RESTORE_SECONDS) as one:
        one.start_fleet()
        one.fill("record", tasks)
        start = time.monotonic()
        _check_counts(one, tasks, entrant.slots)
        made, left = _until_settled(one, tasks, every, kills)
        distinct, runs = _runs(one)
        return {
            "tasks": tasks, "kills": made, "lost": max(0, tasks - distinct - left), "duplicated": runs - distinct,
            "left": left, "seconds": round(time.monotonic() - start, 1), "task_ms": round(task_seconds * 1000, 1),
            "slots": entrant.slots, "restore_seconds": RESTORE_SECONDS,
        }
