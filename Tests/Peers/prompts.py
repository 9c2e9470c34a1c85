#!/usr/bin/env python3
"""Compares prompts with Diffusers on PyTorch in one run, sides alternating: the demo model from the start of the process
to its picture, and a model of Stable Diffusion 1.5's size, with random weights: the UNet at 64x64 latents and batch 2,
and the decoder to 512x512. Run by hand, on a quiet machine; see README.md."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "Sources/DemoModel/sd-emoji-64"
# runwayml/stable-diffusion-v1-5's unet/config.json and vae/config.json, as far as they are not Diffusers' defaults.
UNET = {"sample_size": 64, "cross_attention_dim": 768, "attention_head_dim": 8}
VAE = {
    "sample_size": 512, "block_out_channels": (128, 256, 512, 512), "layers_per_block": 2,
    "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
}
PICTURE = """
import sys, torch
from diffusers import StableDiffusionPipeline
torch.set_num_threads(2)
pipeline = StableDiffusionPipeline.from_pretrained(sys.argv[1], torch_dtype=torch.float32)
pipeline.set_progress_bar_config(disable=True)
generator = torch.Generator("cpu").manual_seed(0)
pipeline("pizza", num_inference_steps=20, guidance_scale=5.0, generator=generator).images[0].save(sys.argv[2])
"""


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=".build/release/diffusion-tui", type=Path,
                        help="the program to compare (default: %(default)s)")
    parser.add_argument("--work", required=True, type=Path, help="folder for the large model (4 GB), kept for later runs")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each side (default: 5)")
    parser.add_argument("--demo-only", action="store_true", help="leave out the large model")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    return parser.parse_args()


def environment():
    return os.environ | {"HF_HUB_OFFLINE": "1", "DIFFUSERS_VERBOSITY": "error", "OMP_NUM_THREADS": "2"}


def run(command):
    """Seconds of wall time, seconds of processor time and peak resident MB of a process."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], env=environment(), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command[0]} ended with status {status}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def pictures(arguments):
    """Both sides' start to a picture of 20 steps with guidance."""
    ours = [arguments.binary, "generate", "sd-emoji-64", "--prompt", "pizza", "--steps", "20", "--guidance-scale", "5",
            "--seed", "0", "--progress", "none", "--output", arguments.work / "ours.png"]
    theirs = [sys.executable, "-c", PICTURE, DEMO, arguments.work / "diffusers.png"]
    runs = [(run(ours), run(theirs)) for _ in range(arguments.rounds)]
    print("| sd-emoji-64, 20 steps, start to PNG | seconds | seconds of processor | peak memory, MB |")
    print("|---|---|---|---|")
    for side, name in enumerate(("diffusion-tui", "Diffusers")):
        figures = [statistics.median(pair[side][figure] for pair in runs) for figure in range(3)]
        print(f"| {name} | {figures[0]:.3f} | {figures[1]:.2f} | {figures[2]:.0f} |")
    for figure, name in enumerate(("clock", "processor")):
        print(f"\n{name}: {statistics.median(pair[0][figure] / pair[1][figure] for pair in runs):.3f} of Diffusers' time",
              flush=True)


def make(folder, part):
    """A model one part of which has Stable Diffusion 1.5's size: torch's initial weights, seed 0."""
    if (folder / "model_index.json").exists():
        return
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    small = {"block_out_channels": (32,), "norm_num_groups": 8}
    if part == "unet":
        UNet2DConditionModel(**UNET).save_pretrained(folder / "unet")
        AutoencoderKL(**small, sample_size=64).save_pretrained(folder / "vae")
    else:
        UNet2DConditionModel(
            **UNET | small, down_block_types=["CrossAttnDownBlock2D"], up_block_types=["CrossAttnUpBlock2D"],
        ).save_pretrained(folder / "unet")
        AutoencoderKL(**VAE).save_pretrained(folder / "vae")
    text = json.loads((DEMO / "text_encoder/config.json").read_text())
    CLIPTextModel(CLIPTextConfig(**text | {"hidden_size": UNET["cross_attention_dim"], "num_attention_heads": 12})) \
        .save_pretrained(folder / "text_encoder")
    for name in ("tokenizer", "scheduler"):
        shutil.copytree(DEMO / name, folder / name, dirs_exist_ok=True)
    shutil.copy(DEMO / "model_index.json", folder / "model_index.json")


