"""The smallest binary that satisfies INTERFACE.md, to try the harness with; its figures mean nothing.

A fetch moves a task to the worker's own list and a settlement removes it there. Workers renew a lease every second;
each looks every second for lists whose lease has ended and puts their tasks back. With FAKE_LOSES in the environment
it settles before it runs, which the kill measure must find out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import redis

QUEUE = "default"


def say(**figures: object) -> None:
    """One line of JSON."""
    print(json.dumps(figures), flush=True)


class Worker:
    """Runs tasks, `slots` at a time."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.client = redis.Redis.from_url(options.url)
        self.record = redis.Redis.from_url(options.record_url or options.url)
        self.mine = f"held:{os.getpid()}"
        self.client.sadd("workers", self.mine)
        self.renew()

    def renew(self) -> None:
        """Hold the lease, and put back what those hold whose lease has ended."""
        self.client.set(f"lease:{self.mine}", 1, px=int(self.options.lease * 1000))
        for held in map(bytes.decode, self.client.smembers("workers")):
            if not self.client.exists(f"lease:{held}"):
                while self.client.lmove(held, QUEUE, "RIGHT", "RIGHT"):
                    pass
                self.client.srem("workers", held)

    def renew_for_ever(self) -> None:
        """In the background."""
        while True:
            time.sleep(1)
            self.renew()

    def step(self) -> bool:
        """Fetch, run and settle one task; false if none came within a second."""
        raw = self.client.blmove(QUEUE, self.mine, 1, "RIGHT", "LEFT")
        if raw is None:
            return False
        if "FAKE_LOSES" in os.environ:
            self.client.lrem(self.mine, 1, raw)
        task = json.loads(raw)
        if task["task"] == "stamp":
            with open(self.options.samples, "a") as file:
                file.write(f"{time.time() - task['at']}\n")
        elif task["task"] == "record":
            time.sleep(self.options.task_ms / 1000)
            self.record.hincrby("bench:ran", str(task["id"]), 1)
        self.client.lrem(self.mine, 1, raw)
        return True


def enqueue(options: argparse.Namespace) -> None:
    """`redis-enqueue`."""
    client = redis.Redis.from_url(options.url, max_connections=64)
    tasks = [json.dumps({"task": options.task, "id": number, "name": "benchmark", "text": "x" * 60})
             for number in range(options.count)]
    client.lpush("warm", "{}")
    start = time.perf_counter()
    if options.way == "bulk":
        for first in range(0, len(tasks), options.batch):
            client.lpush(QUEUE, *tasks[first:first + options.batch])
    elif options.way == "concurrent":
        with ThreadPoolExecutor(options.concurrency) as pool:
            list(pool.map(lambda task: client.lpush(QUEUE, task), tasks))
    else:
        for task in tasks:
            client.lpush(QUEUE, task)
    seconds = time.perf_counter() - start
    stored = client.llen(QUEUE) + sum(client.llen(held) for held in client.smembers("workers"))
    say(count=options.count, seconds=seconds, rate=options.count / seconds, stored=stored)


def drain(options: argparse.Namespace) -> None:
    """`redis-drain`."""
    worker, count = Worker(options), 0
    print("ready", flush=True)
    sys.stdin.readline()
    start, cpu = time.perf_counter(), time.process_time()
    while count < options.count:
        count += worker.step()
    seconds = time.perf_counter() - start
    say(count=count, seconds=seconds, rate=count / seconds, cpu_worker_s=time.process_time() - cpu,
        rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, left=worker.client.llen(QUEUE))
    sys.stdin.read()


def pickup(options: argparse.Namespace) -> None:
    """`redis-pickup`."""
    client, count = redis.Redis.from_url(options.url), int(options.rate * options.seconds)
    client.lpush("warm", "{}")
    start = time.time()
    for number in range(count):
        time.sleep(max(0.0, start + number / options.rate - time.time()))
        client.lpush(QUEUE, json.dumps({"task": "stamp", "id": number, "at": time.time()}))
    say(count=count, seconds=time.time() - start)


def work(options: argparse.Namespace) -> None:
    """`redis-worker`."""
    worker = Worker(options)

    def slot() -> None:
        while True:
            worker.step()

    slots = [threading.Thread(target=slot, daemon=True) for _ in range(options.slots)]
    for one in slots:
        one.start()
    print("ready", flush=True)
    worker.renew_for_ever()


def main() -> None:
    """Parse as INTERFACE.md says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=("redis-enqueue", "redis-drain", "redis-pickup", "redis-worker"))
    parser.add_argument("way", nargs="?", choices=("single", "concurrent", "bulk"))
    parser.add_argument("--url", required=True)
    for name, default in (("--task", "noop"), ("--samples", ""), ("--record-url", "")):
        parser.add_argument(name, default=default)
    for name, default in (("--count", 0), ("--concurrency", 64), ("--batch", 1000), ("--slots", 10)):
        parser.add_argument(name, type=int, default=default)
    for name, default in (("--rate", 100), ("--seconds", 1), ("--task-ms", 20), ("--lease", 5)):
        parser.add_argument(name, type=float, default=default)
    options = parser.parse_args()
    commands = {"redis-enqueue": enqueue, "redis-drain": drain, "redis-pickup": pickup, "redis-worker": work}
    commands[options.command](options)


if __name__ == "__main__":
    main()
