"""Dramatiq's application. Worker: `dramatiq dramatiq_app`."""

from __future__ import annotations

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Callbacks, Pipelines, Retries, ShutdownNotifications, TimeLimit

import tasks
from producer import Payload, main

# The default middleware without Prometheus, which only costs here.
_restore = float(os.environ.get("BENCH_RESTORE_SECONDS", "60"))  # Dramatiq's default
broker = RedisBroker(
    url=os.environ["BENCH_REDIS"],
    heartbeat_timeout=int(_restore * 1000),
    # How many in a million commands look for what dead workers held: more often if that time is short.
    maintenance_chance=1000 if _restore >= 60 else 100_000,
    middleware=[AgeLimit(), TimeLimit(), ShutdownNotifications(), Callbacks(), Pipelines(), Retries()],
)
dramatiq.set_broker(broker)

noop = dramatiq.actor(tasks.noop, actor_name="noop")
warm = dramatiq.actor(tasks.noop, actor_name="warm")
stamp = dramatiq.actor(tasks.stamp, actor_name="stamp")
record = dramatiq.actor(tasks.record, actor_name="record")
ACTORS = {"noop": noop, "warm": warm, "stamp": stamp, "record": record}


def send(name: str, payload: Payload) -> object:
    """Enqueue one message and wait until Redis has it."""
    return ACTORS[name].send(payload)


def bulk_join(name: str, payloads: list[Payload]) -> None:
    """Dramatiq has no bulk call: messages are made first, then enqueued one by one."""
    for message in [ACTORS[name].message(payload) for payload in payloads]:
        broker.enqueue(message)


if __name__ == "__main__":
    main(send, {"join": bulk_join})
