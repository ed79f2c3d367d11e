"""Celery's application: its safe settings, tuned. Worker: `celery -A celery_app worker`."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from celery import Celery, group

import tasks
from producer import Payload, main

_restore = float(os.environ.get("BENCH_RESTORE_SECONDS", "3600"))  # Celery's default
_backend = os.environ.get("BENCH_BACKEND") or None
app = Celery("bench", broker=os.environ["BENCH_REDIS"], backend=_backend)
app.conf.update(
    # Safe: a task leaves Redis when it is done, not when it is handed out.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=_backend is None,
    task_serializer="json",
    accept_content=["json"],
    result_serializer="json",
    # Quick: fetch ahead, one list instead of four priorities, no events or remote control.
    worker_prefetch_multiplier=int(os.environ.get("BENCH_PREFETCH", "4")),
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    broker_pool_limit=int(os.environ.get("BENCH_POOL", "10")),
    broker_transport_options={
        "priority_steps": [0],
        "visibility_timeout": _restore,
        # Look for what dead workers held as often as that time asks, not every 100 s.
        **({"unacked_restore_interval": 1, "unacked_restore_throttle": 1, "unacked_mutex_expire": 5}
           if _restore < 60 else {}),
    },
    # Quick, with results: no look at the tables before each store.
    database_create_tables_at_setup=True,
    database_short_lived_sessions=False,
)

noop = app.task(name="noop")(tasks.noop)
warm = app.task(name="warm")(tasks.noop)
stamp = app.task(name="stamp")(tasks.stamp)
record = app.task(name="record")(tasks.record)
TASKS = {"noop": noop, "warm": warm, "stamp": stamp, "record": record}


def send(name: str, payload: Payload) -> object:
    """Enqueue one task and wait until Redis has it."""
    return TASKS[name].apply_async((payload,))


def bulk_batch(name: str, payloads: list[Payload]) -> None:
    """One connection held for all, a thousand messages in one pipeline."""
    with app.producer_pool.acquire(block=True) as producer, producer.batch(1000):
        for payload in payloads:
            TASKS[name].apply_async((payload,), producer=producer)


def bulk_group(name: str, payloads: list[Payload]) -> None:
    """A canvas group, a thousand at a time."""
    for first in range(0, len(payloads), 1000):
        group(TASKS[name].s(one) for one in payloads[first:first + 1000]).apply_async()


def bulk_threads(name: str, payloads: list[Payload]) -> None:
    """Eight threads, each with its own connection and pipeline."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda first: bulk_batch(name, payloads[first::8]), range(8)))


if __name__ == "__main__":
    main(send, {"batch": bulk_batch, "group": bulk_group, "threads8": bulk_threads})
