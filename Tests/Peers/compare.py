#!/usr/bin/env python3
"""Compares diffusion-tui's UNet forward with other runtimes' in one run, sides alternating. Run by hand, on a
quiet machine; see README.md. This process imports nothing large: its children do the work, one at a time."""

import argparse
import json
import sys
import time
from pathlib import Path

from peers import models, processes, report

PEERS = ("ncnn", "onnxruntime", "openvino", "pytorch")
# Threads of some runtimes keep spinning after their work; the next side waits for that to end.
PAUSE_SECONDS = 0.3


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=".build/release/diffusion-tui", type=Path,
                        help="the program to compare (default: %(default)s)")
    parser.add_argument("--work", required=True, type=Path, help="cache folder for converted models and traces")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each side (default: 7)")
    parser.add_argument("--forwards", type=int, default=10, help="forwards a turn (default: 10)")
    parser.add_argument("--png-rounds", type=int, default=5, help="starts to PNG of each side (default: 5)")
    parser.add_argument("--models", default=",".join(models.MODELS),
                        help=f"of {', '.join((*models.CONFIGS, 'demo'))} (default: %(default)s)")
    parser.add_argument("--settings", default="1x2,4x2,1x1", help="batch x threads (default: %(default)s)")
    parser.add_argument("--clock-pairs", type=int, default=11, help="turns against an outside clock (default: 11)")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--output", type=Path, help="also write the Markdown here")
    arguments = parser.parse_args()
    arguments.binary, arguments.work = arguments.binary.resolve(), arguments.work.resolve()
    arguments.settings = [tuple(map(int, setting.split("x"))) for setting in arguments.settings.split(",")]
    arguments.batches = sorted({batch for batch, _ in arguments.settings})
    arguments.models, arguments.peers = arguments.models.split(","), arguments.peers.split(",")
    return arguments


def note(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def prepare(arguments):
    """Models, inputs and conversions, made once."""
    arguments.work.mkdir(parents=True, exist_ok=True)
    note("preparing models")
    processes.module("convert", str(arguments.work), *arguments.models, "--sides", ",".join(arguments.peers),
                     "--batches", ",".join(map(str, arguments.batches)))
    for model in arguments.models:
        for batch in arguments.batches:
            processes.trace(arguments.binary, arguments.work, model, batch)


def measure(arguments, model, setting, versions):
    """Alternates all sides at one setting and returns measurements by side. Saves outputs for the accuracy check."""
    sides = [processes.Ours(arguments.binary, arguments.work, model, *setting)]
    results = {}
    try:
        for peer in arguments.peers:
            sides.append(processes.best_worker(
                peer, arguments.work, model, *setting, forwards=arguments.forwards))
        results = {side.side: report.Measurement(side.side) for side in sides}
        for index in range(arguments.rounds):
            # The order changes from round to round, so that no side always follows the heat of the same one.
            for side in sides[index % len(sides):] + sides[:index % len(sides)]:
                time.sleep(PAUSE_SECONDS)
                results[side.side].rounds.append(side.round(arguments.forwards))
            note(f"{model} {setting} round {index + 1}: " + ", ".join(
                f"{name} {result.rounds[-1][1]:.1f}" for name, result in results.items()))
        time.sleep(PAUSE_SECONDS)
        if arguments.clock_pairs:
            results["ours"].clock_ms = sides[0].against_the_clock(pairs=arguments.clock_pairs)
        for side in sides:
            results[side.side].memory_mb = side.peak_memory_mb()
            # The extra time of a first forward is preparation.
            late = max(0, side.first_ms - results[side.side].median) if side.side != "ours" else 0
            results[side.side].load_ms = side.load_ms + late
            versions[side.side] = side.version
            if side.side != "ours":
                side.check(output_path(arguments, model, setting[0], side.side))
    finally:
        for side in sides:
            side.close()
    return results


def output_path(arguments, model, batch, side):
    folder = models.input_folder(arguments.work, model, batch)
    return folder / ("model_output_0.npy" if side == "ours" else f"output-{side}.npy")


def errors(arguments, model, batch):
    """Largest absolute errors by side."""
    sides = {str(output_path(arguments, model, batch, side)): side for side in ("ours", *arguments.peers)}
    found = json.loads(processes.module("accuracy", str(arguments.work), model, str(batch), *sides))
    return {sides.get(key, "pytorch-contiguous"): value for key, value in found.items()}


def main():
    arguments = parse()
    prepare(arguments)
    versions, sections = {}, []
    for model in arguments.models:
        measured = {setting: measure(arguments, model, setting, versions) for setting in arguments.settings}
        found = errors(arguments, model, arguments.batches[-1])
        sections += ["", f"### {report.TITLES[model]}", "", *report.times(measured, arguments.settings), "",
                     *report.ratios(model, measured, arguments.settings), "", *report.accuracy(found), "",
                     *report.requirements(measured, arguments.settings, model, found),
                     *report.outside(measured, arguments.settings)]
    runs = {"ours": [], "diffusers": []}
    for _ in range(arguments.png_rounds):
        for side, value in processes.start_to_png(arguments.binary, arguments.work).items():
            runs[side].append(value)
    if arguments.png_rounds:
        sections += ["", "### Process start to PNG", "", *report.pngs(runs)]
    lines = [*report.heading(processes.machine(), versions, arguments), *sections]
    print("\n".join(lines))
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
