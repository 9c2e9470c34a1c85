"""UNet2DModel fixtures: small models with random weights, inputs, and Diffusers' outputs for them on the CPU.

Every folder `unet/<name>` is a pipeline as `save_pretrained` writes it, with a `cases.safetensors`:
`<case>.sample`, `<case>.timestep` (`<case>.sigma` where it is a noise level), `<case>.labels` or `<case>.features`
(class embeddings) where the model has classes, `<case>.output` (float32) and `<case>.output64` (the same model in
float64).
`blocks/<class>.safetensors` holds the weights of Diffusers' own block tests.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # Torch's sums differ between instruction sets; before torch is imported.

import json
import pathlib
import shutil

import torch
from diffusers import DDIMPipeline, DDIMScheduler, UNet2DModel
from diffusers.models.unets import unet_2d_blocks
from safetensors.torch import load_file, save_file

from random_weights import randomize

DOWN, ATTN_DOWN, UP, ATTN_UP = "DownBlock2D", "AttnDownBlock2D", "UpBlock2D", "AttnUpBlock2D"
RESNET_DOWN, RESNET_UP = "ResnetDownsampleBlock2D", "ResnetUpsampleBlock2D"
SKIP_DOWN, ATTN_SKIP_DOWN, SKIP_UP, ATTN_SKIP_UP = (
    "SkipDownBlock2D", "AttnSkipDownBlock2D", "SkipUpBlock2D", "AttnSkipUpBlock2D")
K_DOWN, K_ATTN_DOWN, K_UP, K_ATTN_UP = "KDownBlock2D", "KCrossAttnDownBlock2D", "KUpBlock2D", "KCrossAttnUpBlock2D"

# The tests' tolerance is 2e-5; ignoring an option must change the output by at least a hundred times that.
VISIBLE = 2e-3


def config(channels, down, up, **others):
    """A small configuration: two channels per group, one layer per block, one head of four channels."""
    values = dict(
        sample_size=8, block_out_channels=channels, down_block_types=down, up_block_types=up,
        layers_per_block=1, norm_num_groups=2, attention_head_dim=4)
    return values | others


CONFIGS = {
    "one-level": config((8,), (DOWN,), (UP,), norm_num_groups=4, freq_shift=1),
    "two-levels": config((4, 8), (DOWN, ATTN_DOWN), (ATTN_UP, UP)),
    "three-levels": config(
        (4, 8, 8), (DOWN, ATTN_DOWN, DOWN), (UP, ATTN_UP, UP), layers_per_block=2, attention_head_dim=None,
        downsample_padding=0, flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-6),
    "four-levels": config(
        (4, 4, 8, 8), (ATTN_DOWN, DOWN, ATTN_DOWN, DOWN), (ATTN_UP, UP, UP, ATTN_UP), sample_size=(16, 8),
        attention_head_dim=2, in_channels=1, out_channels=1),
    "three-layers": config((4, 8), (ATTN_DOWN, DOWN), (UP, UP), layers_per_block=3, norm_num_groups=1, norm_eps=1e-2),
    "scale-shift": config(
        (6, 12), (DOWN, ATTN_DOWN), (ATTN_UP, UP), norm_num_groups=3, attention_head_dim=6, norm_eps=1e-2,
        resnet_time_scale_shift="scale_shift"),
    "scale-shift-attention-norm": config(
        (8, 8), (DOWN, DOWN), (UP, ATTN_UP), norm_num_groups=4, attn_norm_num_groups=2,
        resnet_time_scale_shift="scale_shift", downsample_padding=0),
    "attention-norm": config((4, 8), (DOWN, DOWN), (UP, UP), attn_norm_num_groups=1, flip_sin_to_cos=False),
    "middle-scale": config(
        (4, 8), (DOWN, ATTN_DOWN), (UP, UP), mid_block_scale_factor=1.7, norm_eps=1e-2, attention_head_dim=None),
    "no-attention": config((4, 8), (DOWN, DOWN), (UP, UP), add_attention=False, downsample_padding=0),
    "no-middle": config((4, 8), (DOWN, DOWN), (UP, UP), mid_block_type=None),
    "non-square": config(
        (4, 4, 8), (ATTN_DOWN, ATTN_DOWN, DOWN), (UP, ATTN_UP, ATTN_UP), sample_size=(12, 16), in_channels=1,
        out_channels=2, downsample_padding=0, act_fn="swish"),
    "centered": config(
        (4, 8), (DOWN, DOWN), (UP, ATTN_UP), center_input_sample=True, in_channels=2, out_channels=5,
        flip_sin_to_cos=False),
    "odd-channels": config(
        (5, 10), (DOWN, DOWN), (UP, UP), norm_num_groups=1, time_embedding_dim=24, attention_head_dim=5, freq_shift=1,
        sample_size=None),
    "float16": config((4, 8), (DOWN, ATTN_DOWN), (ATTN_UP, UP)),
    "bfloat16": config((4, 8), (DOWN, ATTN_DOWN), (ATTN_UP, UP), attention_head_dim=8),
    "sharded": config((4, 8), (DOWN, ATTN_DOWN), (ATTN_UP, UP), freq_shift=1),
    "flat-ddpm": config(
        (4, 8), (DOWN, ATTN_DOWN), (ATTN_UP, UP), layers_per_block=2, attention_head_dim=None, downsample_padding=0,
        flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-6),
    "classes": config((4, 8), (DOWN, DOWN), (UP, UP), num_class_embeds=7),
    "class-timestep": config(
        (4, 8), (DOWN, ATTN_DOWN), (UP, UP), class_embed_type="timestep", num_class_embeds=3, freq_shift=1),
    "class-identity": config((4, 8), (DOWN, DOWN), (UP, ATTN_UP), class_embed_type="identity", time_embedding_dim=12),
    "mish": config((4, 8), (DOWN, ATTN_DOWN), (ATTN_UP, UP), act_fn="mish"),
    "gelu": config(
        (4, 8), (DOWN, DOWN), (UP, UP), act_fn="GELU", num_class_embeds=3, resnet_time_scale_shift="scale_shift"),
    "relu": config((4, 8), (ATTN_DOWN, DOWN), (UP, ATTN_UP), act_fn="relu"),
    "fourier": config((6, 12), (DOWN, ATTN_DOWN), (UP, UP), time_embedding_type="fourier"),
    "fourier-classes": config(
        (4, 8), (DOWN, DOWN), (UP, UP), time_embedding_type="fourier", class_embed_type="timestep", freq_shift=9),
    "learned": config(
        (4, 8), (DOWN, DOWN), (UP, UP), time_embedding_type="learned", num_train_timesteps=1000,
        class_embed_type="timestep"),
    "heads": config((8, 10), (ATTN_DOWN, DOWN), (ATTN_UP, ATTN_UP), attention_head_dim=3),
    "resnet-resampling": config(
        (4, 8, 8), (ATTN_DOWN, DOWN, ATTN_DOWN), (ATTN_UP, ATTN_UP, UP), downsample_type="resnet",
        upsample_type="resnet", act_fn="mish"),
    "resnet-blocks": config(
        (16, 16), (RESNET_DOWN, RESNET_DOWN), (RESNET_UP, RESNET_UP), sample_size=16, norm_num_groups=4,
        resnet_time_scale_shift="scale_shift", downsample_padding=7),
    "skip": config(
        (8, 12, 12), (SKIP_DOWN, SKIP_DOWN, SKIP_DOWN), (SKIP_UP, SKIP_UP, SKIP_UP), time_embedding_type="fourier",
        norm_num_groups=None, attention_head_dim=None),
    "attention-skip": config(
        (32, 32), (ATTN_SKIP_DOWN, ATTN_SKIP_DOWN), (ATTN_SKIP_UP, ATTN_SKIP_UP), attention_head_dim=7,
        norm_num_groups=8, act_fn="gelu", resnet_time_scale_shift="scale_shift", attn_norm_num_groups=4),
    "skip-at-the-end": config(
        (8, 8), (DOWN, SKIP_DOWN), (UP, SKIP_UP), in_channels=1, out_channels=2, sample_size=(8, 12)),
    "one-level-padding": config((6,), (ATTN_DOWN,), (ATTN_UP,), downsample_padding=3, sample_size=(5, 7)),
    "k": config((32, 40), (K_DOWN, K_DOWN), (K_UP, K_UP), norm_num_groups=8, layers_per_block=2, attention_head_dim=9),
    "k-attention": config(
        (40, 32, 32), (K_ATTN_DOWN, K_ATTN_DOWN, K_ATTN_DOWN), (K_ATTN_UP, K_ATTN_UP, K_ATTN_UP), norm_num_groups=8,
        time_embedding_dim=32, act_fn="gelu", attention_head_dim=9),
    "k-without-norms": config(
        (32, 32), (K_DOWN, K_DOWN), (K_UP, K_UP), norm_num_groups=None, mid_block_type=None, act_fn="relu",
        resnet_time_scale_shift="any"),
}

# Half the size of what has many weights.
HALF = {"float16": "float16", "bfloat16": "bfloat16", "attention-skip": "float16", "k": "float16",
        "k-attention": "float16", "k-without-norms": "float16"}

# Timesteps, or the noise levels of networks over those. Torch's logarithm is the nearest number for all of these.
TIMESTEPS, SIGMAS = (0, 1, 500, 999), (0.75, 3.5, 19, 140)

SCHEDULERS = {
    # Few and small betas: without clipping a random model must not diverge.
    "middle-scale": dict(beta_end=0.004, prediction_type="v_prediction", clip_sample=False),
    "four-levels": dict(beta_schedule="scaled_linear", beta_end=0.002, clip_sample=False, set_alpha_to_one=False),
    "three-levels": dict(beta_end=0.004, clip_sample_range=1.5, timestep_spacing="trailing"),
}

# Options that an engine could ignore without a change in any weight's shape: (fixture, key, other value).
MUTATIONS = [
    ("three-levels", "downsample_padding", 1), ("two-levels", "downsample_padding", 0),
    ("scale-shift-attention-norm", "downsample_padding", 1), ("non-square", "downsample_padding", 1),
    ("three-levels", "flip_sin_to_cos", True), ("two-levels", "flip_sin_to_cos", False),
    ("centered", "flip_sin_to_cos", True), ("three-levels", "freq_shift", 0), ("two-levels", "freq_shift", 1),
    ("odd-channels", "freq_shift", 0), ("centered", "center_input_sample", False),
    ("three-layers", "norm_eps", 1e-5), ("scale-shift", "norm_eps", 1e-5), ("middle-scale", "norm_eps", 1e-5),
    ("three-levels", "norm_eps", 1e-2), ("one-level", "norm_num_groups", 8), ("two-levels", "norm_num_groups", 4),
    ("three-layers", "norm_num_groups", 2), ("scale-shift", "norm_num_groups", 6), ("odd-channels", "norm_num_groups", 5),
    ("three-levels", "attention_head_dim", 4), ("middle-scale", "attention_head_dim", 4),
    ("two-levels", "attention_head_dim", None), ("four-levels", "attention_head_dim", 4),
    ("middle-scale", "mid_block_scale_factor", 1.0), ("attention-norm", "attn_norm_num_groups", None),
    ("scale-shift-attention-norm", "attn_norm_num_groups", 4), ("class-timestep", "freq_shift", 0),
    ("mish", "act_fn", "silu"), ("gelu", "act_fn", "silu"), ("relu", "act_fn", "silu"), ("k", "act_fn", "mish"),
    ("resnet-resampling", "act_fn", "silu"), ("k-attention", "act_fn", "silu"), ("attention-skip", "act_fn", "silu"),
    ("skip", "norm_eps", 0.3), ("k", "norm_eps", 0.3), ("attention-skip", "attn_norm_num_groups", 8),
]


def gain(name):
    """The gain of a weight: 1 to 1.5 inside, less at the end. Class embeddings are normals as they are."""
    if name == "class_embedding.weight":
        return None
    return 1.5 if "time_emb" in name else 0.7 if name.startswith("conv_out") else 1.1


def classes(model, batch, generator):
    """The classes of a case's images, by the names of its tensors; empty for a model without classes."""
    settings = model.config
    if settings.class_embed_type == "identity":
        return {"features": torch.randn((batch, model.time_embedding.linear_2.out_features), generator=generator)}
    if settings.class_embed_type == "timestep" and settings.time_embedding_type == "fourier":
        return {"labels": torch.randint(1, 9, (batch,), generator=generator).double()}
    count = 1000 if settings.class_embed_type == "timestep" else settings.num_class_embeds
    return {"labels": torch.randint(0, count, (batch,), generator=generator).double()} if count else {}


