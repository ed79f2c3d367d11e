"""Tests of the harness itself, with the fake entrant: `.venv/bin/python -m unittest discover tests`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from pickup import percentile  # noqa: E402
from processes import Group  # noqa: E402
from servers import site  # noqa: E402
from table import render  # noqa: E402

FAKE = HERE / "fake-taskqueue"
RUN = (sys.executable, str(HERE.parent / "run.py"), "--only", "taskqueue", "--taskqueue", str(FAKE))


def measure(*arguments: str, **environment: str) -> list[dict[str, object]]:
    """Run the harness with the fake entrant and return its lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.jsonl"
        subprocess.run([*RUN, *arguments, "--results", str(path)], check=False, timeout=120,
                       stdout=subprocess.DEVNULL, env={**os.environ, **environment})
        return [json.loads(line) for line in path.read_text().splitlines()]


def only(lines: list[dict[str, object]], name: str) -> dict[str, object]:
    """The one line of a measure."""
    found = [line for line in lines if line["measure"] == name]
    assert len(found) == 1, found
    return found[0]


class HarnessTests(unittest.TestCase):
    """What the harness must not get wrong."""

    def test_every_measure_works_and_ends_in_a_table(self) -> None:
        lines = measure("drain", "enqueue", "pickup", "--quick")
        self.assertEqual([line["error"] for line in lines if "error" in line], [])
        self.assertEqual(only(lines, "drain")["left"], 0)
        text = render(lines)
        for title in ("### Drain", "### Enqueue", "### Pickup", "### The machine"):
            self.assertIn(title, text)

    def test_a_worker_that_acknowledges_after_the_run_loses_nothing(self) -> None:
        figures = only(measure("kill", "--kill-tasks", "200", "--every", "1", "--kills", "1"), "kill")
        self.assertEqual((figures["kills"], figures["lost"], figures["left"]), (1, 0, 0))

    def test_a_worker_that_acknowledges_before_the_run_is_found_out(self) -> None:
        lines = measure("kill", "--kill-tasks", "200", "--every", "1", "--kills", "1", FAKE_LOSES="1")
        self.assertGreater(int(str(only(lines, "kill")["lost"])), 0)

    def test_a_failing_entrant_is_named_in_the_table(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder) / "broken"
            broken.write_text("#!/bin/sh\necho no such thing >&2; exit 3\n")
            broken.chmod(0o755)
            lines = measure("drain", "--quick", "--taskqueue", str(broken))
        self.assertIn("no such thing", render(lines))

    def test_an_interrupted_run_leaves_no_process(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.Popen([*RUN, "kill", "--results", f"{folder}/results.jsonl"], stdout=subprocess.DEVNULL)
            children: list[psutil.Process] = []
            deadline = time.monotonic() + 60
            while len(children) < 3 and time.monotonic() < deadline:  # Redis and two workers
                time.sleep(0.05)
                children = psutil.Process(run.pid).children(recursive=True)
            run.send_signal(signal.SIGINT)
            self.assertEqual(run.wait(timeout=30), 128 + signal.SIGINT)
        self.assertGreaterEqual(len(children), 3)
        self.assertEqual([child for child in children if child.is_running()], [])

    def test_killing_a_group_kills_the_children_of_its_processes(self) -> None:
        with Group() as group:
            process = group.spawn(["sh", "-c", "sleep 1000 & wait"])
            children: list[psutil.Process] = []
            deadline = time.monotonic() + 30
            while not children and time.monotonic() < deadline:
                children = psutil.Process(process.pid).children()
        gone, alive = psutil.wait_procs(children, timeout=10)
        self.assertEqual((len(gone), alive), (1, []))

    def test_the_proxy_delays_every_round_trip(self) -> None:
        with site(delay_ms=20) as one:
            self.assertGreaterEqual(one.rtt_ms, 20)

    def test_the_proxy_keeps_bytes_for_a_slow_reader_while_others_pass(self) -> None:
        value = os.urandom(16_000_000)
        with site(delay_ms=2) as one:
            one.client.set("big", value)
            port = int(one.url.rpartition(":")[2].partition("/")[0])
            with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
                slow.sendall(b"GET big\r\n")
                with socket.create_connection(("127.0.0.1", port), timeout=30) as quick:
                    quick.sendall(b"PING\r\n")
                    self.assertEqual(quick.recv(100), b"+PONG\r\n")
                expected = b"$%d\r\n%s\r\n" % (len(value), value)
                received = bytearray()
                while len(received) < len(expected) and (data := slow.recv(1 << 16)):
                    received += data
            self.assertEqual(received, expected)

    def test_percentiles_are_taken_from_the_ordered_values(self) -> None:
        values = [float(number) for number in range(1, 101)]
        self.assertEqual((percentile(values, 0.5), percentile(values, 0.99), percentile([3.0], 0.99)), (51, 100, 3))

    def test_the_table_shows_medians_and_ratios_to_taskqueue(self) -> None:
        about: dict[str, object] = {"run": "now", "assumption": "as said"}
        header = about | {"measure": "run", "cores": 2, "load_average": 0, "versions": {}, "delay_ms": 0, "rtt_ms": 0.1,
                          "aof": False}
        drains = [about | {"measure": "drain", "entrant": entrant, "per_second": rate}
                  for entrant, rate in (("slow", 90), ("slow", 100), ("slow", 500), ("taskqueue", 250))]
        text = render([header, *drains])
        self.assertIn("| slow | 100 | 2.50x |", text)
        self.assertIn("| taskqueue | 250 | 1.00x |", text)


if __name__ == "__main__":
    unittest.main()
