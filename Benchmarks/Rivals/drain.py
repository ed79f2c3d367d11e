"""`drain`: how fast a warm fleet empties a backlog.

The tasks are enqueued by the entrant's own producer with no worker running, out of the fleet's reach (a rival's list
is renamed aside). Then the fleet starts and runs other tasks until every one of its processes has run some. Only then
do the tasks come into reach, which starts the clock: starting up, importing and connecting count against nobody. It
stops when a rival's last task notes in shared memory that it finished; TaskQueue's when all are settled, too.
"""

from __future__ import annotations

import time

from bench import Entrant
from processes import PeakMemory
from servers import Site


def drain(entrant: Entrant, site: Site, tasks: int) -> dict[str, object]:
    """Measure one drain of `tasks` x the entrant's scale."""
    tasks *= entrant.scale
    with entrant.bench(site) as one:
        one.prepare_drain(tasks)
        worker_cpu, redis_cpu = one.workers.cpu_seconds(), site.redis_cpu_seconds()
        proxy_cpu = site.proxy.cpu_seconds()
        with PeakMemory(one.workers) as memory:
            start = time.time()
            seconds = one.run_drain(tasks) - start
        worker_cpu = one.workers.cpu_seconds() - worker_cpu
        redis_cpu = site.redis_cpu_seconds() - redis_cpu
        proxy_cpu = site.proxy.cpu_seconds() - proxy_cpu
        deadline = time.monotonic() + 5
        while (left := one.waiting()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return {
            "tasks": tasks, "seconds": round(seconds, 3), "per_second": round(tasks / seconds),
            "worker_cpu_s_per_1000": round(worker_cpu / tasks * 1000, 4),
            "redis_cpu_s_per_1000": round(redis_cpu / tasks * 1000, 4),
            "proxy_core_share": round(proxy_cpu / seconds, 2) if site.delay_ms else None,
            "rss_mb": round(memory.peak_mb, 1), "left": left, "said": getattr(one, "said", None),
        }