def run(model, case):
    """Diffusers' output for a case."""
    kind = next(model.parameters()).dtype
    labels = case["labels"].long() if "labels" in case else case["features"].to(kind) if "features" in case else None
    timestep = case["sigma"][0].float() if "sigma" in case else case["timestep"][0]
    return model(case["sample"].to(kind), timestep, class_labels=labels).sample.contiguous()


def make_cases(model, generator):
    """Inputs of one to three images at early and late timesteps, with outputs in both precisions."""
    settings = model.config
    size = settings.sample_size or 8
    height, width = (size, size) if isinstance(size, int) else size
    cases, largest = {}, 0.0
    double = UNet2DModel.from_config(settings).eval().double()
    double.load_state_dict({name: value.double() for name, value in model.state_dict().items()})
    if settings.class_embed_type == "timestep":  # Diffusers leaves the label's sinusoids in float32.
        double.class_embedding.register_forward_pre_hook(lambda module, inputs: (inputs[0].double(),))
    fourier = settings.time_embedding_type == "fourier"
    if fourier:  # The angles are those of float32 in both precisions.
        double.time_proj = model.time_proj
    for batch, timestep in zip((1, 3, 2, 1), SIGMAS if fourier else TIMESTEPS):
        time = {"sigma": torch.tensor([timestep]).double()} if fourier else {"timestep": torch.tensor([timestep])}
        case = {
            "sample": torch.randn((batch, settings.in_channels, height, width), generator=generator)
        } | time | classes(model, batch, generator)
        output, output64 = run(model, case), run(double, case)
        largest = max(largest, (output - output64).abs().max().item())
        check_classes(model, case, output)
        case |= {"output": output, "output64": output64}
        cases |= {f"batch{batch}_t{str(timestep).replace('.', '_')}.{key}": value for key, value in case.items()}
    spread = torch.cat([value.flatten() for name, value in cases.items() if name.endswith("output")]).std().item()
    assert 0.1 < spread < 5 and largest < 1e-5, (spread, largest)
    return cases, largest


