"""What an entrant must be able to do to be measured; each measure uses only this."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from processes import Group
from servers import Site, temporary_folder


class Entrant(Protocol):
    """One of those compared: a rival, or TaskQueue."""

    @property
    def name(self) -> str: ...

    @property
    def assumption(self) -> str:
        """What its figures assume, said beside them."""

    @property
    def slots(self) -> int:
        """Tasks its fleet runs at a time in the kill measure."""

    @property
    def scale(self) -> int:
        """Its tasks in a drain or a bulk enqueue relative to the slowest, so that each takes seconds."""

    @property
    def at_once(self) -> str:
        """What makes its concurrent enqueues concurrent."""

    @property
    def bulk_ways(self) -> tuple[str, ...]:
        """Its ways to enqueue in bulk."""

    @property
    def enqueues(self) -> bool:
        """False for further fleets of a product whose producer is measured already."""

    def bench(self, site: Site, task_seconds: float = 0, restore_seconds: float | None = None
              ) -> AbstractContextManager[Bench]:
        """Everything one measurement needs, on an empty Redis; all of it is gone afterwards.

        `task_seconds` is how long a `record` task works; `restore_seconds` after which what a dead worker held is
        given back, if not the entrant's own default.
        """


@dataclass
class Bench(ABC):
    """An entrant with its workers on the site, during one measurement."""

    site: Site
    workers: Group
    folder: Path

    @property
    def samples(self) -> Path:
        """The file in which `stamp` tasks note their waits, one a line, in seconds."""
        return self.folder / "samples"

    @abstractmethod
    def fill(self, task: str, count: int) -> None:
        """Enqueue tasks as fast as it goes, not through the delay."""

    @abstractmethod
    def enqueue(self, way: str, count: int) -> float:
        """Enqueue `single`, `concurrent` or in a bulk way, through the delay; returns the seconds it took."""

    @abstractmethod
    def pace(self, rate: float, seconds: float) -> int:
        """Enqueue `stamp` tasks at a steady rate, through the delay; returns how many."""

    @abstractmethod
    def start_worker(self) -> None:
        """Start one worker process."""

    @abstractmethod
    def start_fleet(self) -> None:
        """Start the worker processes and wait until all are ready."""

    @abstractmethod
    def prepare_drain(self, tasks: int) -> None:
        """Have that many `noop` tasks waiting and a fleet that is warm and not yet at them."""

    @abstractmethod
    def run_drain(self, tasks: int) -> float:
        """Let the fleet run them; returns the Unix time of the last one."""

    @abstractmethod
    def waiting(self) -> int:
        """Tasks in Redis: queued, or handed out and not acknowledged."""


@contextmanager
def workplace(site: Site) -> Iterator[tuple[Group, Path]]:
    """Workers, a folder and an empty Redis for one measurement."""
    with temporary_folder() as folder, Group(folder / "log") as workers:
        site.client.flushall()
        yield workers, folder
    site.client.flushall()
