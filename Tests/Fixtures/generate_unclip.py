"""Whole runs of unCLIP: small random pipelines, as diffusers saves them, and what UnCLIPPipeline makes with them.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_unclip.py

Every folder `unclip/<name>` of `MODELS` is a pipeline, its weights in float16 and computed in float32, with the
tokenizer of sd-emoji-64. `unclip/runs.json` has runs of them, with the arguments of `UnCLIPPipeline` and the state of
each generator after it (SHA-256 of `get_state()`). `unclip/tensors.bin` has for each run, one after another, the last
latents of the prior, those of the decoder, those of the super-resolution, and the image, all float32 and little endian;
`shapes` in the run gives their shapes.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "default"  # Torch's sums differ between instruction sets; before torch is imported.

import copy
import hashlib
import json
import logging
import pathlib
import shutil

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.pipelines.deprecated.unclip import pipeline_unclip
from diffusers.schedulers import scheduling_unclip
from diffusers import PriorTransformer, UnCLIPPipeline, UnCLIPScheduler, UNet2DConditionModel, UNet2DModel
from diffusers.pipelines.deprecated.unclip.text_proj import UnCLIPTextProjModel
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

from random_weights import randomize

FIXTURES = pathlib.Path(__file__).resolve().parent
DEMO = FIXTURES.parents[1] / "Sources/DemoModel/sd-emoji-64"
WORDS = "a red heart and a pizza"
LONG = "a picture of a pizza and a red heart and a grinning face with a very long tail of words, all in a row"

# What a dropped word, mask or network must change in an image, at least.
VISIBLE = 1e-2
# The embeddings of texts and images; the tokens that a text has.
FEATURES, TOKENS = 16, 16

NETWORKS = {
    "prior": PriorTransformer, "text_proj": UnCLIPTextProjModel, "decoder": UNet2DConditionModel,
    "super_res_first": UNet2DModel, "super_res_last": UNet2DModel}
RESNET_DOWN, SIMPLE_DOWN = "ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"
RESNET_UP, SIMPLE_UP = "ResnetUpsampleBlock2D", "SimpleCrossAttnUpBlock2D"


def super_resolution(**others):
    return dict(
        sample_size=16, in_channels=6, out_channels=3, block_out_channels=(8, 12), layers_per_block=1,
        norm_num_groups=4, down_block_types=(RESNET_DOWN,) * 2, up_block_types=(RESNET_UP,) * 2,
        resnet_time_scale_shift="scale_shift", add_attention=False) | others


# The configurations and the seed of the weights. `large` makes its pictures three times as large, and has attention in
# every level of its decoder.
MODELS = {
    "small": dict(
        prior=dict(num_attention_heads=2, attention_head_dim=8, num_layers=2),
        decoder=dict(
            sample_size=8, out_channels=6, down_block_types=(RESNET_DOWN, SIMPLE_DOWN),
            up_block_types=(SIMPLE_UP, RESNET_UP), resnet_time_scale_shift="scale_shift"),
        super_resolution=super_resolution(), seed=8200),
    "large": dict(
        prior=dict(num_attention_heads=3, attention_head_dim=6, num_layers=1, norm_in_type="layer"),
        decoder=dict(
            sample_size=8, out_channels=6, down_block_types=(SIMPLE_DOWN,) * 2, up_block_types=(SIMPLE_UP,) * 2),
        super_resolution=super_resolution(sample_size=24, resnet_time_scale_shift="default"), seed=8300),
}

# What a run has beside the defaults: one prompt, seed 0, 4, 4 and 3 steps, guidance 4 and 8.
RUNS = [
    {},
    {"prompt": ["pizza"], "seeds": [3]},
    {"prompt": [""]},
    {"prompt": [LONG], "steps": [3, 5, 2]},
    {"guidance": [1.0, 1.0]},
    {"guidance": [1.0, 3.0], "seeds": [7]},
    {"guidance": [2.5, 0.5]},
    {"prompt": ["red heart", "an angry cat and a pizza"], "seeds": [5]},
    {"prompt": ["red heart", "an angry cat and a pizza", "cat"], "seeds": [5, 6, 7], "guidance": [3.0, 2.0]},
    {"prompt": ["pizza"], "batch": 2, "steps": [2, 2, 2]},
    {"steps": [25, 25, 7]},
    {"model": "large"},
    {"model": "large", "prompt": ["cat", WORDS], "seeds": [8, 9], "steps": [5, 3, 4], "guidance": [2.0, 3.0]},
]


def gain(usual):
    """The gain of a weight by its name: more where texts and timesteps enter. Embeddings are normals as they are."""
    def of(name):
        if "positional" in name or "prd" in name or "guidance" in name or name.startswith("clip_m"):
            return None
        if "embedding" in name and "time" not in name and "proj" not in name:
            return None
        return 1.5 if "attn" in name or "time_emb" in name else usual

    return of


def make(folder, name, values):
    """Writes a pipeline, and opens it in float32."""
    generator = torch.Generator().manual_seed(values["seed"])
    text = CLIPTextConfig(
        vocab_size=1024, hidden_size=FEATURES, projection_dim=FEATURES, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=TOKENS, hidden_act="quick_gelu", bos_token_id=1022,
        eos_token_id=1023, pad_token_id=1023)
    decoder = dict(
        in_channels=3, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=12,
        attention_head_dim=4, class_embed_type="identity", mid_block_type="UNetMidBlock2DSimpleCrossAttn")
    networks = dict(
        prior=PriorTransformer(embedding_dim=FEATURES, num_embeddings=TOKENS, **values["prior"]),
        text_encoder=CLIPTextModelWithProjection(text),
        text_proj=UnCLIPTextProjModel(clip_embeddings_dim=FEATURES, time_embed_dim=32, cross_attention_dim=12),
        decoder=UNet2DConditionModel(**decoder | values["decoder"]),
        super_res_first=UNet2DModel(**values["super_resolution"]),
        super_res_last=UNet2DModel(**values["super_resolution"]))
    for part, network in networks.items():
        randomize(network, generator, gain(0.9 if part == "decoder" else 1.2)).eval()
    networks["prior"].clip_std.data.abs_().add_(0.5)
    networks["super_res_last"].conv_out.weight.data.mul_(2)
    pipe = UnCLIPPipeline(
        **networks, tokenizer=CLIPTokenizer.from_pretrained(DEMO / "tokenizer"),
        prior_scheduler=UnCLIPScheduler(
            variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=5.0),
        decoder_scheduler=UnCLIPScheduler(variance_type="learned_range", prediction_type="epsilon"),
        # Of 1000 timesteps the last would leave too little of what super_res_last predicts to be seen.
        super_res_scheduler=UnCLIPScheduler(
            variance_type="fixed_small_log", prediction_type="epsilon", num_train_timesteps=100))
    shutil.rmtree(folder / name, ignore_errors=True)
    pipe.to(torch.float16).save_pretrained(folder / name)
    shutil.rmtree(folder / name / "tokenizer")
    shutil.copytree(DEMO / "tokenizer", folder / name / "tokenizer")
    if name == "large":
        # As older versions wrote it.
        index = folder / name / "model_index.json"
        values = json.loads(index.read_text()) | {"text_proj": ["unclip", "UnCLIPTextProjModel"]}
        index.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
    return open_pipeline(folder / name)


def open_pipeline(folder):
    """Opens a pipeline by its parts: Diffusers no longer finds UnCLIPTextProjModel by its name."""
    parts = {"text_encoder": CLIPTextModelWithProjection.from_pretrained(
        folder / "text_encoder", torch_dtype=torch.float32)}
    for part, network in NETWORKS.items():
        parts[part] = network.from_pretrained(folder / part, torch_dtype=torch.float32, low_cpu_mem_usage=False)
    for stage in ("prior", "decoder", "super_res"):
        parts[f"{stage}_scheduler"] = UnCLIPScheduler.from_pretrained(folder / f"{stage}_scheduler")
    pipe = UnCLIPPipeline(tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"), **parts)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def run(pipe, item):
    """The last latents of each stage and the images of a run, and the states of its generators."""
    prompts, seeds = item.get("prompt", [WORDS]), item.get("seeds", [0])
    steps, guidance = item.get("steps", [4, 4, 3]), item.get("guidance", [4.0, 8.0])
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    taken, kept = {}, []
    for stage in ("prior", "decoder", "super_res"):
        scheduler = getattr(pipe, f"{stage}_scheduler")
        original = type(scheduler).step
        def step(*arguments, original=original, scheduler=scheduler, stage=stage, **others):
            result = original(scheduler, *arguments, **others)
            taken[stage] = result.prev_sample
            return result
        scheduler.step = step
        kept.append(scheduler)
    images = pipe(
        prompts, num_images_per_prompt=item.get("batch", 1),
        prior_num_inference_steps=steps[0], decoder_num_inference_steps=steps[1],
        super_res_num_inference_steps=steps[2], prior_guidance_scale=guidance[0], decoder_guidance_scale=guidance[1],
        generator=generators if len(seeds) > 1 else generators[0], output_type="np").images
    for scheduler in kept:
        del scheduler.step
    states = [hashlib.sha256(generator.get_state().numpy().tobytes()).hexdigest() for generator in generators]
    return [taken["prior"].numpy(), taken["decoder"].numpy(), taken["super_res"].numpy(), images], states


def check_parts(pipe, item):
    """Checks that each word and each part that takes part changes the images of a run visibly."""
    images = run(pipe, item)[0][-1]

    def require(what, changed=item):
        difference = np.abs(run(pipe, changed)[0][-1] - images).max()
        assert difference > VISIBLE, (what, difference)

    words = WORDS.split()
    for index in range(len(words)):
        require(f"word {index}", item | {"prompt": [" ".join(words[:index] + words[index + 1:])]})
    require("prior guidance", item | {"guidance": [1.0, 8.0]})
    require("decoder guidance", item | {"guidance": [4.0, 2.0]})

    def replaced(owner, name, value, what):
        original = getattr(owner, name)
        setattr(owner, name, value)
        require(what)
        setattr(owner, name, original)

    def unmasked(network):
        original = network.forward
        return lambda *arguments, attention_mask=None, **others: original(
            *arguments, attention_mask=torch.ones_like(attention_mask), **others)

    for network in (pipe.prior, pipe.decoder):
        replaced(network, "forward", unmasked(network), f"the mask of {type(network).__name__}")
    replaced(pipe.prior, "post_process_latents", lambda latents: latents, "post_process_latents")
    replaced(pipe, "super_res_last", pipe.super_res_first, "super_res_last")
    replaced(pipe, "super_res_first", pipe.super_res_last, "super_res_first")
    resize = F.interpolate
    for other in (dict(antialias=False), dict(mode="bilinear")):
        F.interpolate = lambda *arguments, other=other, **others: resize(
            *arguments, **(others | other if others.get("mode") == "bicubic" else others))
        require(f"interpolation {other}")
    F.interpolate = resize
    for part in ("text_encoder", *NETWORKS):
        for name, parameter in getattr(pipe, part).named_parameters():
            if name.endswith("bias") or "norm" in name:
                continue
            kept = parameter.data.clone()
            parameter.data.zero_()
            require(f"{part} {name}")
            parameter.data.copy_(kept)


def in_double(pipe, item):
    """What `run` gives in float64, from the same noise."""
    double, draw = copy.deepcopy(pipe).to(torch.float64), pipeline_unclip.randn_tensor
    double.set_progress_bar_config(disable=True)
    for module in (pipeline_unclip, scheduling_unclip):
        module.randn_tensor = lambda *arguments, dtype=None, **others: draw(
            *arguments, dtype=torch.float32, **others).double()
    made = run(double, item)[0]
    for module in (pipeline_unclip, scheduling_unclip):
        module.randn_tensor = draw
    return made


def settled(pipe, item):
    """The run with the first seeds that can be compared with.

    The first step of a stage divides by the root of an alpha-bar near 0 and clips: the element that comes to lie
    between -1 and 1 has torch's rounding a thousandfold.
    """
    for offset in range(0, 1000, 10):
        moved = item | ({"seeds": [seed + offset for seed in item.get("seeds", [0])]} if offset else {})
        pairs = zip(run(pipe, moved)[0], in_double(pipe, moved))
        rounding = max(np.abs(single - double).max() / np.abs(double).max() for single, double in pairs)
        if rounding < 2e-5:
            return moved
    raise AssertionError(item)


@torch.no_grad()
def main(folder=FIXTURES):
    """Writes the pipelines and the runs into `folder/unclip`."""
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    folder = pathlib.Path(folder) / "unclip"
    folder.mkdir(exist_ok=True)
    pipes = {name: make(folder, name, values) for name, values in MODELS.items()}
    check_parts(pipes["small"], {})
    runs, tensors = [], b""
    for item in RUNS:
        pipe = pipes[item.get("model", "small")]
        item = settled(pipe, item)
        made, states = run(pipe, item)
        assert all(np.isfinite(tensor).all() for tensor in made)
        runs.append(item | {"shapes": [list(tensor.shape) for tensor in made], "states": states})
        tensors += b"".join(tensor.astype("<f4").tobytes() for tensor in made)
        print(item, [f"{tensor.std():.3f}" for tensor in made])
    (folder / "runs.json").write_text(json.dumps(runs, indent=1, ensure_ascii=False) + "\n")
    (folder / "tensors.bin").write_bytes(tensors)


if __name__ == "__main__":
    main()
