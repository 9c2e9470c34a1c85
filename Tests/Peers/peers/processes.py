"""The processes to compare: the peers' workers, our program, and Diffusers from start to PNG."""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from . import models

HERE = Path(__file__).resolve().parents[1]


# PyTorch and ncnn compute on OpenMP threads, which the environment pins; the others pin their own.
ON_OPENMP = ("pytorch", "ncnn")


def environment(threads, pinned=False):
    """Keeps libraries from using more threads, or a network; pins OpenMP's threads if requested."""
    binding = {"OMP_PROC_BIND": "true", "OMP_PLACES": "cores"} if pinned else {"OMP_PROC_BIND": "false"}
    return {
        **os.environ, **binding, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads),
        "PYTHONPATH": str(HERE), "HF_HUB_OFFLINE": "1", "DIFFUSERS_VERBOSITY": "error",
    }


def run(command, **settings):
    """Runs a command to its end and returns its standard output. A failure shows its output."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, **settings)
    if result.returncode != 0:
        raise RuntimeError(f"{command} exited with {result.returncode}: {result.stderr[-2000:]}")
    return result.stdout


def module(name, *values, threads=2):
    """Runs one of this package's modules with this Python."""
    return run([sys.executable, "-m", f"peers.{name}", *values], env=environment(threads), cwd=HERE)


class Worker:
    """A peer that is kept alive and runs rounds on request."""

    def __init__(self, side, work, model, batch, threads, pinned=False):
        self.log = open(Path(work) / f"{side}.log", "a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "peers.worker", side, str(work), model, str(batch), str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env=environment(threads, pinned), cwd=HERE)
        self.side, self.pinned = side, pinned
        facts = self._answer()
        self.load_ms, self.first_ms = facts["load_ms"], facts["first_ms"]
        self.version = facts["version"]

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.side} ended early; its words are in {self.log.name}")
        return json.loads(line)

    def _ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def round(self, forwards):
        """The shortest and the median of several forwards, in milliseconds."""
        times = self._ask(do="round", forwards=forwards)
        return min(times), statistics.median(times)

    def check(self, path):
        self._ask(do="check", path=str(path))

    def peak_memory_mb(self):
        return self._ask(do="memory")["peak_memory_mb"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.log.close()


def best_worker(side, *settings, forwards):
    """A worker of `side`; for those on OpenMP the faster of one with pinned threads and one without."""
    if side not in ON_OPENMP:
        return Worker(side, *settings)
    workers = []
    for pinned in (True, False):
        worker = Worker(side, *settings, pinned=pinned)
        workers.append((worker.round(forwards)[0], worker))
    (_, best), (_, other) = sorted(workers, key=lambda pair: pair[0])
    other.close()
    return best


class Ours:
    """Our program: each round is a process of `bench`."""

    side = "ours"

    def __init__(self, binary, work, model, batch, threads):
        self.binary, self.folder = binary, models.model_folder(work, model)
        self.settings = ["--batch-size", batch, "--threads", threads]
        self.version = run([binary, "--version"]).splitlines()[0]
        self.load, self.memory, self.isa = [], [], None

    def round(self, forwards):
        """The shortest and the median of several forwards, in milliseconds."""
        report = json.loads(run(
            [self.binary, "bench", self.folder, *self.settings, "--repeats", forwards, "--json"]))
        self.load.append(report.get("load_ms", float("nan")))
        self.memory.append(report["peak_memory_mb"])
        self.isa = report["isa"]
        return report["forward_ms"]["min"], report["forward_ms"]["median"]

    def against_the_clock(self, more=40, fewer=20, pairs=11):
        """Milliseconds of a forward, by `bench` and by an outside clock: 40 steps less 20 steps, over 20. Medians of
        turns
        that follow each other closely, because the start time and the machine's pace vary by more than a forward."""
        turns = []
        for _ in range(pairs):
            benched = self.round(more - fewer)[1]
            turns.append((benched, (self._seconds(more) - self._seconds(fewer)) * 1000 / (more - fewer)))
        return tuple(map(statistics.median, zip(*turns)))

    def _seconds(self, steps):
        start = time.perf_counter()
        run([self.binary, "generate", self.folder, *self.settings, "--seed", "0", "--steps", steps, "--json"])
        return time.perf_counter() - start

    @property
    def load_ms(self):
        return statistics.median(self.load) if self.load else float("nan")

    def peak_memory_mb(self):
        return max(self.memory, default=float("nan"))

    def close(self):
        pass


def trace(binary, work, model, batch):
    """Has our program write the input and its own output of one forward, at a timestep that is told to the model as it is,
    which score-sde-ve's are not."""
    folder = models.input_folder(work, model, batch)
    folder.mkdir(parents=True, exist_ok=True)
    report = run([
        binary, "generate", models.model_folder(work, model), "--batch-size", batch, "--seed", "0",
        "--scheduler", "ddim", "--scheduler-option", "timestep_spacing=trailing", "--steps", "2", "--trace", folder,
        "--json"])
    (folder / "report.json").write_text(report)
    return folder / "model_output_0.npy"


DIFFUSERS_TO_PNG = """
import sys, torch
from diffusers import DDIMPipeline
torch.set_num_threads(2)
pipeline = DDIMPipeline.from_pretrained(sys.argv[1])
pipeline.set_progress_bar_config(disable=True)
image = pipeline(num_inference_steps=2, generator=torch.Generator().manual_seed(0)).images[0]
image.save(sys.argv[2])
"""


def start_to_png(binary, work):
    """Seconds and peak megabytes from process start to a PNG, 2 steps of the demo model, by side."""
    image = Path(work) / "image.png"
    commands = {
        "ours": [binary, "generate", "--seed", "0", "--steps", "2", "--threads", "2", "--output", image],
        "diffusers": [sys.executable, "-c", DIFFUSERS_TO_PNG, models.DEMO_MODEL, image],
    }
    return {side: timed_process(command) for side, command in commands.items()}


def timed_process(command):
    """Wall seconds of a process, and its peak resident set in units of 1,000,000 bytes. The kernel starts
    the count at this process's own size, which is small for that reason: nothing large is imported here."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command], env=environment(2), stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} exited with {process.returncode}: {errors.decode()[-2000:]}")
    return seconds, usage.ru_maxrss * 1024 / 1e6


def machine():
    """The processor's name and count, and its load."""
    text = Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*:\s*(.*)", text) or re.search(r"Processor\s*:\s*(.*)", text)
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return f"{name[1] if name else 'unknown processor'}, {os.cpu_count()} cores, load {load}"
