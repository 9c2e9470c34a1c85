"""Runs with stages that go on with another prompt, guidance or seed, with Diffusers' pipelines taken by the hand.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_staged_branches.py

The models are those of `generate_unclip.py` (`unclip/small`) and `generate_sdxl.py` (`sdxl/base` with `sdxl/refiner`).
`staged/runs.json` has for each run its kind, the step of its branch, and the settings that change there by their names
in this program. `staged/tensors.bin` has for each run, one after another, the last latents of each stage and the
images, all float32 and little endian; `shapes` in the run gives their shapes.

A prompt that changes after k steps is the run of the new prompt whose first k calls of the networks are told of the
former one. Another guidance replaces the text's half of the prediction by the one that gives the guided sum. Another
seed seeds the generator again after k steps: where a stage begins, before its noise is drawn. A run of unCLIP has the
first seed with which Diffusers' own float32 is within 2e-5 of its float64; see `settled` in `generate_unclip.py`.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "default"  # Torch's sums differ between instruction sets; before torch is imported.

import contextlib
import copy
import json
import logging
import pathlib

import numpy as np
import torch

import generate_sdxl
import generate_unclip
from diffusers import StableDiffusionXLImg2ImgPipeline, StableDiffusionXLPipeline

FIXTURES = pathlib.Path(__file__).resolve().parent
FORMER, LATER = "a red heart and a pizza", "an angry cat"
# What a branch must change in an image, at least.
VISIBLE = 1e-2
# unCLIP takes 4 steps of the prior, 4 of the decoder and 3 of the super-resolution; of the chain's 10 steps the base
# takes those above 0.6 of the timesteps.
UNCLIP_STEPS, CHAIN_STEPS, CHAIN_END = (4, 4, 3), 10, 0.6
RUNS = [
    {"kind": "unclip", "at": 2, "changes": {"prompt": LATER}},
    {"kind": "unclip", "at": 4, "changes": {"prompt": LATER}},
    {"kind": "unclip", "at": 6, "changes": {"prompt": LATER}},
    {"kind": "unclip", "at": 5, "changes": {"guidance_scale": 2.0}},
    {"kind": "unclip", "at": 6, "changes": {"prompt": LATER, "guidance_scale": 3.0, "seeds": [9]}},
    {"kind": "unclip", "at": 4, "changes": {"seeds": [9]}},
    {"kind": "unclip", "at": 8, "changes": {"seeds": [9]}},
    {"kind": "chain", "at": 3, "changes": {"prompt": LATER}},
    {"kind": "chain", "at": "refiner", "changes": {"prompt": LATER}},
    {"kind": "chain", "at": 8, "changes": {"prompt": LATER}},
]
# The arguments of the networks that tell them of a prompt.
TOLD = ("proj_embedding", "encoder_hidden_states", "attention_mask", "class_labels", "added_cond_kwargs")


@contextlib.contextmanager
def forward(networks, change):
    """Calls `change(index, arguments, call)` in place of forward passes; `call(**told)` makes the pass."""
    count = [0]

    def replaced(network, original):
        def wrapped(*arguments, **others):
            index = count[0]
            count[0] += 1
            return change(index, others, lambda **told: original(*arguments, **(others | told)))
        return wrapped

    for network in networks:
        network.forward = replaced(network, network.forward)
    yield
    for network in networks:
        del network.forward


def guided(output, former, later):
    """The prediction of both halves, so that what is guided by the former scale is guided by the later one."""
    without, text = output.chunk(2)
    channels = without.shape[1] // 2
    text = text.clone()
    text[:, :channels] = without[:, :channels] + later / former * (text[:, :channels] - without[:, :channels])
    return torch.cat([without, text])


def told_of(take, networks, prompt, seed=0):
    """What a prompt tells the networks, for each call of a run."""
    told = []

    def keep(index, arguments, call):
        told.append({name: arguments[name] for name in TOLD if arguments.get(name) is not None})
        return call()

    with forward(networks, keep):
        take(prompt, torch.Generator("cpu").manual_seed(seed), None)
    return told


def run(take, networks, item, former_guidance):
    """The last latents of each stage and the images of a branched run."""
    at, changes = item["at"], item["changes"]
    generator = torch.Generator("cpu").manual_seed(item["seed"])
    told = told_of(take, networks, FORMER, item["seed"]) if "prompt" in changes else []

    def change(index, arguments, call):
        if index < at:
            return call(**(told[index] if told else {}))
        output = call()
        if "guidance_scale" in changes and not isinstance(output, tuple) and hasattr(output, "sample"):
            output.sample = guided(output.sample, former_guidance, changes["guidance_scale"])
        return output

    reseeding = (at, changes["seeds"][0]) if "seeds" in changes else None
    with forward(networks, change):
        return take(changes.get("prompt", FORMER), generator, reseeding)


def unclip_taker(pipe):
    """Takes a run of unCLIP; after some steps its generator may be seeded again."""
    def take(prompt, generator, reseeding):
        taken, count = {}, [0]

        def reseed():
            if reseeding and count[0] == reseeding[0]:
                generator.manual_seed(reseeding[1])

        schedulers = {stage: getattr(pipe, f"{stage}_scheduler") for stage in ("prior", "decoder", "super_res")}
        for stage, scheduler in schedulers.items():
            def step(*arguments, original=scheduler.step, stage=stage, **others):
                # Where a stage begins, the generator is seeded before its noise.
                if stage not in taken:
                    taken[stage] = None
                else:
                    reseed()
                result = original(*arguments, **others)
                count[0] += 1
                taken[stage] = result.prev_sample
                return result
            scheduler.step = step
        prepare = pipe.prepare_latents

        def prepared(*arguments, **others):
            reseed()
            return prepare(*arguments, **others)

        pipe.prepare_latents = prepared
        steps = UNCLIP_STEPS
        images = pipe(
            [prompt], prior_num_inference_steps=steps[0], decoder_num_inference_steps=steps[1],
            super_res_num_inference_steps=steps[2], prior_guidance_scale=4.0, decoder_guidance_scale=8.0,
            generator=generator, output_type="np").images
        del pipe.prepare_latents
        for scheduler in schedulers.values():
            del scheduler.step
        return [taken[stage].numpy() for stage in schedulers] + [images]
    return take


@contextlib.contextmanager
def in_double():
    """Draws noise as float64 from the numbers of float32."""
    modules = (generate_unclip.pipeline_unclip, generate_unclip.scheduling_unclip)
    draw = modules[0].randn_tensor
    for module in modules:
        module.randn_tensor = lambda *arguments, dtype=None, **others: draw(
            *arguments, dtype=torch.float32, **others).double()
    yield
    for module in modules:
        module.randn_tensor = draw


def settled(kind, double, item):
    """The run with the first seed that can be compared with, and what it gives."""
    for seed in range(0, 1000, 10):
        item = item | {"seed": seed}
        made = run(kind[0], kind[1], item, kind[2])
        with in_double():
            exact = run(double[0], double[1], item, double[2])
        if max(np.abs(a - b).max() / np.abs(b).max() for a, b in zip(made, exact)) < 2e-5:
            return item, made
    raise AssertionError(item)


def chain_taker(pipes):
    """Takes a run of a base and its refiner, with DDIM, which draws nothing."""
    def take(prompt, generator, reseeding):
        made = []

        def keep(pipeline, index, timestep, values):
            made[-1] = values["latents"]
            return {}

        def call(pipe, **others):
            made.append(None)
            return pipe(
                prompt=[prompt], num_inference_steps=CHAIN_STEPS, guidance_scale=5.0, generator=generator,
                callback_on_step_end=keep, **others).images

        latents = call(pipes["base"], denoising_end=CHAIN_END, output_type="latent")
        images = call(pipes["refiner"], denoising_start=CHAIN_END, image=latents, output_type="np")
        return [tensor.numpy() for tensor in made] + [images]
    return take


def open_chain():
    """The base and the refiner with DDIM."""
    pipes = {}
    for name, kind in (("base", StableDiffusionXLPipeline), ("refiner", StableDiffusionXLImg2ImgPipeline)):
        pipe = kind.from_pretrained(FIXTURES / "sdxl" / name, torch_dtype=torch.float32, add_watermarker=False)
        pipe.scheduler = generate_sdxl.SCHEDULERS["ddim"].from_config(pipe.scheduler.config)
        pipe.set_progress_bar_config(disable=True)
        pipes[name] = pipe
    return pipes


@torch.no_grad()
def main(folder=FIXTURES):
    """Writes the runs into `folder/staged`."""
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    folder = pathlib.Path(folder) / "staged"
    folder.mkdir(exist_ok=True)
    pipe, pipes = generate_unclip.open_pipeline(FIXTURES / "unclip" / "small"), open_chain()
    double = copy.deepcopy(pipe).to(torch.float64)
    double.set_progress_bar_config(disable=True)
    kind, exact = ((unclip_taker(one), [one.prior, one.decoder], 8.0) for one in (pipe, double))
    chain = (chain_taker(pipes), [pipes["base"].unet, pipes["refiner"].unet], 5.0)
    refiner_begins = len(told_of(chain[0], [pipes["base"].unet], FORMER))
    runs, tensors = [], b""
    for item in RUNS:
        item = item | ({"at": refiner_begins} if item["at"] == "refiner" else {})
        if item["kind"] == "unclip":
            item, made = settled(kind, exact, item)
        else:
            item = item | {"seed": 0}
            made = run(*chain[:2], item, chain[2])
        take = kind[0] if item["kind"] == "unclip" else chain[0]
        plain = take(FORMER, torch.Generator("cpu").manual_seed(item["seed"]), None)
        difference = np.abs(made[-1] - plain[-1]).max()
        assert all(np.isfinite(tensor).all() for tensor in made) and difference > VISIBLE, (item, difference)
        runs.append(item | {"shapes": [list(tensor.shape) for tensor in made]})
        tensors += b"".join(tensor.astype("<f4").tobytes() for tensor in made)
        print(item, f"{difference:.3f}")
    (folder / "runs.json").write_text(json.dumps(runs, indent=1) + "\n")
    (folder / "tensors.bin").write_bytes(tensors)


if __name__ == "__main__":
    main()
