"""Makes the fixtures of Stable Diffusion: whole runs of sd-emoji-64, and of small random models. Run by
hand; `swift test` only reads them.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_stable_diffusion.py

`stable-diffusion/runs.json` has the runs, each with the arguments of `StableDiffusionPipeline` or
`StableDiffusionImg2ImgPipeline` and the state of each generator after it (SHA-256 of `get_state()`). `latents.bin` has
the last latents of each, float32, and `images.bin` the images, as 16-bit numbers of 65535, both little endian and one
run after another. A run with a `model` is of one of the folders beside them: see stable_diffusion_models.py.
"""

import hashlib
import json
import os
from pathlib import Path

os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

import numpy as np
import torch
import diffusers
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionPipeline

import generate_scheduler_facts
import stable_diffusion_models

FIXTURES = Path(__file__).parent
MODEL = FIXTURES.parents[1] / "Sources/DemoModel/sd-emoji-64"
SCHEDULERS = {"ddim": diffusers.DDIMScheduler, **generate_scheduler_facts.CLASSES}
WORDS = "a red heart and a pizza"
LONG = "a picture of a pizza and a red heart and a grinning face with a very long tail of words, all in a row"

# What a dropped word, weight or mask must change in an image, at least; and the weights of a norm, taken as 1.
VISIBLE, VISIBLE_NORM = 1e-2, 1e-3

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
    {"prompt": ["pizza"], "blend": {"prompt": "red heart", "strength": 0.5}},
    {"prompt": ["red heart", "angry cat"], "batch": 2, "blend": {"prompt": "grinning face", "strength": 0.3},
     "negative": "blue", "guidance": 3.0},
    {"prompt": ["pizza"], "blend": {"prompt": LONG, "strength": 0.85}, "guidance": 1.0},
    {"model": "sd1", "prompt": [WORDS], "steps": 10, "guidance": 7.5},
    {"model": "sd1", "prompt": [WORDS], "steps": 10, "guidance": 3.0, "negative": "angry cat", "seeds": [7]},
    {"model": "sd1", "prompt": [WORDS, "cat"], "steps": 10, "guidance": 2.0, "batch": 2, "seeds": [1, 2]},
    {"model": "sd1", "prompt": [WORDS], "steps": 10, "scheduler": "ddim", "eta": 1.0, "guidance": 1.0},
    {"model": "sd1", "prompt": [WORDS], "steps": 12, "strength": 0.8, "guidance": 4.0},
    {"model": "sd2", "prompt": [WORDS], "steps": 10, "guidance": 7.5},
    {"model": "sd2", "prompt": [WORDS], "steps": 10, "guidance": 7.5, "rescale": 0.7, "seeds": [3]},
    {"model": "sd2", "prompt": [WORDS], "steps": 10, "scheduler": "euler", "guidance": 3.0, "height": 24, "width": 16},
    {"model": "sd2", "prompt": [WORDS], "steps": 12, "strength": 0.8, "guidance": 3.0, "batch": 2, "seeds": [8, 9]},
    {"model": "lcm", "prompt": [WORDS], "steps": 10, "guidance": 8.5},
    {"model": "lcm", "prompt": [WORDS], "steps": 10, "guidance": 1.0, "negative": "not used", "scheduler": "euler"},
    {"model": "lcm", "prompt": [WORDS], "scheduler": "lcm", "guidance": 8.5, "seeds": [2]},
] + [
    {"prompt": ["red heart"], "scheduler": name, "steps": 6, "height": 32, "width": 32, "guidance": 2.5}
    for name in SCHEDULERS if name not in ("ddim", "ddpm", "euler", "lms", "pndm")
]


def source(size):
    """The picture of the image-to-image runs, RGB: [size, size, channels] bytes, as the tests make it too."""
    y, x, c = np.mgrid[0:size, 0:size, 0:3]
    return ((x * 3 + y * (c + 1) * 2) % 256).astype(np.uint8)


def blended(pipe, prompts, blend):
    """The prompts' embeddings, mixed with those of another prompt."""
    own, other = (pipe.encode_prompt(texts, "cpu", 1, False)[0] for texts in (prompts, [blend["prompt"]] * len(prompts)))
    return own + blend["strength"] * (other - own)