def check_classes(model, case, output):
    """Checks that the class of each image changes the output visibly."""
    for key, other in (("labels", lambda labels: 1.0 + (labels == 1)), ("features", torch.zeros_like)):
        if key in case:
            changed = (run(model, case | {key: other(case[key])}) - output).abs().amax((1, 2, 3))
            assert changed.min() > VISIBLE * min(1, output.abs().max()), (key, changed)


def save(folder, name, model):
    """The model's folder, in the layout that its name indicates."""
    scheduler = DDIMScheduler(**SCHEDULERS.get(name, {}))
    shutil.rmtree(folder, ignore_errors=True)
    if name == "flat-ddpm":
        return save_flat(folder, model)
    DDIMPipeline(unet=model, scheduler=scheduler).save_pretrained(folder)
    if name in HALF:
        model.to(getattr(torch, HALF[name])).save_pretrained(folder / "unet")
    if name == "sharded":
        (folder / "unet/diffusion_pytorch_model.safetensors").unlink()
        model.save_pretrained(folder / "unet", max_shard_size="16KB")


OLD_KEYS = {
    "_class_name", "_diffusers_version", "act_fn", "attention_head_dim", "block_out_channels", "center_input_sample",
    "down_block_types", "downsample_padding", "flip_sin_to_cos", "freq_shift", "in_channels", "layers_per_block",
    "mid_block_scale_factor", "norm_eps", "norm_num_groups", "out_channels", "sample_size", "time_embedding_type",
    "up_block_types"}


