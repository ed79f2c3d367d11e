"""Opens 2,000 waits, half long polls and half event streams, and tells what they cost and how soon they hear.

usage: waiters.py PORT PID-OF-GATEWAY
"""

import asyncio
import datetime
import json
import pathlib
import random
import re
import sys
import time

PORT, PID = int(sys.argv[1]), sys.argv[2]
WAITERS, SPREAD_MS = 2000, 20_000
lateness = []


def memory():
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{PID}/status").read_text()).group(1)) / 1024


async def ask(method, path, body=b"", accept="application/json"):
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 22)
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    return reader, writer


async def answer(method, path, body=b""):
    reader, writer = await ask(method, path, body)
    head = await reader.readuntil(b"\r\n\r\n")
    text = await reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", head).group(1)))
    writer.close()
    return json.loads(text)


async def submit(count):
    tasks = [
        {"task": "send_alert", "input": {"severity": "info", "message": f"{random.random()}"},
         "options": {"delay": f"{8000 + random.randrange(SPREAD_MS)}ms"}}
        for _ in range(count)
    ]
    return (await answer("POST", "/batch", json.dumps({"tasks": tasks}).encode()))["ids"]


def note(status):
    ended = datetime.datetime.fromisoformat(status["finished_at"].replace("Z", "+00:00")).timestamp()
    assert status["status"] == "SUCCESS", status
    lateness.append((time.time() - ended) * 1000)


async def poll(task):
    note(await answer("GET", f"/status/{task}?wait=60s"))


async def stream(task):
    reader, writer = await ask("GET", f"/status/{task}", accept="text/event-stream")
    while line := await reader.readline():
        if line.startswith(b"data: ") and b'"SUCCESS"' in line:
            return note(json.loads(line[6:]))
    raise RuntimeError("a stream ended too soon")


async def main():
    tasks = await submit(WAITERS // 2) + await submit(WAITERS // 2)
    before = memory()
    waits = [asyncio.create_task((stream if number % 2 else poll)(task)) for number, task in enumerate(tasks)]
    await asyncio.sleep(5)
    print(f"{WAITERS} waiters cost {memory() - before:.0f} MB")
    await asyncio.gather(*waits)
    ordered = sorted(lateness)
    p50, p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.95, 0.99))
    print(f"told after p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms, max {ordered[-1]:.1f} ms")


asyncio.run(main())