def run(pipe, item):
    batch, seeds = item.get("batch", 1), item.get("seeds", [0])
    prompts = item["prompt"] * (batch // len(item["prompt"]))
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    arguments = {
        "prompt": prompts, "num_inference_steps": item.get("steps", 4), "guidance_scale": item.get("guidance", 2.0),
        "eta": item.get("eta", 0.0), "generator": generators if len(seeds) > 1 else generators[0]}
    if "blend" in item:
        arguments["prompt_embeds"] = blended(pipe, arguments.pop("prompt"), item["blend"])
    if "negative" in item:
        arguments["negative_prompt"] = [item["negative"]] * batch
    components = dict(pipe.components)
    latents = []

    def keep(pipeline, index, timestep, values):
        latents.append(values["latents"])
        return {}

    arguments |= {"callback_on_step_end": keep, "output_type": "np"}
    if "strength" in item:
        picture = torch.from_numpy(source(pipe.unet.config.sample_size * pipe.vae_scale_factor))
        image = picture.permute(2, 0, 1)[None].float() / 255 * 2 - 1
        pipe = StableDiffusionImg2ImgPipeline(**components, requires_safety_checker=False)
        arguments |= {"image": image, "strength": item["strength"]}
    else:
        pipe = StableDiffusionPipeline(**components, requires_safety_checker=False)
        for name in ("height", "width"):
            if name in item:
                arguments[name] = item[name]
        arguments["guidance_rescale"] = item.get("rescale", 0.0)
    if "scheduler" in item:  # As the documentation changes it: the pipeline corrects its own scheduler alone.
        pipe.scheduler = SCHEDULERS[item["scheduler"]].from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    images = pipe(**arguments).images
    states = [hashlib.sha256(generator.get_state().numpy().tobytes()).hexdigest() for generator in generators]
    return latents[-1].numpy(), images, states


def check_parts(pipe, item):
    """Checks that each word and each part that takes part changes the images of a run visibly."""
    images = run(pipe, item)[1]

    def require(changed, what):
        difference = np.abs(run(pipe, changed)[1] - images).max()
        assert difference > (VISIBLE_NORM if "norm" in what else VISIBLE), (item, what, difference)

    words = item["prompt"][0].split()
    for index in range(len(words)):
        require(item | {"prompt": [" ".join(words[:index] + words[index + 1:])]}, f"word {index}")
    for part in (pipe.text_encoder, pipe.unet, pipe.vae.decoder, pipe.vae.post_quant_conv):
        for name, parameter in part.named_parameters():
            if name.endswith("bias"):
                continue
            kept = parameter.data.clone()
            parameter.data.fill_(1 if parameter.dim() == 1 else 0)
            require(item, name)
            parameter.data.copy_(kept)
    causal = pipe.text_encoder.forward
    everything = torch.zeros((1, 1, pipe.tokenizer.model_max_length, pipe.tokenizer.model_max_length))
    pipe.text_encoder.forward = lambda ids, attention_mask=None, **others: causal(
        ids, attention_mask=everything, **others)
    require(item, "the causal mask")
    pipe.text_encoder.forward = causal


def pipelines(folder):
    """The pipelines by the `model` of a run; None is sd-emoji-64."""
    made = {None: StableDiffusionPipeline.from_pretrained(MODEL, torch_dtype=torch.float32)}
    for name, model in stable_diffusion_models.MODELS.items():
        made[name] = StableDiffusionPipeline.from_pretrained(
            folder / name, torch_dtype=torch.float32, variant=model["variant"], safety_checker=None)
    return made


def main(fixtures=FIXTURES):
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    folder = Path(fixtures) / "stable-diffusion"
    folder.mkdir(exist_ok=True)
    stable_diffusion_models.main(folder, MODEL)
    pipes = pipelines(folder)
    for name in stable_diffusion_models.MODELS:
        check_parts(pipes[name], next(item for item in RUNS if item.get("model") == name))
    runs, latents, images = [], b"", b""
    for item in RUNS:
        last, made, states = run(pipes[item.get("model")], item)
        runs.append(item | {"latents": list(last.shape), "images": list(made.shape), "states": states})
        latents += last.astype("<f4").tobytes()
        images += np.rint(made.astype(np.float64) * 65535).astype("<u2").tobytes()
    (folder / "runs.json").write_text(json.dumps(runs, indent=1, ensure_ascii=False) + "\n")
    (folder / "latents.bin").write_bytes(latents)
    (folder / "images.bin").write_bytes(images)


if __name__ == "__main__":
    main()