def worker(folder, part):
    """Answers each line of standard input with the milliseconds of a pass."""
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel

    torch.set_num_threads(2)
    kind = UNet2DConditionModel if part == "unet" else AutoencoderKL
    model = kind.from_pretrained(folder, subfolder=part).eval().to(memory_format=torch.channels_last)
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(2 if part == "unet" else 1, 4, 64, 64, generator=generator).to(memory_format=torch.channels_last)
    text = torch.randn(2, 77, UNET["cross_attention_dim"], generator=generator)

    def forward():
        with torch.inference_mode():
            return model(latents, 500, text)[0] if part == "unet" else model.decode(latents)[0]

    forward()
    for _ in sys.stdin:
        start = time.perf_counter()
        forward()
        peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
        print((time.perf_counter() - start) * 1000, int(peak.split()[1]) * 1024 / 1e6, flush=True)


class PyTorch:
    """A worker that is kept alive."""

    def __init__(self, arguments, part):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--work", str(arguments.work), "--worker", part],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())

    def turn(self):
        """Milliseconds of a pass, and the peak resident MB."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return tuple(map(float, self.process.stdout.readline().split()))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def generate(arguments, folder, guidance, steps):
    """Lines of output with the time at which each came, and the peak resident MB."""
    command = [arguments.binary, "generate", folder, "--prompt", "pizza", "--guidance-scale", guidance, "--steps", steps,
               "--progress", "json"]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = [(time.perf_counter(), line) for line in process.stdout]
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError("".join(line for _, line in lines))
    return lines, usage.ru_maxrss * 1024 / 1e6


def unet(arguments, folder):
    """Milliseconds of a step with guidance, which is a pass of our UNet at batch 2, and the peak MB of the run."""
    lines, peak = generate(arguments, folder, guidance=5, steps=3)
    steps = [json.loads(line)["step_seconds"] for _, line in lines if line.startswith("{")]
    return statistics.median(steps[1:]) * 1000, peak


def decoder(arguments, folder):
    """Milliseconds from the end of a run's only step to its picture, and the peak MB of the run."""
    lines, peak = generate(arguments, folder, guidance=1, steps=1)
    ends = {line.split(" ")[0].split(":")[0]: end for end, line in lines}
    return (ends["images"] - ends['{"seconds"']) * 1000, peak


def large(arguments):
    """The large parts, ours and PyTorch's in turn."""
    print("\n| Stable Diffusion 1.5's size | diffusion-tui, ms | PyTorch, ms | ours / PyTorch | peak MB | PyTorch's |")
    print("|---|---|---|---|---|---|")
    for name, part, ours in (("UNet, 64x64, batch 2", "unet", unet), ("decoder to 512x512", "vae", decoder)):
        folder = arguments.work / f"sd-15-{part}"
        make(folder, part)
        peer = PyTorch(arguments, part)
        turns = [(ours(arguments, folder), peer.turn()) for _ in range(arguments.rounds)]
        peer.close()
        times = [statistics.median(turn[side][0] for turn in turns) for side in (0, 1)]
        ratio = statistics.median(turn[0][0] / turn[1][0] for turn in turns)
        peaks = [max(turn[side][1] for turn in turns) for side in (0, 1)]
        print(f"| {name} | {times[0]:.0f} | {times[1]:.0f} | {ratio:.2f} | {peaks[0]:.0f} | {peaks[1]:.0f} |", flush=True)


def main():
    arguments = parse()
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.binary, arguments.work = arguments.binary.resolve(), arguments.work.resolve()
    if arguments.worker:
        return worker(arguments.work / f"sd-15-{arguments.worker}", arguments.worker)
    pictures(arguments)
    if not arguments.demo_only:
        large(arguments)


if __name__ == "__main__":
    main()
