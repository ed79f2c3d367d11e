"""Process groups that never outlive their measurement."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import psutil

Process = subprocess.Popen[bytes]


class Group:
    """Processes started together, each leading its own process group.

    What they write to standard error goes to the file `log`, whose end is part of the error when one fails.
    """

    def __init__(self, log: Path | None = None) -> None:
        self.processes: list[Process] = []
        self._log = log

    def spawn(self, command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None,
              talks: bool = False, user: str | None = None) -> Process:
        """Start a process; one that `talks` has pipes as standard input and output."""
        with open(self._log or os.devnull, "ab") as log:
            process = subprocess.Popen(
                command, env=dict(env) if env else None, cwd=cwd, start_new_session=True, bufsize=0,
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else subprocess.DEVNULL, stderr=log,
                user=user, group=user, extra_groups=[] if user else None)
        self.processes.append(process)
        return process

    def kill_one(self, process: Process) -> None:
        """kill -9 one process with every child it has, and forget it."""
        for member in _tree(process):
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        self.processes.remove(process)

    def kill(self) -> None:
        """kill -9 everything that is left."""
        for process in list(self.processes):
            self.kill_one(process)

    def check(self) -> None:
        """Raise if a process ended by itself: a dead fleet would hang the wait."""
        for process in self.processes:
            if process.poll() is not None:
                raise RuntimeError(f"{process.args!r} ended with {process.returncode}: {self.last_words()}")

    def last_words(self) -> str:
        """The end of the log."""
        return self._log.read_text(errors="replace")[-800:].strip() if self._log and self._log.exists() else ""

    def read_line(self, process: Process, seconds: float) -> str:
        """The next line of a process that talks."""
        if process.stdout is None:
            raise ValueError("the process does not talk")
        line, deadline = b"", time.monotonic() + seconds
        while not line.endswith(b"\n"):
            if not select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError(f"{process.args!r} wrote no line in {seconds} s: {self.last_words()}")
            byte = process.stdout.read(1)  # byte by byte, so that no later line is taken along
            if not byte:
                process.wait(timeout=10)
                raise RuntimeError(f"{process.args!r} ended with {process.returncode}: {self.last_words()}")
            line += byte
        return line.decode().strip()

    def cpu_seconds(self) -> float:
        """User and system time of every process and child now alive."""
        total = 0.0
        for member in self._members():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = member.cpu_times()
                total += times.user + times.system
        return total

    def rss_mb(self) -> float:
        """Resident memory of every process and child, in MB (shared pages counted each time)."""
        total = 0
        for member in self._members():
            with contextlib.suppress(psutil.NoSuchProcess):
                total += member.memory_info().rss
        return total / 1e6

    def _members(self) -> list[psutil.Process]:
        return [member for process in self.processes for member in _tree(process)]

    def __enter__(self) -> Group:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.kill()


def _tree(process: Process) -> list[psutil.Process]:
    try:
        root = psutil.Process(process.pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


class PeakMemory:
    """Samples a group's resident memory twice a second in the background."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.peak_mb = group.rss_mb()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        while not self._stop.wait(0.5):
            self.peak_mb = max(self.peak_mb, self.group.rss_mb())

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self.peak_mb = max(self.peak_mb, self.group.rss_mb())
