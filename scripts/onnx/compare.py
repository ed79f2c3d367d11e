"""Compare a model tool with onnxruntime: the same models and inputs, one thread each, taking turns in one run.

    compare.py [--rounds N] TOOL MODEL...

TOOL is a command line that takes `run` and `time`, such as "queuectl model". Times are medians over the rounds; a ratio
is the median of the rounds' own ratios, so that what else the machine does meets both sides. "of best" compares the
shortest times of all rounds, "processor" the processor time, which leaves out waiting for a core. Peak memory is that of each whole process, model loaded and run;
onnxruntime's includes the Python that hosts it.
"""

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

SHAPE = (1, 3, 224, 224)


class Side:
    """A process that measures a run for each line it reads: the number of threads in; milliseconds on the clock, of
    processor time, and KiB out."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.greeting = self.process.stdout.readline().strip()

    def measure(self, threads=1):
        self.process.stdin.write(f"{threads}\n")
        self.process.stdin.flush()
        clock, processor, kib = map(float, self.process.stdout.readline().split())
        self.mib = kib / 1024
        return clock, processor

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def serve(model):
    """The process of onnxruntime's side."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: np.zeros(SHAPE, np.float32)}
    session.run(None, feed)
    print(f"onnxruntime {onnxruntime.__version__}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter(), time.process_time()
        session.run(None, feed)
        took = time.perf_counter() - start[0], time.process_time() - start[1]
        print(took[0] * 1000, took[1] * 1000, peak_kib(), flush=True)


def peak_kib():
    """Not getrusage's: a child inherits that from the process that started it."""
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM"))


def answers_agree(tool, model):
    """Whether both give the same output for a random input, within rtol 1e-3 and atol 1e-4."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    image = np.random.default_rng(3).normal(0, 1, SHAPE).astype(np.float32)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    expected = session.run(None, {session.get_inputs()[0].name: image})[0]
    with tempfile.TemporaryDirectory() as folder:
        image.tofile(folder + "/x.bin")
        subprocess.run([*tool, "run", model, "--input", folder + "/x.bin", "--shape", ",".join(map(str, SHAPE)),
                        "--output", folder + "/y.bin"], check=True, stdout=subprocess.DEVNULL)
        actual = np.fromfile(folder + "/y.bin", np.float32).reshape(expected.shape)
    return np.allclose(actual, expected, 1e-3, 1e-4)


def compare(tool, model, rounds):
    agrees = answers_agree(tool, model)
    own = Side([*tool, "time", "--on-request", "--shape", ",".join(map(str, SHAPE)), model])
    other = Side([sys.executable, __file__, "--serve", model])
    clocks, processors, together = [], [], []
    for _ in range(rounds):
        (a, own_cpu), (b, other_cpu) = own.measure(), other.measure()
        clocks.append((a, b))
        processors.append((own_cpu, other_cpu))
        together.append((a, own.measure(2)[0]))
    own.close()
    other.close()
    row = [os.path.basename(model), *(statistics.median(side) for side in zip(*clocks)),
           statistics.median(a / b for a, b in clocks), *map(min, zip(*clocks)),
           min(a for a, _ in clocks) / min(b for _, b in clocks), statistics.median(a / b for a, b in processors),
           statistics.median(2 * a / b for a, b in together),
           2 * min(a for a, _ in together) / min(b for _, b in together), own.mib, other.mib]
    print("{:18} {:8.1f} {:8.1f} {:7.2f} {:8.1f} {:8.1f} {:8.2f} {:9.2f} {:10.2f} {:8.2f} {:8.0f} {:8.0f}".format(*row),
          "" if agrees else "   ANSWERS DIFFER", flush=True)
    return own.greeting, other.greeting, agrees


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("tool", nargs="?")
    parser.add_argument("models", nargs="*")
    arguments = parser.parse_args()
    if arguments.serve:
        return serve(arguments.serve)
    print("batch 1, one thread   own ms   ORT ms   ratio best own best ORT  of best processor  2 at once"
          "  of best  own MiB  ORT MiB")
    greetings = set()
    for model in arguments.models:
        own, other, agrees = compare(shlex.split(arguments.tool), model, arguments.rounds)
        greetings.add(f"{own}; {other}")
        if not agrees:
            sys.exit("the answers differ")
    print("; ".join(sorted(greetings)))


if __name__ == "__main__":
    main()
