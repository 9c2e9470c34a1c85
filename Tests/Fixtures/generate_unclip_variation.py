"""Variations of a picture: a small random UnCLIPImageVariationPipeline, its image encoder by itself, and CLIP's image
processor.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_unclip_variation.py

`unclip-variation/model` is a pipeline as diffusers saves it, its weights in float16 and computed in float32, with the
tokenizer of sd-emoji-64. `pictures.safetensors` has pictures as `<name>` (8 bits, `[height, width, channels]`) and what
processors make of them, `<name>.<processor>` (`PROCESSORS`; `CLIPImageProcessor` with Pillow). `encoders/<name>` are
image encoders with a `cases.safetensors`: `.images`, `.embeds`, and the outputs of every stage, `stages.<module>`.
`runs.json` has runs of the pipeline with the state of each generator after it (SHA-256 of `get_state()`), and
`tensors.bin` for each the last latents of the decoder, those of the super-resolution, and the image, all float32 and
little endian; `shapes` in the run gives their shapes.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "default"  # Torch's sums differ between instruction sets; before torch is imported.

import hashlib
import json
import logging
import pathlib
import shutil

import numpy as np
import PIL.Image
import torch
from diffusers import UnCLIPImageVariationPipeline, UnCLIPScheduler, UNet2DConditionModel, UNet2DModel
from diffusers.pipelines.deprecated.unclip import pipeline_unclip_image_variation as variation
from diffusers.pipelines.deprecated.unclip.text_proj import UnCLIPTextProjModel
from diffusers.schedulers import scheduling_unclip
from safetensors.torch import save_file
from transformers import (
    CLIPImageProcessor, CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer, CLIPVisionConfig,
    CLIPVisionModelWithProjection)

from generate_unclip import (
    DEMO, FEATURES, FIXTURES, RESNET_DOWN, RESNET_UP, SIMPLE_DOWN, SIMPLE_UP, TOKENS, VISIBLE, gain, super_resolution)
from random_weights import randomize

NETWORKS = {
    "text_encoder": CLIPTextModelWithProjection, "image_encoder": CLIPVisionModelWithProjection,
    "text_proj": UnCLIPTextProjModel, "decoder": UNet2DConditionModel, "super_res_first": UNet2DModel,
    "super_res_last": UNet2DModel}
# Of 14 pixels patches of 4 leave two out.
ENCODERS = {
    "quick-gelu": dict(
        hidden_size=12, intermediate_size=20, projection_dim=16, num_hidden_layers=2, num_attention_heads=2,
        image_size=14, patch_size=4, hidden_act="quick_gelu"),
    "gelu": dict(
        hidden_size=18, intermediate_size=10, projection_dim=7, num_hidden_layers=3, num_attention_heads=3,
        image_size=9, patch_size=3, hidden_act="gelu", layer_norm_eps=1e-3),
}
SEEDS = {"model": 8400, "quick-gelu": 8401, "gelu": 8402, "pictures": 8403}
PROCESSORS = {
    "small": dict(size={"shortest_edge": 16}, crop_size={"height": 14, "width": 14}),
    "clip": dict(size={"shortest_edge": 64}, crop_size=56),
    "padded": dict(size={"height": 9, "width": 20}, crop_size={"height": 13, "width": 15}, image_mean=[0.5, 0.4, 0.3]),
    "plain": dict(do_resize=False, crop_size=5, do_normalize=False),
}
# Names, heights, widths and channels.
PICTURES = {
    "wide": (21, 33, 3), "tall": (57, 16, 3), "large": (150, 203, 3), "tiny": (3, 2, 3), "same": (64, 64, 3),
    "grey": (19, 24, 1), "alpha": (30, 26, 4)}
RUNS = [
    {"picture": "wide"},
    {"picture": "alpha", "seeds": [3]},
    {"picture": "tall", "steps": [2, 4], "guidance": 1.0},
    {"picture": "grey", "batch": 2, "guidance": 2.5, "seeds": [5]},
    {"picture": "large", "batch": 2, "seeds": [6, 7], "steps": [3, 2]},
    {"picture": "wide", "steps": [25, 7]},
]


def pictures():
    """Pictures of stripes and noise: smooth enough for interpolation to matter, and with clipped extremes."""
    random, found = np.random.default_rng(SEEDS["pictures"]), {}
    for name, (height, width, channels) in PICTURES.items():
        row, column = np.mgrid[:height, :width].astype(np.float64)
        planes = [
            127 + 160 * np.sin(row / random.uniform(1, 9) + column / random.uniform(1, 9)) for _ in range(channels)]
        noise = random.normal(0, 20, (height, width, channels))
        found[name] = np.clip(np.stack(planes, axis=-1) + noise, 0, 255).astype(np.uint8)
    return found


def image_of(pixels):
    return PIL.Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


def make_encoder(folder, name, values):
    generator = torch.Generator().manual_seed(SEEDS[name])
    shutil.rmtree(folder / name, ignore_errors=True)
    model = CLIPVisionModelWithProjection(CLIPVisionConfig(**values))
    randomize(model, generator, vision_gain).half().save_pretrained(folder / name)
    model = CLIPVisionModelWithProjection.from_pretrained(folder / name, torch_dtype=torch.float32).eval()
    images = torch.randn((3, 3, values["image_size"], values["image_size"]), generator=generator)
    taken, hooks = {}, []
    for module_name, module in model.named_modules():
        last = module_name.split(".")[-1]
        if last in ("embeddings", "pre_layrnorm", "post_layernorm", "visual_projection") or last.isdigit():
            def keep(module, inputs, output, key=module_name.removeprefix("vision_model.")):
                taken[f"stages.{key}"] = (output[0] if isinstance(output, tuple) else output).clone().contiguous()
            hooks.append(module.register_forward_hook(keep))
    embeds = model(images).image_embeds
    for hook in hooks:
        hook.remove()
    for name_of, parameter in model.named_parameters():
        if name_of.endswith("k_proj.bias"):
            continue  # The same for each score of a query.
        kept = parameter.data.clone()
        parameter.data.fill_(1 if "norm" in name_of and name_of.endswith("weight") else 0)
        changed = (model(images).image_embeds - embeds).abs().max()
        assert changed > 1e-3, (name, name_of, changed)
        parameter.data.copy_(kept)
    save_file({"images": images, "embeds": embeds.contiguous()} | taken, folder / name / "cases.safetensors")


def vision_gain(name):
    if "class_embedding" in name or "position_embedding" in name:
        return None
    return 1.5 if "attn" in name else 1.2


def make(folder):
    """Writes the pipeline, and opens it in float32."""
    generator = torch.Generator().manual_seed(SEEDS["model"])
    text = CLIPTextConfig(
        vocab_size=1024, hidden_size=FEATURES, projection_dim=FEATURES, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=TOKENS, hidden_act="quick_gelu", bos_token_id=1022,
        eos_token_id=1023, pad_token_id=1023)
    networks = dict(
        text_encoder=CLIPTextModelWithProjection(text),
        image_encoder=CLIPVisionModelWithProjection(CLIPVisionConfig(**ENCODERS["quick-gelu"])),
        text_proj=UnCLIPTextProjModel(clip_embeddings_dim=FEATURES, time_embed_dim=32, cross_attention_dim=12),
        decoder=UNet2DConditionModel(
            sample_size=8, in_channels=3, out_channels=6, block_out_channels=(8, 16), layers_per_block=1,
            norm_num_groups=4, cross_attention_dim=12, attention_head_dim=4, class_embed_type="identity",
            mid_block_type="UNetMidBlock2DSimpleCrossAttn", down_block_types=(RESNET_DOWN, SIMPLE_DOWN),
            up_block_types=(SIMPLE_UP, RESNET_UP), resnet_time_scale_shift="scale_shift"),
        super_res_first=UNet2DModel(**super_resolution()), super_res_last=UNet2DModel(**super_resolution()))
    for part, network in networks.items():
        own = vision_gain if part == "image_encoder" else gain(0.9 if part == "decoder" else 1.2)
        randomize(network, generator, own).eval()
    networks["super_res_last"].conv_out.weight.data.mul_(2)
    pipe = UnCLIPImageVariationPipeline(
        **networks, tokenizer=CLIPTokenizer.from_pretrained(DEMO / "tokenizer"),
        feature_extractor=CLIPImageProcessor(**PROCESSORS["small"]),
        decoder_scheduler=UnCLIPScheduler(variance_type="learned_range", prediction_type="epsilon"),
        super_res_scheduler=UnCLIPScheduler(
            variance_type="fixed_small_log", prediction_type="epsilon", num_train_timesteps=100))
    shutil.rmtree(folder, ignore_errors=True)
    pipe.to(torch.float16).save_pretrained(folder)
    shutil.rmtree(folder / "tokenizer")
    shutil.copytree(DEMO / "tokenizer", folder / "tokenizer")
    index = folder / "model_index.json"
    values = json.loads(index.read_text()) | {"feature_extractor": ["transformers", "CLIPImageProcessor"]}
    index.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
    parts = {
        part: network.from_pretrained(folder / part, torch_dtype=torch.float32, low_cpu_mem_usage=False)
        for part, network in NETWORKS.items()}
    pipe = UnCLIPImageVariationPipeline(
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        feature_extractor=CLIPImageProcessor.from_pretrained(folder / "feature_extractor"),
        decoder_scheduler=UnCLIPScheduler.from_pretrained(folder / "decoder_scheduler"),
        super_res_scheduler=UnCLIPScheduler.from_pretrained(folder / "super_res_scheduler"), **parts)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def run(pipe, item, found):
    """The last latents of each stage and the images of a run, and the states of its generators."""
    seeds, steps = item.get("seeds", [0]), item.get("steps", [4, 3])
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    taken = {}
    for stage in ("decoder", "super_res"):
        scheduler = getattr(pipe, f"{stage}_scheduler")
        original = type(scheduler).step

        def step(*arguments, original=original, scheduler=scheduler, stage=stage, **others):
            result = original(scheduler, *arguments, **others)
            taken[stage] = result.prev_sample
            return result
        scheduler.step = step
    images = pipe(
        image_of(found[item["picture"]]), num_images_per_prompt=item.get("batch", 1),
        decoder_num_inference_steps=steps[0], super_res_num_inference_steps=steps[1],
        decoder_guidance_scale=item.get("guidance", 8.0),
        generator=generators if len(seeds) > 1 else generators[0], output_type="np").images
    del pipe.decoder_scheduler.step, pipe.super_res_scheduler.step
    states = [hashlib.sha256(generator.get_state().numpy().tobytes()).hexdigest() for generator in generators]
    return [taken["decoder"].numpy(), taken["super_res"].numpy(), images], states


def check_parts(pipe, item, found):
    """Checks that the picture, how it is prepared, and each part of the image encoder change the images visibly."""
    images = run(pipe, item, found)[0][-1]

    def require(what, item=item, found=found):
        difference = np.abs(run(pipe, item, found)[0][-1] - images).max()
        assert difference > VISIBLE, (what, difference)

    for other in found:
        if other != item["picture"]:
            require(other, item | {"picture": other})
    changed = found[item["picture"]].copy()
    changed[:10, :16] = 255 - changed[:10, :16]
    require("a corner", found=found | {item["picture"]: changed})
    extractor = pipe.feature_extractor
    for other in (
            dict(resample=0), dict(do_center_crop=False, size={"height": 14, "width": 14}), dict(do_normalize=False),
            dict(size={"shortest_edge": 14})):
        pipe.feature_extractor = CLIPImageProcessor(**PROCESSORS["small"] | other)
        require(f"processor {other}")
    pipe.feature_extractor = extractor
    for name, parameter in pipe.image_encoder.named_parameters():
        if name.endswith("bias") or "norm" in name:
            continue
        kept = parameter.data.clone()
        parameter.data.zero_()
        require(name)
        parameter.data.copy_(kept)


def settled(pipe, item, found):
    """The run with the first seeds that can be compared with; see `generate_unclip.settled`."""
    for offset in range(0, 1000, 10):
        moved = item | ({"seeds": [seed + offset for seed in item.get("seeds", [0])]} if offset else {})
        made = run(pipe, moved, found)[0]
        parts = [getattr(pipe, part) for part in NETWORKS]
        for part in parts:
            part.double()
        draw = variation.randn_tensor
        for module in (variation, scheduling_unclip):
            module.randn_tensor = lambda *arguments, dtype=None, **others: draw(
                *arguments, dtype=torch.float32, **others).double()
        double = run(pipe, moved, found)[0]
        for module in (variation, scheduling_unclip):
            module.randn_tensor = draw
        for part in parts:
            part.float()
        if max(np.abs(own - other).max() / np.abs(other).max() for own, other in zip(made, double)) < 2e-5:
            return moved
    raise AssertionError(item)


@torch.no_grad()
def main(folder=FIXTURES):
    """Writes everything into `folder/unclip-variation`."""
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    folder = pathlib.Path(folder) / "unclip-variation"
    folder.mkdir(exist_ok=True)
    found = pictures()
    tensors = {name: torch.from_numpy(pixels) for name, pixels in found.items()}
    for processor, values in PROCESSORS.items():
        for name, pixels in found.items():
            made = CLIPImageProcessor(**values)(images=image_of(pixels), return_tensors="pt").pixel_values
            tensors[f"{name}.{processor}"] = made.contiguous()
    save_file(tensors, folder / "pictures.safetensors")
    image_of(found["wide"]).save(folder / "wide.png")
    for name, values in ENCODERS.items():
        make_encoder(folder / "encoders", name, values)
    pipe = make(folder / "model")
    check_parts(pipe, {"picture": "wide"}, found)
    runs, data = [], b""
    for item in RUNS:
        item = settled(pipe, item, found)
        made, states = run(pipe, item, found)
        assert all(np.isfinite(tensor).all() for tensor in made)
        runs.append(item | {"shapes": [list(tensor.shape) for tensor in made], "states": states})
        data += b"".join(tensor.astype("<f4").tobytes() for tensor in made)
        print(item, [f"{tensor.std():.3f}" for tensor in made])
    (folder / "runs.json").write_text(json.dumps(runs, indent=1) + "\n")
    (folder / "tensors.bin").write_bytes(data)


if __name__ == "__main__":
    main()