def save_flat(folder, model):
    """All files in one folder, attention under its old names, a DDPM index: as in google/ddpm-cifar10-32."""
    model.save_pretrained(folder)
    path = folder / "diffusion_pytorch_model.safetensors"
    weights = load_file(path)
    for new, old in (("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")):
        weights = {name.replace(f".{new}.", f".{old}."): value for name, value in weights.items()}
    save_file(weights, path, metadata={"format": "pt"})
    # Diffusers 0.1 wrote only these keys; the others have their defaults.
    values = {key: value for key, value in json.loads((folder / "config.json").read_text()).items() if key in OLD_KEYS}
    index = {
        "_class_name": "DDPMPipeline", "_diffusers_version": "0.1.1", "scheduler": ["diffusers", "DDPMScheduler"],
        "unet": ["diffusers", "UNet2DModel"]}
    scheduler = {
        "_class_name": "DDPMScheduler", "_diffusers_version": "0.1.1", "beta_end": 0.02, "beta_schedule": "linear",
        "beta_start": 0.0001, "clip_sample": True, "num_train_timesteps": 1000, "trained_betas": None,
        "variance_type": "fixed_large"}
    for file, contents in (("config.json", values), ("model_index.json", index), ("scheduler_config.json", scheduler)):
        (folder / file).write_text(json.dumps(contents, indent=2) + "\n")


