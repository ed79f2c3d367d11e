"""The rivals compared, each with its best safe settings; README.md says why these."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rival import Rival

BIN = Path(sys.executable).parent
CORES = os.cpu_count() or 1

ACKED = "at least once: a task leaves Redis after it ran"
UNACKED = "at most once: the fetch is unacknowledged (BRPOP), a killed worker loses what it runs"


def _celery(name: str, pool: str, processes: int, slots: int, prefetch: int, note: str, *,
            enqueues: bool = False, results: bool = False) -> Rival:
    worker = (str(BIN / "celery"), "-A", "celery_app", "worker", "--loglevel", "ERROR", "--without-gossip",
              "--without-mingle", "--without-heartbeat", *pool.split())
    runners = processes * slots if "prefork" in pool else processes
    stored = "results in PostgreSQL" if results else "results ignored"
    return Rival(
        name, worker, processes, runners, processes * slots, "celery", "unacked",
        (sys.executable, "celery_app.py"), ("batch", "group", "threads8"),
        f"{ACKED} (acks_late, reject_on_worker_lost); {stored}; {note}; prefetch multiplier {prefetch}",
        enqueues=enqueues, results=results, env={"BENCH_PREFETCH": str(prefetch)})


def _dramatiq(name: str, processes: int, threads: int, prefetch: int) -> Rival:
    worker = (str(BIN / "dramatiq"), "dramatiq_app", "--processes", str(processes),
              "--threads", str(threads), "--use-spawn")
    return Rival(
        name, worker, 1, processes, processes * threads, "dramatiq:default", "dramatiq:__acks__*default",
        (sys.executable, "dramatiq_app.py"), ("join",),
        f"{ACKED}; {processes} processes x {threads} threads; prefetch {prefetch}; idle poll 20 ms", scale=2,
        env={"dramatiq_queue_prefetch": str(prefetch), "dramatiq_worker_timeout": "20"})


def _sidekiq(name: str, processes: int, threads: int) -> Rival:
    worker = ("sidekiq", "-r", "./sidekiq_app.rb", "-c", str(threads), "-q", "default", "-e", "production")
    return Rival(
        name, worker, processes, processes, processes * threads, "queue:default", "",
        ("ruby", "sidekiq_app.rb"), ("push_bulk",),
        f"{UNACKED}; {processes} processes x {threads} threads", scale=5,
        env={"RUBYOPT": "-W:no-experimental"})


def fleets(delayed: bool) -> dict[str, Rival]:
    """The rivals by name; with a delay to Redis, what is best changes, because each worker mostly waits for it."""
    processes = CORES * (4 if delayed else 1)
    return {rival.name: rival for rival in (
        _celery("celery-prefork", "--pool prefork --concurrency 1", processes, 1, 64,
                f"{processes} prefork parents with a child each"),
        _celery("celery-solo", "--pool solo", processes, 1, 32, f"{processes} solo processes", enqueues=True),
        _celery("celery-threads", "--pool threads --concurrency 5", processes, 5, 16,
                f"{processes} processes x 5 threads"),
        _dramatiq("dramatiq", CORES, 8 if delayed else 4, 200),
        # From Debian, 6.4; its fetch that acknowledges is not part of the open edition.
        _sidekiq("sidekiq", CORES, 25 if delayed else 10),
        _celery("celery-prefork1", f"--pool prefork --concurrency {processes}", 1, processes, 64,
                f"one prefork parent with {processes} children"),
        # Celery pools its database connections only in forked children; solo opens one for every result.
        _celery("celery-postgres", "--pool prefork --concurrency 4", processes, 4, 64,
                f"{processes} prefork parents with four children each", results=True),
    )}


NAMES = tuple(fleets(delayed=False))
DEFAULT = tuple(name for name in NAMES if name not in ("celery-prefork1", "celery-postgres"))
