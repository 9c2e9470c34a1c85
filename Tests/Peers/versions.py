#!/usr/bin/env python3
"""Compares the UNet forward of two builds of diffusion-tui in one run: the old one, the new one and the old one
again alternate, so that the machine's noise shows next to the change. Run by hand on a quiet machine; see README.md."""

import argparse
import json
import statistics
import subprocess
from pathlib import Path

from peers import models

SETTINGS = ((1, 1), (1, 2), (4, 1), (4, 2))  # (batch, threads)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("former", type=Path, help="the program to compare with")
    parser.add_argument("--binary", default=".build/release/diffusion-tui", type=Path,
                        help="the new program (default: %(default)s)")
    parser.add_argument("--work", required=True, type=Path, help="folder for the cifar10-32 model, kept for later runs")
    parser.add_argument("--rounds", type=int, default=20, help="turns of each side (default: 20)")
    parser.add_argument("--forwards", type=int, default=20, help="forwards a turn (default: 20)")
    parser.add_argument("--models", default=",".join(models.MODELS))
    return parser.parse_args()


def forward_ms(binary, folder, batch, threads, forwards):
    """The median of `forwards` forward passes in a process of its own, in milliseconds."""
    command = [binary.resolve(), "bench", folder, "--batch-size", batch, "--threads", threads,
               "--repeats", forwards, "--json"]
    output = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    return json.loads(output)["forward_ms"]["median"]


def main():
    arguments = parse()
    arguments.work.mkdir(parents=True, exist_ok=True)
    print("| model | batch | threads | former ms | new ms | new / former | former / former |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for model in arguments.models.split(","):
        models.make(arguments.work, model)
        folder = models.model_folder(arguments.work, model)
        for batch, threads in SETTINGS:
            def turn(binary):
                return forward_ms(binary, folder, batch, threads, arguments.forwards)
            rounds = [(turn(arguments.former), turn(arguments.binary), turn(arguments.former))
                      for _ in range(arguments.rounds)]
            former, new = (statistics.median(one[side] for one in rounds) for side in (0, 1))
            changed, noise = (statistics.median(one[side] / one[0] for one in rounds) for side in (1, 2))
            print(f"| {model} | {batch} | {threads} | {former:.2f} | {new:.2f} | {changed:.3f} | {noise:.3f} |",
                  flush=True)


if __name__ == "__main__":
    main()
