"""Measure predict_image through the real programs: a private Redis on a free port, one worker, results in Redis.

    system.py [--tasks N] [--resnet FILE] PROGRAMS

PROGRAMS is the folder of worker, enqueue and queuectl. Four parts: the shipped model at full load beside the bare model,
its latency at 100 tasks a second, a large network beside the bare engine (only with --resnet), and versions that are
switched, split and rolled back under load. Processor time leaves out waiting for a core, so it is the figure to trust
on a machine that others use too. Exits 1 if any task fails or a split is off.
"""

import argparse
import base64
import datetime
import glob
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager

MODELS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "models")
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def bare_seconds(command):
    """Processor time of a command."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


class System:
    """Redis, a worker and the commands, on settings of their own."""

    def __init__(self, programs, folder, models, **settings):
        self.programs, self.folder = programs, folder
        self.port, health = free_port(), free_port()
        self.metrics_url = f"http://127.0.0.1:{health}/metrics"
        self.environment = {**os.environ, "TASKQUEUE_BROKER_URL": f"redis://127.0.0.1:{self.port}",
                            "TASKQUEUE_SENSORS_PATH": f"{folder}/readings.sqlite", "TASKQUEUE_MODELS_FOLDER": models,
                            "TASKQUEUE_IMAGES_CACHE_BYTES_MAX": "0", "TASKQUEUE_LOG_LEVEL": "warning",
                            "TASKQUEUE_IMAGES_ALLOWED_PREFIXES": f"file:{os.path.realpath(MODELS)}/",
                            "TASKQUEUE_WORKER_HEALTH_LISTEN": f"127.0.0.1:{health}", **settings}
        self.environment.pop("OPENBLAS_CORETYPE", None)
        self.worker = None

    def __enter__(self):
        self.redis = subprocess.Popen(["redis-server", "--port", str(self.port), "--save", "", "--dir", self.folder,
                                       "--maxmemory-policy", "noeviction"], stdout=subprocess.DEVNULL)
        self.wait(lambda: socket.create_connection(("127.0.0.1", self.port), 1).close() or True)
        self.worker = subprocess.Popen([f"{self.programs}/worker"], env=self.environment, cwd=self.folder)
        self.wait(lambda: self.metrics() is not None)
        return self

    def __exit__(self, *_):
        for process in (self.worker, self.redis):
            process.terminate()
            process.wait()

    def wait(self, condition, seconds=600):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.worker and self.worker.poll() is not None:
                self.redis.kill()
                sys.exit(f"the worker ended with {self.worker.returncode}")
            try:
                if condition():
                    return
            except OSError:
                pass
            time.sleep(0.02)
        sys.exit("nothing happened for too long")

    def run(self, program, *arguments, lines=None):
        text = None if lines is None else "\n".join(map(json.dumps, lines))
        done = subprocess.run([f"{self.programs}/{program}", *arguments], input=text, env=self.environment,
                              cwd=self.folder, text=True, check=True, stdout=subprocess.PIPE)
        return done.stdout

    def enqueue(self, inputs):
        self.run("enqueue", "predict_image", "--batch", "-", lines=inputs)

    def metrics(self):
        with urllib.request.urlopen(self.metrics_url, timeout=10) as answer:
            return answer.read().decode()

    def total(self, name, **labels):
        """The sum of a metric's samples that have these labels."""
        sums = 0.0
        for line in self.metrics().splitlines():
            if re.match(rf"{name}[{{ ]", line) and all(f'{k}="{v}"' in line for k, v in labels.items()):
                sums += float(line.rsplit(" ", 1)[1])
        return sums

    def ended(self):
        return self.total("taskqueue_tasks_total")

    def usage(self):
        return time.monotonic(), processor_seconds(self.worker.pid), processor_seconds(self.redis.pid), self.ended()

    def drain(self, count):
        """Rate and processor milliseconds a task (worker, Redis) over the tasks that are queued now."""
        target = self.ended() + count
        self.run("queuectl", "resume", "default")
        self.wait(lambda: self.ended() > target - count)
        start = self.usage()
        self.wait(lambda: self.ended() >= target)
        end = self.usage()
        wall, worker, redis, tasks = (b - a for a, b in zip(start, end))
        return tasks / wall, worker / tasks * 1000, redis / tasks * 1000

    def measure(self, inputs):
        self.run("queuectl", "pause", "default")
        self.enqueue(inputs)
        return self.drain(len(inputs))

    def failures(self):
        lost = self.total("taskqueue_tasks_total") - self.total("taskqueue_tasks_total", state="SUCCESS")
        return int(lost + self.total("taskqueue_retries_total"))


def pictures():
    return sorted(glob.glob(f"{os.path.realpath(MODELS)}/fish/held-out/*/*.jpg"))


