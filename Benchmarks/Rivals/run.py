#!/usr/bin/env python3
"""Compare TaskQueue with its rivals, in turns, and append one line of JSON a measurement to a file.

    python run.py --taskqueue PATH                       everything, default sizes
    python run.py drain --only sidekiq,taskqueue --taskqueue PATH --rounds 5
    python run.py drain --rtt 1ms --taskqueue PATH       one millisecond more for a round trip to Redis
    python run.py --quick                                the rivals alone, small: does it all work?
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from bench import Entrant
from drain import drain
from enqueue import enqueue
from fleets import DEFAULT, NAMES, fleets
from kills import kill
from pickup import pickup
from servers import Site, site
from taskqueue import TASKQUEUES
from yardstick import yardstick

MEASURES = ("drain", "enqueue", "pickup", "kill")
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def _stop(number: int, _: FrameType | None) -> None:
    for one in STOPS:
        signal.signal(one, signal.SIG_IGN)  # once is enough; nothing may interrupt the unwinding
    sys.exit(128 + number)  # unwinds, so everything started is killed


def _milliseconds(text: str) -> float:
    return float(text.removesuffix("ms"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"{', '.join(MEASURES)} (default: all)")
    parser.add_argument("--taskqueue", type=Path, metavar="PATH", help="a release binary that satisfies INTERFACE.md")
    parser.add_argument("--only", default="", metavar="NAME,…", help=", ".join((*TASKQUEUES, *NAMES)))
    parser.add_argument("--results", type=Path, default=Path("results.jsonl"))
    parser.add_argument("--rounds", type=int, default=3, help="of drain and enqueue; pickup and kill run once")
    parser.add_argument("--rtt", type=_milliseconds, default=0.0, metavar="1ms", help="round trip added to Redis")
    parser.add_argument("--aof", action="store_true", help="Redis appends to a file, fsync every second")
    parser.add_argument("--tasks", type=int, default=6000, help="of a drain; quicker entrants get multiples")
    parser.add_argument("--enqueues", type=int, default=2000, help="tasks, single and concurrent; in bulk multiples")
    parser.add_argument("--rate", type=float, default=100, help="pickup: tasks a second")
    parser.add_argument("--seconds", type=float, default=10, help="pickup: how long")
    parser.add_argument("--kill-tasks", type=int, default=2000)
    parser.add_argument("--every", type=float, default=2, help="seconds between kills")
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--quick", action="store_true", help="one round, small sizes: only to see that it works")
    options = parser.parse_args()
    if unknown := set(options.measures) - set(MEASURES):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    if options.quick:
        options.rounds, options.tasks, options.enqueues, options.seconds = 1, 1000, 400, 3.0
        options.kill_tasks, options.kills = 600, 2
    options.entrants = _entrants(parser, options)
    return options


def _entrants(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[Entrant]:
    names = options.only.split(",") if options.only else [*DEFAULT, *(["taskqueue"] if options.taskqueue else [])]
    rivals, entrants = fleets(delayed=options.rtt > 0), list[Entrant]()
    for name in names:
        if name in rivals:
            entrants.append(rivals[name])
        elif name in TASKQUEUES and options.taskqueue and os.access(options.taskqueue, os.X_OK):
            entrants.append(TASKQUEUES[name]((str(options.taskqueue.resolve()),)))
        else:
            parser.error(f"no entrant {name}; taskqueue needs --taskqueue with an executable file")
    return entrants


def _versions() -> dict[str, str]:
    found = {name: version(name) for name in ("celery", "dramatiq", "redis")} | {"python": platform.python_version()}
    for command in (["redis-server", "--version"], ["sidekiq", "--version"], ["ruby", "--version"]):
        try:
            done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
            found[command[0]] = done.stdout.strip()
        except (OSError, subprocess.SubprocessError):
            found[command[0]] = "not found"
    return found


class Run:
    """The measurements of one run, each appended to the results as soon as it is made."""

    def __init__(self, options: argparse.Namespace, where: Site) -> None:
        self.options, self.site = options, where
        self.id = time.strftime("%Y-%m-%dT%H:%M:%S")
        self.failures = 0

    def note(self, measure: str, figures: dict[str, object]) -> None:
        """Append one line and show it."""
        line = json.dumps({"run": self.id, "measure": measure, **figures, "delay_ms": self.site.delay_ms,
                           "rtt_ms": round(self.site.rtt_ms, 3), "aof": self.site.aof})
        with open(self.options.results, "a") as file:
            file.write(line + "\n")
        print(line, flush=True)

    def header(self) -> None:
        """Say what was run, and where."""
        self.note("run", {
            "cores": os.cpu_count(), "load_average": round(os.getloadavg()[0], 2), "versions": _versions(),
            "entrants": {one.name: one.assumption for one in self.options.entrants},
        })

    def _measure(self, name: str, entrant: Entrant) -> dict[str, object] | None:
        options = self.options
        measures: dict[str, Callable[[], dict[str, object]]] = {
            "drain": lambda: drain(entrant, self.site, options.tasks),
            "enqueue": lambda: enqueue(entrant, self.site, options.enqueues),
            "pickup": lambda: pickup(entrant, self.site, options.rate, options.seconds),
            "kill": lambda: kill(entrant, self.site, options.kill_tasks, options.every, options.kills),
        }
        return measures[name]() if name != "enqueue" or entrant.enqueues else None

    def rounds(self, name: str) -> None:
        """Everybody in turn, a yardstick before each turn; every second turn goes backwards."""
        for number in range(self.options.rounds if name in ("drain", "enqueue") else 1):
            self.note("yardstick", yardstick(self.site))
            for entrant in self.options.entrants[::-1 if number % 2 else 1]:
                about = {"entrant": entrant.name, "round": number, "assumption": entrant.assumption}
                try:
                    if figures := self._measure(name, entrant):
                        self.note(name, about | figures)
                except (OSError, RuntimeError, TimeoutError, subprocess.SubprocessError) as error:
                    self.failures += 1
                    self.note(name, about | {"error": f"{type(error).__name__}: {error}"})


def main() -> None:
    """Run what the command line asks for."""
    for number in STOPS:
        signal.signal(number, _stop)
    options = _arguments()
    with site(options.rtt, options.aof) as where:
        run = Run(options, where)
        run.header()
        for name in options.measures or MEASURES:
            run.rounds(name)
        run.note("yardstick", yardstick(where))
    sys.exit(1 if run.failures else 0)


if __name__ == "__main__":
    main()
