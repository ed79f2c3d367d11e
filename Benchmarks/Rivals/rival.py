"""One configuration of a rival, and how it is measured."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import Bench, workplace
from counters import read_totals, wait_for_count
from servers import HERE, Site, postgres_server

APPS = HERE / "rivals"
HELD = "bench:held"
THREADS = 64


@dataclass(frozen=True)
class Rival:
    """How a rival's fleet is started, where it keeps tasks, and what its figures assume."""

    name: str
    worker: tuple[str, ...]  # the command of one worker process
    processes: int  # worker processes started
    runners: int  # processes that run tasks, children included
    slots: int
    queue: str  # the Redis list tasks wait in
    unacked: str  # where tasks that are running are kept: a hash, a pattern of the names of sets, or ""
    producer: tuple[str, ...]
    bulk_ways: tuple[str, ...]  # the first is the quickest
    assumption: str
    at_once: str = f"{THREADS} threads, as many connections"
    scale: int = 1
    enqueues: bool = True
    results: bool = False  # results are stored in PostgreSQL
    env: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def bench(self, site: Site, task_seconds: float = 0, restore_seconds: float | None = None) -> Iterator[Bench]:
        """Everything one measurement needs; see `Entrant`."""
        with ExitStack() as stack:
            workers, folder = stack.enter_context(workplace(site))
            (folder / "counters").mkdir()
            env = {
                **os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
                "BENCH_REDIS": site.url, "BENCH_REDIS_DIRECT": site.direct_url,
                "BENCH_COUNTERS": str(folder / "counters"), "BENCH_SAMPLES": str(folder / "samples"),
                "BENCH_TASK_SECONDS": str(task_seconds), **self.env,
            }
            if restore_seconds is not None:
                env["BENCH_RESTORE_SECONDS"] = str(restore_seconds)
            if self.results:
                env["BENCH_BACKEND"] = f"db+postgresql+psycopg2://{stack.enter_context(postgres_server())}"
            yield RivalBench(site, workers, folder, self, env)


@dataclass
class RivalBench(Bench):
    """A rival at work. Its processes count what they ran in shared memory, see `counters`."""

    rival: Rival
    env: dict[str, str]

    def _produce(self, *arguments: object, delayed: bool = True, pool: int = 10, seconds: float = 300
                 ) -> dict[str, float]:
        env = {**self.env, "BENCH_POOL": str(pool)}
        if not delayed:
            env["BENCH_REDIS"] = self.site.direct_url
        done = subprocess.run(
            [*self.rival.producer, *map(str, arguments)], cwd=APPS, env=env, check=False,
            capture_output=True, stdin=subprocess.DEVNULL, timeout=seconds)
        if done.returncode:
            raise RuntimeError(f"{self.rival.name} producer failed: {done.stderr.decode()[-800:].strip()}")
        figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return figures

    def fill(self, task: str, count: int) -> None:
        self._produce("fill", task, count, delayed=False)

    def enqueue(self, way: str, count: int) -> float:
        if way == "single":
            return self._produce("single", count)["seconds"]
        if way == "concurrent":
            return self._produce("threads", count, THREADS, pool=THREADS)["seconds"]
        return self._produce("bulk", count, way)["seconds"]

    def pace(self, rate: float, seconds: float) -> int:
        return int(self._produce("pace", rate, seconds, seconds=seconds + 60)["tasks"])

    def start_worker(self) -> None:
        self.workers.spawn(self.rival.worker, env=self.env, cwd=APPS)

    def start_fleet(self) -> None:
        self._warm_up()

    def _warm_up(self, seconds: float = 60) -> int:
        """Start the fleet and run tasks until every process has run some; returns how many."""
        for _ in range(self.rival.processes):
            self.start_worker()
        sent, deadline = 0, time.monotonic() + seconds
        while read_totals(self._counters).processes < self.rival.runners:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.rival.name} was not ready in {seconds} s: {self.workers.last_words()}")
            self.fill("warm", 400)
            sent += 400
            wait_for_count(self._counters, sent, 60, self.workers.check)
        time.sleep(0.3)  # the last acknowledgements
        return sent

    def prepare_drain(self, tasks: int) -> None:
        self.fill("noop", tasks)
        self.site.client.rename(self.rival.queue, HELD)
        self._warm = self._warm_up()

    def run_drain(self, tasks: int) -> float:
        self.site.client.rename(HELD, self.rival.queue)  # Redis wakes those blocked on the list
        return wait_for_count(self._counters, self._warm + tasks, 60 + tasks / 50, self.workers.check).last

    def waiting(self) -> int:
        client, unacked = self.site.client, self.rival.unacked
        count = int(client.llen(self.rival.queue))
        if "*" in unacked:
            return count + sum(int(client.scard(key)) for key in client.scan_iter(unacked))
        return count + (int(client.hlen(unacked)) if unacked else 0)

    @property
    def _counters(self) -> Path:
        return self.folder / "counters"
