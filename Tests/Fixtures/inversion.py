"""Prints what InversionTests expects: the demo model's picture, taken to its noise and back by Diffusers.

    python Tests/Fixtures/inversion.py
"""

import os
from pathlib import Path

os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

import numpy as np
import torch
from diffusers import DDIMInverseScheduler, DDIMScheduler, UNet2DModel
from PIL import Image

STEPS = 50
FOLDER = Path(__file__).resolve().parents[2] / "Sources/DemoModel/ddpm-emoji-32"


def main():
    unet = UNet2DModel.from_pretrained(FOLDER / "unet").eval()
    back = DDIMScheduler.from_pretrained(FOLDER / "scheduler")
    there = DDIMInverseScheduler.from_config(back.config)
    pixels = np.asarray(Image.open(FOLDER / "picture.ppm"), dtype=np.float32) / 255
    picture = torch.from_numpy(pixels).permute(2, 0, 1)[None] * 2 - 1
    for strength in (0.5, 0.8, 1.0):
        there.set_timesteps(STEPS)
        back.set_timesteps(STEPS)
        count = int(STEPS * strength)
        sample = picture
        with torch.no_grad():
            for timestep in there.timesteps[:count]:
                sample = there.step(unet(sample, timestep).sample, timestep, sample).prev_sample
            noise = sample
            for timestep in back.timesteps[STEPS - count:]:
                sample = back.step(unet(sample, timestep).sample, timestep, sample).prev_sample
        error = (sample / 2 + 0.5).clamp(0, 1) - (picture / 2 + 0.5)
        print(f"{strength}: error {error.square().mean().sqrt():.6f}, deviation {noise.square().mean().sqrt():.6f}")


if __name__ == "__main__":
    main()
