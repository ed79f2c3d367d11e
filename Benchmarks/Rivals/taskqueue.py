"""TaskQueue as an entrant: a binary that satisfies INTERFACE.md."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench import Bench, workplace
from processes import Process
from servers import Site, postgres_server

WORKERS = 2
SLOTS = 10
ACKED = "at least once: claimed under a lease, settled after it ran"
FLEET = f"drain with one process, pickup and kill with {WORKERS} x {SLOTS} slots"


@dataclass(frozen=True)
class TaskQueue:
    """The entrant everybody is compared with."""

    command: tuple[str, ...]
    name: str = "taskqueue"
    assumption: str = f"{ACKED}; no results; {FLEET}"
    slots: int = WORKERS * SLOTS
    scale: int = 30
    at_once: str = "64 calls in flight over one client"
    bulk_ways: tuple[str, ...] = ("bulk",)
    enqueues: bool = True
    results: bool = False  # results are stored in PostgreSQL

    @contextmanager
    def bench(self, site: Site, task_seconds: float = 0, restore_seconds: float | None = None) -> Iterator[Bench]:
        """Everything one measurement needs; see `Entrant`."""
        with ExitStack() as stack:
            workers, folder = stack.enter_context(workplace(site))
            stored = ["--postgres", f"postgresql://{stack.enter_context(postgres_server())}"] if self.results else []
            options = ["--samples", str(folder / "samples"), "--task-ms", str(round(task_seconds * 1000)),
                       "--record-url", site.direct_url, "--slots", str(SLOTS)]
            if restore_seconds is not None:
                options += ["--lease", str(restore_seconds)]
            yield TaskQueueBench(site, workers, folder, self.command, stored, options)


@dataclass
class TaskQueueBench(Bench):
    """TaskQueue at work."""

    command: tuple[str, ...]
    stored: list[str]  # options that say where results go
    worker_options: list[str]
    said: dict[str, float] = field(default_factory=dict)  # the binary's own figures of a drain

    def _produce(self, *arguments: object, url: str, seconds: float = 300) -> dict[str, float]:
        done = subprocess.run(
            [*self.command, *map(str, arguments), "--url", url], check=False, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=seconds)
        if done.returncode:
            raise RuntimeError(f"{arguments[0]} failed: {done.stderr.decode()[-800:].strip()}")
        figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return figures

    def fill(self, task: str, count: int) -> None:
        kept = ["--keep-results"] if self.stored else []
        self._produce("redis-enqueue", "bulk", "--count", count, "--task", task, *kept, url=self.site.direct_url)

    def enqueue(self, way: str, count: int) -> float:
        figures = self._produce("redis-enqueue", way, "--count", count, url=self.site.url)
        return figures["seconds"]

    def pace(self, rate: float, seconds: float) -> int:
        figures = self._produce("redis-pickup", "--rate", rate, "--seconds", seconds, url=self.site.url,
                                seconds=seconds + 60)
        return int(figures["count"])

    def _start(self, *arguments: str) -> Process:
        return self.workers.spawn([*self.command, *arguments, "--url", self.site.url], talks=True)

    def start_worker(self) -> None:
        self._start("redis-worker", *self.stored, *self.worker_options)

    def start_fleet(self) -> None:
        for _ in range(WORKERS):
            self.start_worker()
        for process in self.workers.processes:
            self._expect_ready(process)

    def _expect_ready(self, process: Process) -> None:
        if (line := self.workers.read_line(process, 60)) != "ready":
            raise RuntimeError(f"expected `ready`, got {line[:200]!r}")

    def prepare_drain(self, tasks: int) -> None:
        self.fill("noop", tasks)
        self._expect_ready(self._start("redis-drain", *self.stored, "--count", str(tasks)))

    def run_drain(self, tasks: int) -> float:
        process = self.workers.processes[0]
        if process.stdin is None:
            raise ValueError("the process does not talk")
        process.stdin.write(b"\n")
        line = self.workers.read_line(process, 60 + tasks / 50)
        finished = time.time()
        self.said = json.loads(line)
        if self.said["count"] < tasks:
            raise RuntimeError(f"{self.said['count']} of {tasks} tasks ran")
        return finished

    def waiting(self) -> int:
        """As the binary's own count says; the task that warmed a producer up may be among them."""
        figures = self._produce("redis-enqueue", "single", "--count", 0, "--task", "record", url=self.site.direct_url)
        return int(figures["stored"])


def _with_postgres(command: tuple[str, ...]) -> TaskQueue:
    assumption = f"{ACKED}; results in PostgreSQL; {FLEET}"
    return TaskQueue(command, "taskqueue-postgres", assumption, scale=30, enqueues=False, results=True)


TASKQUEUES: dict[str, Callable[[tuple[str, ...]], TaskQueue]] = {
    "taskqueue": TaskQueue, "taskqueue-postgres": _with_postgres}
