"""One peer in a process of its own, kept alive: loads a model, then answers JSON lines on standard input
(`round`: time forwards; `check`: save the output; `memory`: peak resident set) until it closes."""

import argparse
import importlib
import json
import os
import sys
import time


def peak_memory_mb():
    """VmHWM in units of 1,000,000 bytes."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024 / 1e6
    return float("nan")


def timed(function):
    start = time.perf_counter()
    result = function()
    return result, (time.perf_counter() - start) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side")
    parser.add_argument("work")
    parser.add_argument("model")
    parser.add_argument("batch", type=int)
    parser.add_argument("threads", type=int)
    arguments = parser.parse_args()
    # Runtimes may write anything to standard output; the answers have a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(value):
        print(json.dumps(value), file=answers, flush=True)

    from . import models
    from .sides import SIDES

    inputs = models.Inputs(arguments.work, arguments.model, arguments.batch)
    load = SIDES[arguments.side]
    for package in load.packages:  # Python's imports are no part of loading a model
        importlib.import_module(package)
    side, load_ms = timed(
        lambda: load(arguments.work, arguments.model, arguments.batch, arguments.threads))
    side.set_input(inputs.sample, inputs.timestep)
    _, first_ms = timed(side.forward)  # runtimes pack weights here, if not before
    answer({"load_ms": load_ms, "first_ms": first_ms, "version": side.version})
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "round":
            side.forward()  # wakes the threads and warms the caches after the other side's turn
            answer([timed(side.forward)[1] for _ in range(request["forwards"])])
        elif request["do"] == "check":
            import numpy

            numpy.save(request["path"], side.forward())
            answer({})
        else:
            answer({"peak_memory_mb": peak_memory_mb()})


if __name__ == "__main__":
    main()
