"""Whole runs of Stable Diffusion XL: small random pipelines, as diffusers saves them, and what it makes.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_sdxl.py

Every folder `sdxl/<name>` of `MODELS` is a pipeline, its weights in float16 and computed in float32, with the
tokenizer of sd-emoji-64 twice, the second time padding with "!". `base` is a StableDiffusionXLPipeline, `refiner` a
StableDiffusionXLImg2ImgPipeline of one text encoder that asks for an aesthetic score, `turbo` a pipeline of few
trailing steps whose autoencoder has means and deviations of its latents. `runs.json` has runs of them, with the
arguments of the pipelines and the state of each generator after it (SHA-256 of `get_state()`); a run with an `end` is
of the base up to there and of the refiner from there on. `tensors.bin` has for each run the base's last latents (of a
chain alone), the last latents and the images, all float32 and little endian; `shapes` in the run gives their shapes.
`unet/` is a UNet with `cases.safetensors`: `.sample`, `.timestep`, `.states`, `.embeds`, `.ids`, and the outputs of
one pass, `.output`.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "default"  # Torch's sums differ between instruction sets; before torch is imported.

import hashlib
import json
import logging
import shutil
from pathlib import Path

import numpy as np
import torch
import diffusers
from diffusers import (
    AutoencoderKL, EulerAncestralDiscreteScheduler, EulerDiscreteScheduler, StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline, UNet2DConditionModel)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from random_weights import randomize
from stable_diffusion_models import CROSS_DOWN, CROSS_UP, gain, text_config

FIXTURES = Path(__file__).resolve().parent
DEMO = FIXTURES.parents[1] / "Sources/DemoModel/sd-emoji-64"
WORDS = "a red heart and a pizza"
VISIBLE = 1e-2
BETAS = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)
# What the scheduler's files of Stable Diffusion XL say beside it, for other classes. Without `clip_sample` false DDIM
# clips: at its edge one last bit of PyTorch's own decides what the next steps see, and float32 is up to 6e-3 from
# float64; with it all runs are within 3e-5, so that a difference of 1e-4 is one of the pipelines.
OTHERS = dict(clip_sample=False, set_alpha_to_one=False, skip_prk_steps=True, sample_max_value=1.0)
FIRST, SECOND, POOLED, SINES = 16, 24, 20, 8


def unet(text, ids, **others):
    return dict(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(16, 24), layers_per_block=1,
        down_block_types=("DownBlock2D", CROSS_DOWN), up_block_types=(CROSS_UP, "UpBlock2D"), norm_num_groups=4,
        attention_head_dim=(2, 4), transformer_layers_per_block=(1, 2), use_linear_projection=True,
        cross_attention_dim=text, addition_embed_type="text_time", addition_time_embed_dim=SINES,
        projection_class_embeddings_input_dim=POOLED + ids * SINES) | others


def leading():
    scheduler = EulerDiscreteScheduler(**BETAS, timestep_spacing="leading")
    scheduler.register_to_config(**OTHERS)
    return scheduler


MODELS = {
    "base": dict(
        unet=unet(FIRST + SECOND, 6), scheduler=leading(), vae=dict(scaling_factor=0.4),
        options=dict(force_zeros_for_empty_prompt=True), seed=9100),
    "refiner": dict(
        unet=unet(SECOND, 5), scheduler=leading(), vae=dict(scaling_factor=0.4),
        options=dict(force_zeros_for_empty_prompt=False, requires_aesthetics_score=True), seed=9200),
    "turbo": dict(
        unet=unet(FIRST + SECOND, 6, sample_size=12),
        scheduler=EulerAncestralDiscreteScheduler(**BETAS, timestep_spacing="trailing"),
        vae=dict(
            scaling_factor=0.5, latents_mean=[0.3, -0.2, 0.1, 0.5], latents_std=[0.8, 1.1, 0.9, 1.3]),
        options=dict(force_zeros_for_empty_prompt=True), seed=9300),
}

# What a run has beside the defaults: the base, one prompt, seed 0, 5 steps, guidance 5.
RUNS = [
    {},
    {"guidance": 1.0},
    {"guidance": 3.0, "negative": "angry cat", "seeds": [7]},
    {"guidance": 7.0, "rescale": 0.7},
    {"prompt": [""], "seeds": [3]},
    {"prompt": ["red heart", "an angry cat"], "batch": 2, "seeds": [5]},
    {"prompt": ["red heart", "an angry cat"], "batch": 2, "seeds": [5, 6], "negative": "blue", "steps": 3},
    {"original": [640, 480], "crops": [12, 30], "target": [768, 512]},
    {"original": [640, 480], "crops": [12, 30], "negative_original": [64, 80], "negative_target": [100, 50],
     "negative_crops": [5, 7], "guidance": 3.0},
    {"height": 24, "width": 16, "steps": 4},
    {"steps": 20, "seeds": [11]},
    {"scheduler": "ddim", "eta": 1.0, "steps": 4},
    {"scheduler": "heun", "steps": 4},
    {"scheduler": "dpm-multi", "steps": 6},
    {"scheduler": "euler", "options": {"timestep_spacing": "trailing"}, "steps": 4, "guidance": 0.0},
    {"scheduler": "euler", "options": {"timestep_spacing": "trailing", "prediction_type": "sample"}, "steps": 1,
     "guidance": 0.0},
    {"strength": 0.6},
    {"strength": 0.8, "batch": 2, "seeds": [8, 9], "steps": 5, "negative": "blue", "crops": [12, 30]},
    {"model": "refiner", "strength": 0.5, "steps": 6},
    {"model": "refiner", "strength": 0.7, "aesthetic": [9.0, 1.0], "negative": "angry cat", "seeds": [2]},
    {"model": "turbo", "steps": 1, "guidance": 0.0},
    {"model": "turbo", "steps": 4, "guidance": 0.0, "seeds": [4, 5], "batch": 2},
    {"model": "turbo", "steps": 2, "strength": 0.5, "guidance": 0.0},
    {"end": 0.8, "steps": 10},
    {"end": 0.6, "steps": 10, "seeds": [3, 4], "batch": 2, "negative": "blue", "guidance": 3.0},
    {"end": 0.5, "steps": 8, "scheduler": "euler-ancestral", "original": [640, 480], "aesthetic": [7.5, 2.0]},
    {"end": 0.7, "steps": 6, "scheduler": "ddim"},
    {"end": 0.7, "steps": 5, "scheduler": "heun"},
    {"end": 0.6, "steps": 10, "strength": 0.7},
]
SCHEDULERS = {
    "ddim": diffusers.DDIMScheduler, "euler": EulerDiscreteScheduler, "heun": diffusers.HeunDiscreteScheduler,
    "euler-ancestral": EulerAncestralDiscreteScheduler, "dpm-multi": diffusers.DPMSolverMultistepScheduler}


def replace_tokenizer(folder, pad):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DEMO / "tokenizer", folder)
    if pad is None:
        return
    (folder / "tokenizer.json").unlink()
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        values = json.loads((folder / name).read_text())
        values["pad_token"] = pad
        (folder / name).write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")


def make(folder, name, model):
    """Writes a pipeline, and opens it in float32."""
    generator = torch.Generator().manual_seed(model["seed"])
    vae = AutoencoderKL(
        block_out_channels=(8, 12), down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2, layers_per_block=1, norm_num_groups=4, latent_channels=4,
        sample_size=16, force_upcast=True, **model["vae"])
    first = CLIPTextModel(CLIPTextConfig(**text_config(hidden_size=FIRST, num_attention_heads=2)))
    second = CLIPTextModelWithProjection(
        CLIPTextConfig(**text_config(
            hidden_size=SECOND, projection_dim=POOLED, num_hidden_layers=3, hidden_act="gelu")))
    tokenizer = CLIPTokenizer.from_pretrained(DEMO / "tokenizer")
    is_refiner = name == "refiner"
    kind = StableDiffusionXLImg2ImgPipeline if is_refiner else StableDiffusionXLPipeline
    network = UNet2DConditionModel(**model["unet"])
    pipe = kind(
        unet=randomize(network, generator, unet_gain).eval(),
        text_encoder=None if is_refiner else randomize(first, generator, gain(1.2)).eval(),
        text_encoder_2=randomize(second, generator, gain(1.2)).eval(),
        vae=randomize(vae, generator, gain(0.8)).eval(), scheduler=model["scheduler"],
        tokenizer=None if is_refiner else tokenizer, tokenizer_2=tokenizer, add_watermarker=False, **model["options"])
    shutil.rmtree(folder / name, ignore_errors=True)
    pipe.to(torch.float16).save_pretrained(folder / name)
    replace_tokenizer(folder / name / "tokenizer_2", "!")
    if not is_refiner:
        replace_tokenizer(folder / name / "tokenizer", None)
    return kind.from_pretrained(folder / name, torch_dtype=torch.float32, add_watermarker=False)


def unet_gain(name):
    return 1.5 if "attn" in name or "time_emb" in name or "add_emb" in name else 1.0


def source(size):
    """The picture of the image-to-image runs, RGB: [size, size, channels] bytes, as the tests make it too."""
    y, x, c = np.mgrid[0:size, 0:size, 0:3]
    return ((x * 3 + y * (c + 1) * 2) % 256).astype(np.uint8)


def run(pipes, item):
    """The last latents (of a chain also the base's) and the images of a run, and the states of its generators."""
    batch, seeds = item.get("batch", 1), item.get("seeds", [0])
    prompts = item.get("prompt", [WORDS]) * (batch // len(item.get("prompt", [WORDS])))
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    arguments = {
        "prompt": prompts, "num_inference_steps": item.get("steps", 5), "guidance_scale": item.get("guidance", 5.0),
        "eta": item.get("eta", 0.0), "generator": generators if len(seeds) > 1 else generators[0],
        "guidance_rescale": item.get("rescale", 0.0)}
    if "negative" in item:
        arguments["negative_prompt"] = [item["negative"]] * batch
    for key, name in (("original", "original_size"), ("crops", "crops_coords_top_left"), ("target", "target_size")):
        for prefix in ("", "negative_"):
            if prefix + key in item:
                arguments[prefix + name] = tuple(item[prefix + key])
    made = []

    def keep(pipeline, index, timestep, values):
        made[-1] = values["latents"]
        return {}

    def call(name, kind, **others):
        pipe = pipes[name]
        options = dict(
            force_zeros_for_empty_prompt=pipe.config.force_zeros_for_empty_prompt, add_watermarker=False)
        if kind is StableDiffusionXLImg2ImgPipeline:
            options["requires_aesthetics_score"] = pipe.config.get("requires_aesthetics_score", False)
        pipe = kind(**pipe.components, **options)
        if "scheduler" in item:
            pipe.scheduler = SCHEDULERS[item["scheduler"]].from_config(
                pipe.scheduler.config, **item.get("options", {}))
        pipe.set_progress_bar_config(disable=True)
        made.append(None)
        return pipe(**arguments, **others, callback_on_step_end=keep).images

    name = item.get("model", "base")
    scores = dict(zip(("aesthetic_score", "negative_aesthetic_score"), item.get("aesthetic", ())))
    size = pipes[name].unet.config.sample_size * pipes[name].vae_scale_factor
    image = torch.from_numpy(source(size)).permute(2, 0, 1)[None].float() / 255 * 2 - 1
    if "end" in item:
        first = StableDiffusionXLPipeline, {}
        if "strength" in item:
            first = StableDiffusionXLImg2ImgPipeline, {"image": image, "strength": item["strength"]}
        latents = call("base", first[0], denoising_end=item["end"], output_type="latent", **first[1])
        images = call(
            "refiner", StableDiffusionXLImg2ImgPipeline, denoising_start=item["end"], image=latents,
            output_type="np", **scores)
    elif "strength" in item:
        images = call(
            name, StableDiffusionXLImg2ImgPipeline, image=image, strength=item["strength"], output_type="np", **scores)
    else:
        sizes = {key: item[key] for key in ("height", "width") if key in item}
        images = call(name, StableDiffusionXLPipeline, output_type="np", **sizes)
    states = [hashlib.sha256(generator.get_state().numpy().tobytes()).hexdigest() for generator in generators]
    return [latents.numpy() for latents in made] + [images], states


def check_parts(pipes):
    """Checks that each word, each weight and each condition changes an image visibly."""
    def check(item, changes, name):
        images = run(pipes, item)[0][-1]

        def require(changed, what):
            difference = np.abs(run(pipes, changed)[0][-1] - images).max()
            assert difference > (1e-3 if "norm" in what else VISIBLE), (item, what, difference)

        words = WORDS.split()
        for index in range(len(words)):
            require(item | {"prompt": [" ".join(words[:index] + words[index + 1:])]}, f"word {index}")
        for change in changes:
            require(item | change, f"{change}")
        pipe = pipes[name]
        for part in (pipe.text_encoder, pipe.text_encoder_2, pipe.unet):
            if part is None:
                continue
            # The penultimate states and the pooled text leave out what only the last layer's states depend on.
            for key, parameter in part.named_parameters():
                if key.endswith("bias") or "final_layer_norm" in key:
                    continue
                if part is pipe.text_encoder and "layers.1." in key:
                    continue
                kept = parameter.data.clone()
                parameter.data.fill_(1 if parameter.dim() == 1 else 0)
                require(item, f"{type(part).__name__} {key}")
                parameter.data.copy_(kept)

    sizes = [{"original": [640, 480]}, {"crops": [40, 10]}, {"target": [300, 90]}, {"negative": "angry cat"}]
    negative = {"negative_original": [60, 10], "negative_target": [30, 90]}
    check({"seeds": [1]}, sizes + [negative, negative | {"negative_crops": [30, 8]}], "base")
    refined = {"model": "refiner", "strength": 0.9}
    check(refined, [{"aesthetic": [1.0, 2.5]}, {"aesthetic": [6.0, 9.5]}, {"original": [640, 480]}], "refiner")
    check({"end": 0.1, "steps": 10}, [{"end": 0.8}, {"aesthetic": [1.0, 2.5]}], "refiner")


def make_unet(folder, model):
    """One pass of a UNet with text and times."""
    generator = torch.Generator().manual_seed(9400)
    shutil.rmtree(folder, ignore_errors=True)
    randomize(UNet2DConditionModel(**model), generator, unet_gain).half().save_pretrained(folder)
    network = UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
    case = {
        "sample": torch.randn((3, 4, 8, 8), generator=generator),
        "states": torch.randn((3, 5, 40), generator=generator),
        "embeds": torch.randn((3, POOLED), generator=generator),
        "ids": torch.tensor([[1024., 1024, 0, 0, 1024, 1024], [640, 480, 12, 30, 768, 512], [8, 9, 1, 2, 6, 2.5]])}

    def predict(**changes):
        values = case | changes
        return network(
            values["sample"], 381, encoder_hidden_states=values["states"],
            added_cond_kwargs={"text_embeds": values["embeds"], "time_ids": values["ids"]}).sample

    output = predict()
    for key in case:
        assert (predict(**{key: case[key] * 0}) - output).abs().max() > VISIBLE, key
    save_file(case | {"timestep": torch.tensor(381), "output": output.contiguous()}, folder / "cases.safetensors")


@torch.no_grad()
def main(folder=FIXTURES):
    """Writes the pipelines and the runs into `folder/sdxl`."""
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    folder = Path(folder) / "sdxl"
    folder.mkdir(exist_ok=True)
    make_unet(folder / "unet", MODELS["base"]["unet"])
    pipes = {name: make(folder, name, model) for name, model in MODELS.items()}
    check_parts(pipes)
    runs, tensors = [], b""
    for item in RUNS:
        made, states = run(pipes, item)
        assert all(np.isfinite(tensor).all() for tensor in made)
        runs.append(item | {"shapes": [list(tensor.shape) for tensor in made], "states": states})
        tensors += b"".join(tensor.astype("<f4").tobytes() for tensor in made)
        print(item, [f"{tensor.std():.3f}" for tensor in made])
    (folder / "runs.json").write_text(json.dumps(runs, indent=1) + "\n")
    (folder / "tensors.bin").write_bytes(tensors)


if __name__ == "__main__":
    main()