def inline(path):
    with open(path, "rb") as file:
        return {"image": base64.b64encode(file.read()).decode()}


def cycled(items, count):
    return [items[i % len(items)] for i in range(count)]


def shipped(programs, folder, tasks):
    inputs = cycled([inline(path) for path in pictures()], tasks)
    queuectl = f"{programs}/queuectl"

    def bare():
        evaluate = bare_seconds([queuectl, "model", "evaluate", "--images", f"{MODELS}/fish/held-out"])
        return (evaluate - bare_seconds([queuectl, "model", "inspect", f"{MODELS}/fish/v1/model.onnx"])) * 1000 / 360

    os.environ["TASKQUEUE_MODELS_FOLDER"] = os.path.realpath(MODELS)
    with System(programs, folder, os.path.realpath(MODELS), TASKQUEUE_MODELS_PRELOAD="fish") as system:
        rows = []
        for _ in range(3):
            alone = bare()
            rows.append((*system.measure(inputs), (alone + bare()) / 2))
        rate, worker, redis, alone = (sorted(column)[1] for column in zip(*rows))
        print(f"shipped model, {tasks} tasks three times: {rate:.0f} predictions/s; processor ms each: bare model "
              f"{alone:.2f}, worker {worker:.2f}, Redis {redis:.2f}; the system around the model {worker + redis - alone:.2f}",
              flush=True)
        latency(system, inputs)
        failures = system.failures()
        deadline(system, inputs)
        return failures


def waited(system, count):
    """Milliseconds from enqueued to finished of the last tasks that succeeded, sorted."""
    took = []
    lines = system.run("queuectl", "list", "--json", "--state", "SUCCESS", "--limit", str(count)).splitlines()
    for record in map(json.loads, lines):
        ends = [datetime.datetime.fromisoformat(record[key]) for key in ("enqueued_at", "finished_at")]
        took.append((ends[1] - ends[0]).total_seconds() * 1000)
    return sorted(took)


def deadline(system, inputs):
    """More than can be done in time: what is answered is answered in time, the rest is revoked unstarted."""
    before = {state: system.total("taskqueue_tasks_total", state=state) for state in ("SUCCESS", "REVOKED")}
    start = system.ended()
    many = cycled(inputs, 9000)
    system.run("queuectl", "pause", "default")
    system.run("enqueue", "predict_image", "--batch", "-", "--expires", "2s", lines=many)
    system.run("queuectl", "resume", "default")
    system.wait(lambda: system.ended() >= start + len(many))
    done, revoked = (int(system.total("taskqueue_tasks_total", state=state) - before[state]) for state in before)
    took = waited(system, done)
    print(f"{len(many)} tasks at once with a deadline of 2 s: {done} answered, {revoked} revoked unstarted; of those "
          f"answered p50 {took[len(took) // 2]:.0f} ms, p99 {took[int(len(took) * 0.99)]:.0f} ms", flush=True)


def latency(system, inputs, seconds=20):
    begin = time.monotonic()
    for step in range(seconds * 10):
        system.enqueue(inputs[step * 10:step * 10 + 10] or inputs[:10])
        time.sleep(max(0, begin + (step + 1) / 10 - time.monotonic()))
    rate = seconds * 10 * 10 / (time.monotonic() - begin)
    system.wait(lambda: all(json.loads(line)["ready"] == 0 and json.loads(line)["processing"] == 0
                            for line in system.run("queuectl", "queues", "--json").splitlines()))
    took = waited(system, seconds * 100)
    print(f"at {rate:.0f} tasks/s, ten at a time: enqueued to finished p50 {took[len(took) // 2]:.1f} ms, "
          f"p99 {took[int(len(took) * 0.99)]:.1f} ms of {len(took)}", flush=True)


