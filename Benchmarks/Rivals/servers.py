"""Private servers of a run: started on a free port of the loopback, stopped and removed after."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import redis

from processes import Group

HERE = Path(__file__).resolve().parent
POSTGRES_FOLDERS = (Path("/usr/lib/postgresql/15/bin"), Path("/usr/local/bin"), Path("/usr/bin"))


@dataclass(frozen=True)
class Site:
    """The Redis everybody uses in turn; `url` leads through the added delay, `direct_url` does not."""

    url: str
    direct_url: str
    client: redis.Redis
    proxy: Group
    delay_ms: float
    rtt_ms: float
    aof: bool

    def redis_cpu_seconds(self) -> float:
        """User and system time Redis has used."""
        usage = self.client.info("cpu")
        return float(usage["used_cpu_user"]) + float(usage["used_cpu_sys"])


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="rivals-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(port: int, group: Group, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        group.check()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port} after {seconds} s")


def round_trip_ms(url: str) -> float:
    """The median of a hundred PINGs."""
    with redis.Redis.from_url(url) as client:
        times = []
        for _ in range(101):
            start = time.perf_counter()
            client.ping()
            times.append((time.perf_counter() - start) * 1000)
        return statistics.median(times[1:])


@contextmanager
def site(delay_ms: float = 0, aof: bool = False) -> Iterator[Site]:
    """Run a private Redis without snapshots, and the delay proxy before it if there is a delay.

    `delay_ms` is the round trip added; `aof` appends to a file with fsync every second.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        direct, server = _free_port(), stack.enter_context(Group(folder / "log"))
        server.spawn(["redis-server", "--port", str(direct), "--bind", "127.0.0.1", "--dir", str(folder),
                      "--save", "", "--appendonly", "yes" if aof else "no", "--appendfsync", "everysec",
                      "--loglevel", "warning"])
        _wait_for_port(direct, server)
        port, proxy = direct, stack.enter_context(Group(folder / "proxy-log"))
        if delay_ms:
            port = _free_port()
            proxy.spawn([sys.executable, str(HERE / "delay_proxy.py"), str(port), str(direct), str(delay_ms / 2)])
            _wait_for_port(port, proxy)
        client = stack.enter_context(redis.Redis(port=direct))
        url = f"redis://127.0.0.1:{port}/0"
        yield Site(url, f"redis://127.0.0.1:{direct}/0", client, proxy, delay_ms, round_trip_ms(url), aof)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a private PostgreSQL with its default durability; yields user@host:port/database.

    PostgreSQL refuses to run as root, so root steps down to `postgres`.
    """
    binaries = next((one for one in POSTGRES_FOLDERS if (one / "initdb").exists()), None)
    if binaries is None:
        raise RuntimeError("initdb not found: install postgresql-15")
    with temporary_folder() as folder, Group(folder / "log") as group:
        user, port, data = None, _free_port(), folder / "data"
        if os.geteuid() == 0:
            user, owner = "postgres", pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            check=True, stdout=subprocess.DEVNULL, timeout=60, cwd=folder, user=user, group=user,
            extra_groups=[] if user else None)
        server = group.spawn(
            [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1",
             "-c", f"unix_socket_directories={folder}", "-c", "log_min_messages=fatal"], cwd=folder, user=user)
        try:
            _wait_for_port(port, group)
            yield f"bench@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: gives its shared memory back
            with suppress(subprocess.TimeoutExpired):  # then the group kills it
                server.wait(timeout=10)
