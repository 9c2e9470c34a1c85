"""AutoencoderKL fixtures: small models with random weights, and what Diffusers makes of inputs on the CPU.

Every folder `autoencoder/<name>` is a model as `save_pretrained` writes it, with a `cases.safetensors`:
`<case>.image`, `<case>.moments`, `<case>.latents`, `<case>.decoded` (float32), the same in float64 with `64` at the end,
and for one case the output of every stage, `stage.<the name of the stage's last layer>`.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # Torch's sums differ between instruction sets; before torch is imported.

import pathlib
import shutil

import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file

from random_weights import randomize

# The tests' tolerance is 2e-5 of the largest element; ignoring an option must change far more.
VISIBLE = 2e-3


def config(channels, **others):
    """A configuration with a level for each number of channels."""
    values = dict(
        block_out_channels=channels, down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels), layers_per_block=1, norm_num_groups=2, sample_size=8)
    return values | others


# Each with the sizes of its images, and of the latents beside those that the images have.
MODELS = {
    # Winograd's algorithms: F(4x4) on the first level, F(2x2) on the second.
    "winograd": (config((16, 16), norm_num_groups=4, sample_size=16), ((16, 16), (20, 12)), (7, 5)),
    "no-quant": (
        config(
            (4, 8, 8), layers_per_block=2, latent_channels=3, in_channels=1, out_channels=2, sample_size=(12, 16),
            use_quant_conv=False, use_post_quant_conv=False, mid_block_add_attention=False, shift_factor=0.1159,
            scaling_factor=0.3611, norm_num_groups=4),
        ((12, 16), (9, 14)), (3, 1)),
    "odd": (
        config(
            (6, 12), norm_num_groups=3, latent_channels=5, in_channels=4, out_channels=1, sample_size=20, act_fn="swish",
            use_quant_conv=False, latents_mean=(0.1, 0.2, -0.3, 0.4, 0.5), latents_std=(1.0, 2.0, 1.5, 0.5, 0.25)),
        ((17, 13), (2, 3)), (1, 1)),
    "four-levels": (config((4, 4, 8, 4), norm_num_groups=1), ((16, 8), (23, 9)), (2, 2)),
    # Attention under its names before Diffusers 0.15.
    "one-level": (config((8,), norm_num_groups=4, use_post_quant_conv=False), ((6, 5), (2, 1)), (4, 3)),
    "gelu": (
        config(
            (4, 6), act_fn="gelu", down_block_types=("DownEncoderBlock2D", "AttnDownEncoderBlock2D"),
            up_block_types=("UpDecoderBlock2D", "AttnUpDecoderBlock2D")),
        ((8, 6), (5, 9)), (3, 5)),
}

# Options that an engine could ignore without a change in any weight's shape.
MUTATIONS = [("winograd", "norm_num_groups", 2), ("odd", "norm_num_groups", 1), ("no-quant", "norm_num_groups", 2),
             ("gelu", "act_fn", "silu")]


def stage_names(model):
    """The modules whose outputs are kept, by the name of their last layer."""
    names = {}
    for name, module in model.named_modules():
        kind = type(module).__name__
        if kind == "ResnetBlock2D":
            names[f"{name}.conv2"] = module
        elif kind == "Attention":
            names[f"{name}.to_out.0"] = module
        elif kind in ("Downsample2D", "Upsample2D"):
            names[f"{name}.conv"] = module
        elif name.endswith(("conv_in", "conv_out", "quant_conv")):
            names[name] = module
    return names


def run(model, image, latents):
    """The moments of images, and the images of latents."""
    moments = model._encode(image)
    return moments.contiguous(), model.decode(latents).sample.contiguous()


def make_cases(model, sizes, latent_size, generator):
    """Inputs of one to three images, with outputs in both precisions."""
    settings = model.config
    double = AutoencoderKL.from_config(settings).eval().double()
    double.load_state_dict({name: value.double() for name, value in model.state_dict().items()})
    scale = 2 ** (len(settings.block_out_channels) - 1)
    cases, largest = {}, 0.0
    for index, (height, width) in enumerate(sizes):
        batch = 1 + index
        image = torch.randn((batch, settings.in_channels, height, width), generator=generator)
        rows, columns = (height // scale, width // scale) if index == 0 else latent_size
        latents = torch.randn((batch, settings.latent_channels, rows, columns), generator=generator)
        stages = {}
        if index == 0:
            hooks = [
                module.register_forward_hook(
                    lambda _, __, output, name=name: stages.update({f"stage.{name}": output.contiguous().clone()}))
                for name, module in stage_names(model).items()]
        moments, decoded = run(model, image, latents)
        if index == 0:
            for hook in hooks:
                hook.remove()
        moments64, decoded64 = run(double, image.double(), latents.double())
        for single, exact in ((moments, moments64), (decoded, decoded64)):
            assert 0.1 < single.std() < 10 or single.numel() < 16, single.std()
            largest = max(largest, ((single - exact).abs().max() / exact.abs().max()).item())
        case = f"case{index}"
        cases |= {
            f"{case}.image": image, f"{case}.moments": moments, f"{case}.moments64": moments64,
            f"{case}.latents": latents, f"{case}.decoded": decoded, f"{case}.decoded64": decoded64} | stages
    assert largest < 5e-6, largest
    distribution = model.encode(cases["case0.image"]).latent_dist
    noise = torch.randn(distribution.mean.shape, generator=generator)
    cases |= {
        "noise": noise, "deviation": distribution.std.contiguous(),
        "drawn": (distribution.mean + distribution.std * noise).contiguous()}
    return cases, largest


def check_mutations(folder):
    """Checks that changing any option changes an output by far more than the tests' tolerance."""
    for name, key, other in MUTATIONS:
        original = AutoencoderKL.from_pretrained(folder / name, low_cpu_mem_usage=False).eval()
        changed = AutoencoderKL.from_config(dict(original.config) | {key: other}).eval()
        changed.load_state_dict(original.state_dict())
        cases = load_file(folder / name / "cases.safetensors")
        moments, decoded = run(changed, cases["case0.image"], cases["case0.latents"])
        for found, key_of_case in ((moments, "case0.moments"), (decoded, "case0.decoded")):
            assert (found - cases[key_of_case]).abs().max() > VISIBLE, (name, key)


def rename_attention(path):
    """Attention under its old names."""
    weights = load_file(path)
    for new, old in (("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")):
        weights = {name.replace(f".{new}.", f".{old}."): value for name, value in weights.items()}
    save_file(weights, path, metadata={"format": "pt"})


@torch.no_grad()
def main(folder):
    """Writes `folder/autoencoder`."""
    torch.set_num_threads(1)
    folder = pathlib.Path(folder) / "autoencoder"
    for index, (name, (values, sizes, latent_size)) in enumerate(MODELS.items()):
        generator = torch.Generator().manual_seed(3000 + index)
        model = AutoencoderKL(**values).eval()
        randomize(model, generator, lambda name: 1.0)
        shutil.rmtree(folder / name, ignore_errors=True)
        model.save_pretrained(folder / name)
        if name == "one-level":
            rename_attention(folder / name / "diffusion_pytorch_model.safetensors")
        model = AutoencoderKL.from_pretrained(folder / name, low_cpu_mem_usage=False).eval()
        cases, largest = make_cases(model, sizes, latent_size, generator)
        save_file(cases, folder / name / "cases.safetensors")
        print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, torch's own error {largest:.1e}")
    check_mutations(folder)


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent)