def resnet(programs, folder, network, tasks=300):
    models = f"{folder}/models"
    target = f"{models}/resnet50/v1"
    os.makedirs(target)
    shutil.copy(network, f"{target}/model.onnx")
    with open(network, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    manifest = {"name": "resnet50", "version": "v1", "file": "model.onnx", "sha256": digest, "opset": 17,
                "labels": [f"class {i}" for i in range(1000)], "output": "logits",
                "preprocessing": {"width": 224, "height": 224, "resize": "crop", "shorter_side": 256, "layout": "NCHW",
                                  "colour": "RGB", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}
    with open(f"{target}/manifest.json", "w") as file:
        json.dump(manifest, file)
    engine = subprocess.Popen([f"{programs}/queuectl", "model", "time", "--on-request", "--shape", "1,3,224,224", network],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env={k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"})
    engine.stdout.readline()

    def bare(rounds=40):
        samples = []
        for _ in range(rounds):
            engine.stdin.write("2\n")
            engine.stdin.flush()
            samples.append([float(x) for x in engine.stdout.readline().split()[:2]])
        clock, processor = (sum(column) / rounds for column in zip(*samples))
        return 2000 / clock, processor / 2

    inputs = cycled([inline(path) for path in pictures()], tasks)
    with System(programs, folder, models, TASKQUEUE_MODELS_NAME="resnet50", TASKQUEUE_MODELS_PRELOAD="resnet50") as system:
        rows = []
        for _ in range(3):
            before = bare()
            rate, worker, redis = system.measure(inputs)
            after = bare()
            alone = (before[0] + after[0]) / 2, (before[1] + after[1]) / 2
            rows.append((rate, alone[0], rate / alone[0], worker + redis, alone[1], alone[1] / (worker + redis)))
        rate, alone, ratio, cost, bare_cost, cost_ratio = (sorted(column)[1] for column in zip(*rows))
        print(f"ResNet-50: {rate:.1f} predictions/s through the system, bare engine two at once {alone:.1f}/s, ratio "
              f"{ratio:.2f}; processor ms each {cost:.1f} and {bare_cost:.1f}, ratio {cost_ratio:.2f}", flush=True)
        engine.stdin.close()
        engine.wait()
        return system.failures()


def serve(models, plan):
    with open(f"{models}/fish/serving.json.new", "w") as file:
        json.dump(plan, file)
    os.replace(f"{models}/fish/serving.json.new", f"{models}/fish/serving.json")


def publish(models, version, damaged=False):
    shutil.copytree(f"{MODELS}/fish/v1", f"{models}/fish/.{version}")
    manifest = f"{models}/fish/.{version}/manifest.json"
    with open(manifest) as file:
        text = file.read().replace('"v1"', f'"{version}"')
    with open(manifest, "w") as file:
        file.write(text)
    if damaged:
        with open(f"{models}/fish/.{version}/model.onnx", "r+b") as file:
            file.truncate(1000)
    os.rename(f"{models}/fish/.{version}", f"{models}/fish/{version}")


def switching(programs, folder, tasks):
    models = f"{folder}/models"
    for version in ("v1", "v2"):
        publish(models, version)
    serve(models, {"split": {"v1": 0.7, "v2": 0.3}})
    references = [{"image_url": f"file:{path}"} for path in pictures()]
    flawed = 0
    with System(programs, folder, models) as system:
        inputs = [{**item, "split_key": f"tank {i}"} for i, item in enumerate(cycled(references, tasks))]
        system.measure(inputs)
        counts = {v: int(system.total("ml_predictions_total", version=v)) for v in ("v1", "v2")}
        share = counts["v2"] / tasks
        flawed += abs(share - 0.3) > 0.02 or sum(counts.values()) != tasks
        print(f"A/B over {tasks} tasks: {counts}, v2 has {share:.3f} of wanted 0.300", flush=True)

        system.run("queuectl", "pause", "default")
        system.enqueue(cycled(references, 3 * tasks))
        system.run("queuectl", "resume", "default")
        target, turns = 4 * tasks, 0
        while system.ended() < target:
            turns += 1
            if turns == 3:
                publish(models, "v3", damaged=True)
                serve(models, {"latest": "v3"})
            else:
                serve(models, {"latest": ("v1", "v2")[turns % 2]})
            # A worker looks once a second.
            time.sleep(1.1)
        final = {v: int(system.total("ml_predictions_total", version=v)) for v in ("v1", "v2", "v3")}
        moved = {v: final[v] - counts.get(v, 0) for v in final}
        failed = system.failures()
        flawed += failed > 0 or final["v3"] > 0
        print(f"{turns} switches, one to a damaged version, over {3 * tasks} tasks under load: answered by {moved}, "
              f"{failed} failed or retried", flush=True)
    return flawed


@contextmanager
def temporary_folder():
    folder = tempfile.mkdtemp(prefix="taskqueue-system-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=10000)
    parser.add_argument("--resnet")
    parser.add_argument("--only", choices=["shipped", "resnet", "switching"])
    parser.add_argument("programs")
    arguments = parser.parse_args()
    programs = os.path.realpath(arguments.programs)
    flawed = 0
    print("load", os.getloadavg(), "cores", os.cpu_count())
    if arguments.only in (None, "shipped"):
        with temporary_folder() as folder:
            flawed += shipped(programs, folder, min(arguments.tasks, 3000))
    if arguments.resnet and arguments.only in (None, "resnet"):
        with temporary_folder() as folder:
            flawed += resnet(programs, folder, os.path.realpath(arguments.resnet))
    if arguments.only in (None, "switching"):
        with temporary_folder() as folder:
            flawed += switching(programs, folder, arguments.tasks)
    sys.exit(1 if flawed else 0)


if __name__ == "__main__":
    main()
