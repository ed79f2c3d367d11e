"""`enqueue`: how fast the entrant's own client puts tasks into Redis.

Three ways, each in a fresh process whose imports and first connection are made before the clock starts: one task
after another, each awaited; 64 at once (threads for the rivals, calls in flight for TaskQueue); and in bulk, by every
way the entrant has, the best one named. The producer holds the clock, Redis is asked whether all tasks are there.
"""

from __future__ import annotations

from bench import Bench, Entrant
from servers import Site

BULK = 5  # so many times more tasks in bulk


def _rate(one: Bench, way: str, tasks: int) -> int:
    one.site.client.flushall()
    seconds = one.enqueue(way, tasks)
    stored = one.waiting()
    if stored < tasks:
        raise RuntimeError(f"{way}: {stored} of {tasks} tasks are in Redis")
    return round(tasks / seconds)


def enqueue(entrant: Entrant, site: Site, tasks: int) -> dict[str, object]:
    """Measure the three ways with `tasks`, `tasks` and 5 x `tasks` x the entrant's scale."""
    with entrant.bench(site) as one:
        bulk = {way: _rate(one, way, tasks * BULK * entrant.scale) for way in entrant.bulk_ways}
        best = max(bulk, key=lambda way: bulk[way])
        return {
            "tasks": tasks, "single_per_second": _rate(one, "single", tasks),
            "concurrent_per_second": _rate(one, "concurrent", tasks),
            "bulk_tasks": tasks * BULK * entrant.scale, "bulk_per_second": bulk[best], "bulk_way": best,
            "bulk_ways": bulk,
            "assumption": f"one process, its client's defaults; at once: {entrant.at_once}; bulk: {best}",
        }
