#!/usr/bin/env python3
"""Render the last run of a results file as Markdown tables: `table.py [results.jsonl]`.

A figure is the median over the rounds. The column "TaskQueue /" behind a figure is TaskQueue's divided by the row's, so
2.0x means that TaskQueue does twice as much, takes twice as long or uses twice as much.
"""

from __future__ import annotations

import json
import signal
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path

Line = dict[str, object]

YARDSTICKS = {
    "lpush_pipelined_16": "redis-benchmark -P 16 -t lpush, requests/s",
    "set_64_clients": "redis-benchmark -P 1 -c 64 -t set, requests/s",
    "json_loop": "fixed JSON loop (Python), documents/s",
    "round_trip_ms": "round trip to Redis as the workers see it (PING), ms",
    "proxy_lpush_pipelined_16": "the same lpush through the delay proxy: what the proxy lets through",
    "proxy_set_64_clients": "the same set through the delay proxy",
}


def _number(line: Line, name: str) -> float | None:
    value = line.get(name)
    return float(value) if isinstance(value, int | float) else None


def _median(lines: Iterable[Line], name: str) -> float | None:
    values = [value for line in lines if (value := _number(line, name)) is not None]
    return statistics.median(values) if values else None


def _show(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _ratio(ours: float | None, theirs: float | None) -> str:
    return f"{ours / theirs:.2f}x" if ours is not None and theirs else "-"


def _reference(entrant: str) -> str:
    """The TaskQueue that does the same work."""
    return "taskqueue-postgres" if entrant.endswith("-postgres") else "taskqueue"


class Table:
    """The lines of one measure, by entrant in the order they first came."""

    def __init__(self, lines: list[Line], measure: str) -> None:
        self.lines: dict[str, list[Line]] = {}
        for line in lines:
            if line["measure"] == measure:
                self.lines.setdefault(str(line["entrant"]), []).append(line)

    def render(self, title: str, columns: dict[str, tuple[str, int]], compared: frozenset[str]) -> str:
        """A Markdown table: field -> (heading, digits); those compared get a ratio to TaskQueue beside them."""
        if not self.lines:
            return ""
        heads = ["", *(head for field, (name, _) in columns.items()
                       for head in ([name, "TaskQueue /"] if field in compared else [name])), "assumes"]
        rows = [heads, ["---"] + ["---:"] * (len(heads) - 2) + ["---"]]
        for entrant, lines in self.lines.items():
            row = [entrant]
            for field, (_, digits) in columns.items():
                value = _median(lines, field)
                row.append(_show(value, digits))
                if field in compared:
                    row.append(_ratio(_median(self.lines.get(_reference(entrant), []), field), value))
            rows.append([*row, str(lines[0]["assumption"])])
        body = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        errors = [f"- {entrant}: {line['error']}".replace("\n", " ")
                  for entrant, lines in self.lines.items() for line in lines if "error" in line]
        return f"### {title}\n\n{body}\n" + ("\nFailed:\n\n" + "\n".join(errors) + "\n" if errors else "")


def _yardsticks(lines: list[Line]) -> str:
    marks = [line for line in lines if line["measure"] == "yardstick"]
    rows = ["| Yardstick | lowest | median | highest |", "| --- | ---: | ---: | ---: |"]
    for field, name in YARDSTICKS.items():
        if values := [value for line in marks if (value := _number(line, field)) is not None]:
            digits = 2 if field.endswith("_ms") else 0
            shown = [_show(value, digits) for value in (min(values), statistics.median(values), max(values))]
            rows.append(f"| {name} | {' | '.join(shown)} |")
    return f"### The machine during the run ({len(marks)} times)\n\n" + "\n".join(rows) + "\n"


def _head(header: Line) -> str:
    versions = header["versions"]
    if not isinstance(versions, dict):
        raise ValueError("a run without versions")
    said = "; ".join(f"{name} {text}" for name, text in versions.items())
    delay = f"{header['delay_ms']} ms added to the round trip, " if header["delay_ms"] else ""
    stored = "AOF, fsync every second" if header["aof"] else "no persistence"
    return (f"## Run {header['run']}\n\n{header['cores']} cores, load average {header['load_average']} at the start; "
            f"round trip to Redis {header['rtt_ms']} ms ({delay}{stored}). {said}.\n")


def render(lines: list[Line]) -> str:
    """The last run as Markdown."""
    headers = [line for line in lines if line["measure"] == "run"]
    if not headers:
        raise ValueError("no run in the file")
    run = [line for line in lines if line["run"] == headers[-1]["run"]]
    parts = [
        _head(headers[-1]),
        Table(run, "drain").render(
            "Drain: a warm fleet empties a backlog of no-op tasks",
            {"per_second": ("tasks/s", 0), "worker_cpu_s_per_1000": ("worker CPU s per 1,000", 3),
             "redis_cpu_s_per_1000": ("Redis CPU s per 1,000", 4), "rss_mb": ("workers' RSS, MB", 0),
             "proxy_core_share": ("proxy, cores", 2), "tasks": ("tasks", 0), "left": ("left", 0)},
            frozenset(("per_second", "worker_cpu_s_per_1000", "redis_cpu_s_per_1000", "rss_mb"))),
        Table(run, "enqueue").render(
            "Enqueue: one producer process, each call returns once Redis has the task",
            {"single_per_second": ("single/s", 0), "concurrent_per_second": ("64 at once/s", 0),
             "bulk_per_second": ("bulk/s", 0)},
            frozenset(("single_per_second", "concurrent_per_second", "bulk_per_second"))),
        Table(run, "pickup").render(
            "Pickup: from the call that enqueues to the start, on an idle fleet",
            {"p50_ms": ("p50 ms", 2), "p99_ms": ("p99 ms", 2), "max_ms": ("max ms", 1), "rate": ("tasks/s offered", 0)},
            frozenset(("p50_ms", "p99_ms"))),
        Table(run, "kill").render(
            "kill -9 of a worker every few seconds: what is lost, what runs twice",
            {"lost": ("lost", 0), "duplicated": ("run twice", 0), "left": ("still in Redis", 0), "tasks": ("tasks", 0),
             "kills": ("kills", 0), "slots": ("at a time", 0), "task_ms": ("each ms", 0), "seconds": ("seconds", 0)},
            frozenset()),
        _yardsticks(run),
    ]
    return "\n".join(part for part in parts if part)


def main() -> None:
    """Read the file, print the tables."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "results.jsonl")
    print(render([json.loads(line) for line in path.read_text().splitlines() if line]))


if __name__ == "__main__":
    main()
