"""Makes the fixtures of Stable Diffusion: whole runs of sd-emoji-64. Run by hand; `swift test` only reads them.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_stable_diffusion.py

`stable-diffusion/runs.json` has the runs, each with the arguments of `StableDiffusionPipeline` or
`StableDiffusionImg2ImgPipeline` and the state of each generator after it (SHA-256 of `get_state()`). `latents.bin` has
the last latents of each, float32, and `images.bin` the images, as 16-bit numbers of 65535, both little endian and one
run after another.
"""

import hashlib
import json
import os
from pathlib import Path

os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

import numpy as np
import torch
from diffusers import (
    DDIMScheduler, DDPMScheduler, EulerDiscreteScheduler, LMSDiscreteScheduler, PNDMScheduler,
    StableDiffusionImg2ImgPipeline, StableDiffusionPipeline)

FIXTURES = Path(__file__).parent
MODEL = FIXTURES.parents[1] / "Sources/DemoModel/sd-emoji-64"
SCHEDULERS = {
    "ddim": DDIMScheduler, "ddpm": DDPMScheduler, "euler": EulerDiscreteScheduler, "lms": LMSDiscreteScheduler,
    "pndm": PNDMScheduler}
LONG = "a picture of a pizza and a red heart and a grinning face with a very long tail of words, all in a row"

# What a run has beside the defaults: one image, seed 0, 4 steps, guidance 2, the folder's own scheduler.
RUNS = [
    {"prompt": ["pizza"]},
    {"prompt": ["pizza"], "guidance": 1.0},
    {"prompt": ["pizza"], "guidance": 0.5},
    {"prompt": ["red heart"], "guidance": 1.5, "seeds": [42]},
    {"prompt": ["grinning face"], "guidance": 3.0},
    {"prompt": ["angry cat"], "guidance": 7.0, "steps": 10},
    {"prompt": ["angry cat"], "guidance": 7.0, "rescale": 0.7},
    {"prompt": ["pizza"], "guidance": 4.0, "rescale": 1.0},
    {"prompt": [""]},
    {"prompt": [LONG]},
    {"prompt": ["🍕 Pizza!  \t和 é"]},
    {"prompt": ["cat"], "negative": "angry"},
    {"prompt": ["cat"], "negative": LONG, "guidance": 5.0},
    {"prompt": ["cat"], "negative": "angry", "guidance": 1.0},
    {"prompt": ["pizza"], "batch": 2},
    {"prompt": ["pizza"], "batch": 2, "seeds": [3, 4], "eta": 0.5},
    {"prompt": ["red heart", "angry cat"], "batch": 2, "seeds": [5]},
    {"prompt": ["red heart", "angry cat"], "batch": 2, "seeds": [5, 6], "negative": "blue", "guidance": 3.0},
    {"prompt": ["red heart"], "eta": 1.0, "guidance": 2.5},
    {"prompt": ["pizza"], "height": 32, "width": 96},
    {"prompt": ["pizza"], "scheduler": "euler", "steps": 6},
    {"prompt": ["pizza"], "scheduler": "lms", "steps": 6},
    {"prompt": ["pizza"], "scheduler": "pndm", "steps": 6},
    {"prompt": ["pizza"], "scheduler": "ddpm", "steps": 6, "batch": 2, "seeds": [1, 2]},
    {"prompt": ["red heart"], "strength": 0.6, "steps": 5},
    {"prompt": ["red heart"], "strength": 0.6, "steps": 5, "batch": 2},
    {"prompt": ["red heart"], "strength": 0.8, "steps": 5, "batch": 2, "seeds": [8, 9], "eta": 0.5},
    {"prompt": ["pizza"], "strength": 0.5, "steps": 6, "scheduler": "euler", "guidance": 3.0},
]


def source():
    """The picture of the image-to-image runs, 64x64 RGB: [height, width, channels] bytes, as the tests make it too."""
    y, x, c = np.mgrid[0:64, 0:64, 0:3]
    return ((x * 3 + y * (c + 1) * 2) % 256).astype(np.uint8)


def run(pipe, item):
    batch, seeds = item.get("batch", 1), item.get("seeds", [0])
    prompts = item["prompt"] * (batch // len(item["prompt"]))
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    arguments = {
        "prompt": prompts, "num_inference_steps": item.get("steps", 4), "guidance_scale": item.get("guidance", 2.0),
        "eta": item.get("eta", 0.0), "generator": generators if len(seeds) > 1 else generators[0]}
    if "negative" in item:
        arguments["negative_prompt"] = [item["negative"]] * batch
    components = dict(pipe.components)
    if "scheduler" in item:
        components["scheduler"] = SCHEDULERS[item["scheduler"]].from_config(pipe.scheduler.config)
    latents = []

    def keep(pipeline, index, timestep, values):
        latents.append(values["latents"])
        return {}

    arguments |= {"callback_on_step_end": keep, "output_type": "np"}
    if "strength" in item:
        image = torch.from_numpy(source()).permute(2, 0, 1)[None].float() / 255 * 2 - 1
        pipe = StableDiffusionImg2ImgPipeline(**components, requires_safety_checker=False)
        arguments |= {"image": image, "strength": item["strength"]}
    else:
        pipe = StableDiffusionPipeline(**components, requires_safety_checker=False)
        for name in ("height", "width"):
            if name in item:
                arguments[name] = item[name]
        arguments["guidance_rescale"] = item.get("rescale", 0.0)
    pipe.set_progress_bar_config(disable=True)
    images = pipe(**arguments).images
    states = [hashlib.sha256(generator.get_state().numpy().tobytes()).hexdigest() for generator in generators]
    return latents[-1].numpy(), images, states


def main():
    torch.set_grad_enabled(False)
    pipe = StableDiffusionPipeline.from_pretrained(MODEL, torch_dtype=torch.float32)
    folder = FIXTURES / "stable-diffusion"
    folder.mkdir(exist_ok=True)
    runs, latents, images = [], b"", b""
    for item in RUNS:
        last, made, states = run(pipe, item)
        runs.append(item | {"latents": list(last.shape), "images": list(made.shape), "states": states})
        latents += last.astype("<f4").tobytes()
        images += np.rint(made.astype(np.float64) * 65535).astype("<u2").tobytes()
    (folder / "runs.json").write_text(json.dumps(runs, indent=1, ensure_ascii=False) + "\n")
    (folder / "latents.bin").write_bytes(latents)
    (folder / "images.bin").write_bytes(images)


if __name__ == "__main__":
    main()