def check_mutations(folder):
    """Checks that changing any option changes the output of some fixture by far more than the tests' tolerance."""
    for name, key, other in MUTATIONS:
        original = UNet2DModel.from_pretrained(folder / name / "unet", low_cpu_mem_usage=False).eval()
        changed = UNet2DModel.from_config(dict(original.config) | {key: other}).eval()
        changed.load_state_dict(original.state_dict())
        cases = {}
        for key, value in load_file(folder / name / "cases.safetensors").items():
            case, tensor = key.split(".")
            cases.setdefault(case, {})[tensor] = value
        difference = max((run(changed, case) - case["output"]).abs().max().item() for case in cases.values())
        assert difference > VISIBLE, (name, key, other, difference)


# Diffusers' tests/models/unets/test_unet_2d_blocks.py: output[0, -1, -3:, -3:], within 5e-3.
BLOCKS = {
    DOWN: [-0.0232, -0.9869, 0.8054, -0.0637, -0.1688, -1.4264, 0.4470, -1.3394, 0.0904],
    ATTN_DOWN: [0.0636, 0.8964, -0.6234, -1.0131, 0.0844, 0.4935, 0.3437, 0.0911, -0.2957],
    UP: [-0.2041, -0.4165, -0.3022, 0.0041, -0.6628, -0.7053, 0.1928, -0.0325, 0.0523],
    ATTN_UP: [0.0979, 0.1326, 0.0021, 0.0659, 0.2249, 0.0059, 0.1132, 0.5952, 0.1033],
    "UNetMidBlock2D": [-0.1062, 1.7248, 0.3494, 1.4569, -0.0910, -1.2421, -0.9984, 0.6736, 1.0028],
}


def make_block(folder, name, published):
    """The weights of a block in Diffusers' tests, after a check that its output is the published one.

    The inputs need no file: they are normals of seed 0 (hidden states, then time embedding) and 1 (skip).
    """
    generator = torch.manual_seed(0)
    inputs = {
        "hidden_states": torch.randn((4, 32, 32, 32), generator=generator),
        "temb": torch.randn((4, 128), generator=generator)}
    arguments = {"in_channels": 32, "temb_channels": 128}
    if name != "UNetMidBlock2D":
        arguments["out_channels"] = 32
    if name in (UP, ATTN_UP):
        # The tests draw the skip from the default generator too, so the weights that follow depend on it.
        inputs["res_hidden_states_tuple"] = (torch.randn((4, 32, 32, 32), generator=torch.manual_seed(1)),)
        arguments["prev_output_channel"] = 32
    block = getattr(unet_2d_blocks, name)(**arguments).eval()
    output = block(**inputs)
    output = output[0] if isinstance(output, tuple) else output
    piece = output[0, -1, -3:, -3:]
    assert (piece.flatten() - torch.tensor(published)).abs().max() < 5e-3, (name, piece)
    save_file(block.state_dict(), folder / f"{name}.safetensors")
    # A corner of the last image as well, to show an error in another image or at another edge.
    return {
        "arguments": arguments, "published": published, "first": piece.flatten().tolist(),
        "last": output[-1, 0, :3, :3].flatten().tolist(), "shape": list(output.shape),
        "abs_sum": output.double().abs().sum().item()}


@torch.no_grad()
def main(folder):
    """Writes `folder/unet` and `folder/blocks`."""
    torch.set_num_threads(1)
    folder = pathlib.Path(folder)
    for index, (name, values) in enumerate(CONFIGS.items()):
        generator = torch.Generator().manual_seed(1000 + index)
        model = UNet2DModel(**values).eval()
        randomize(model, generator, gain)
        save(folder / "unet" / name, name, model)
        # As Diffusers opens it: half precision computes in float32, old names are converted.
        place = folder / "unet" / name / ("" if name == "flat-ddpm" else "unet")
        model = UNet2DModel.from_pretrained(place, low_cpu_mem_usage=False).eval()
        assert model.dtype == torch.float32
        cases, largest = make_cases(model, generator)
        save_file(cases, folder / "unet" / name / "cases.safetensors")
        print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, torch's own error {largest:.1e}")
    check_mutations(folder / "unet")
    (folder / "blocks").mkdir(exist_ok=True)
    blocks = {name: make_block(folder / "blocks", name, published) for name, published in BLOCKS.items()}
    (folder / "blocks" / "blocks.json").write_text(json.dumps(blocks, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent)
