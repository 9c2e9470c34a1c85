"""VQModel and LDMPipeline fixtures: small models with random weights, and what Diffusers makes of inputs on the CPU.

Every folder `vq/<name>` is a model as `save_pretrained` writes it (weights in BF16), with a `cases.safetensors`:
`<case>.image`, `<case>.encoded`, `<case>.latents`, `<case>.codes` (indices, as floats), `<case>.quantized`,
`<case>.decoded` (of the quantized latents), `<case>.plain` (of the latents as they are) and, where the configuration
has `lookup_from_codebook`, `<case>.looked-up`; `64` at the end is the same in float64; for the first case the output of
every stage, `stage.<the name of the stage's last layer>`.

Every folder `latent-diffusion/<name>` is a pipeline; `latent-diffusion/runs.json` lists the runs, and `<run>.safetensors`
holds the last `latents` and the `images`. `published.json` says how Diffusers' own fast test draws its weights, and
`published.safetensors` has what comes of them.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # Torch's sums differ between instruction sets; before torch is imported.

import functools
import inspect
import json
import pathlib
import shutil

import numpy as np
import torch
from diffusers import (
    DDIMScheduler, DDPMScheduler, EulerDiscreteScheduler, PNDMScheduler, UNet2DModel, VQModel)
from diffusers.pipelines.deprecated import LDMPipeline
from safetensors.torch import load_file, save_file

from random_weights import randomize

# The tests' tolerance is 2e-5 of the largest element; ignoring an option must change far more.
VISIBLE = 2e-3


def config(channels, down="DownEncoderBlock2D", up="UpDecoderBlock2D", **others):
    """A configuration with a level for each number of channels."""
    values = dict(
        block_out_channels=channels, down_block_types=(down,) * len(channels), up_block_types=(up,) * len(channels),
        layers_per_block=1, norm_num_groups=2, sample_size=8, num_vq_embeddings=40)
    return values | others


# Each with the sizes of its images, and of the latents beside those that the images have.
MODELS = {
    # Winograd's algorithms; old names of attention.
    "group": (config((16, 16), norm_num_groups=4, sample_size=16, num_vq_embeddings=64), ((16, 16), (20, 12)), (7, 5)),
    "attention": (
        config(
            (4, 8, 12), "AttnDownEncoderBlock2D", "AttnUpDecoderBlock2D", layers_per_block=2, latent_channels=4,
            vq_embed_dim=5, in_channels=1, out_channels=2, act_fn="swish", sample_size=None, norm_num_groups=4,
            scaling_factor=0.5),
        ((12, 16), (9, 14)), (6, 5)),
    # Few vectors and few latents: distances without products.
    "few": (
        config(
            (6, 12), norm_num_groups=3, latent_channels=2, num_vq_embeddings=20, mid_block_add_attention=False,
            force_upcast=True, up_block_types=("UpDecoderBlock2D", "AttnUpDecoderBlock2D")),
        ((6, 10), (17, 13)), (5, 5)),
    "spatial": (
        config(
            (32, 64), norm_type="spatial", latent_channels=4, lookup_from_codebook=True,
            up_block_types=("AttnUpDecoderBlock2D", "UpDecoderBlock2D")),
        ((8, 12), (9, 7)), (6, 5)),
    "one-level": (config((8,), norm_num_groups=4, vq_embed_dim=1), ((6, 5), (2, 1)), (4, 3)),
    "mish": (
        config((6, 9), norm_num_groups=3, act_fn="Mish", up_block_types=("AttnUpDecoderBlock2D", "UpDecoderBlock2D")),
        ((8, 6), (5, 9)), (3, 5)),
    "relu": (config((32,), norm_type="spatial", latent_channels=2, act_fn="relu"), ((6, 5), (3, 4)), (4, 3)),
}

# Options that an engine could ignore without a change in any weight's shape.
MUTATIONS = [("group", "norm_num_groups", 2), ("attention", "norm_num_groups", 2), ("few", "norm_num_groups", 1),
             ("mish", "act_fn", "silu"), ("mish", "norm_num_groups", 1), ("relu", "act_fn", "silu")]


def gain(name):
    """Vectors of the codebook are as far apart as latents."""
    return None if name == "quantize.embedding.weight" else 1.0


def rounded(model):
    """The model with weights that BF16 holds."""
    for parameter in model.parameters():
        parameter.data = parameter.data.bfloat16().float()
    return model


def stage_names(model):
    """The modules whose outputs are kept, by the name of their last layer."""
    names = {}
    for name, module in model.named_modules():
        kind = type(module).__name__
        if kind in ("ResnetBlock2D", "ResnetBlockCondNorm2D"):
            names[f"{name}.conv2"] = module
        elif kind == "Attention":
            names[f"{name}.to_out.0"] = module
        elif kind in ("Downsample2D", "Upsample2D"):
            names[f"{name}.conv"] = module
        elif name.endswith(("conv_in", "conv_out", "quant_conv")):
            names[name] = module
    return names


def plain(model, latents):
    """The images of latents that are not quantized; lookup_from_codebook would take them for indices."""
    norm = model.config.norm_type
    return model.decoder(model.post_quant_conv(latents), latents if norm == "spatial" else None)


def make_case(model, double, image, latents, outputs):
    """What becomes of images and latents, in both precisions."""
    hooks = []
    if outputs is not None:
        hooks = [
            module.register_forward_hook(
                lambda _, __, output, name=name: outputs.update({f"stage.{name}": output.contiguous().clone()}))
            for name, module in stage_names(model).items()]
    encoded, decoded = model.encode(image).latents, model.decode(latents).sample
    for hook in hooks:
        hook.remove()
    quantized, _, (_, _, codes) = model.quantize(latents)
    case = dict(
        image=image, latents=latents, encoded=encoded, codes=codes.reshape(-1).float(), quantized=quantized,
        decoded=decoded, plain=plain(model, latents))
    case |= {
        "encoded64": double.encode(image.double()).latents, "decoded64": plain(double, quantized.double()),
        "plain64": plain(double, latents.double())}
    if model.config.lookup_from_codebook:
        shape = (latents.shape[0], *latents.shape[2:], latents.shape[1])
        case["looked-up"] = model.decode(codes.reshape(-1), force_not_quantize=True, shape=shape).sample
    return {name: value.contiguous() for name, value in case.items()}


def make_cases(model, sizes, latent_size, generator):
    """Inputs of one to three images, with outputs."""
    settings = model.config
    double = VQModel.from_config(settings).eval().double()
    double.load_state_dict({name: value.double() for name, value in model.state_dict().items()})
    scale = 2 ** (len(settings.block_out_channels) - 1)
    cases, largest, outputs = {}, 0.0, {}
    for index, (height, width) in enumerate(sizes):
        batch = 1 + index
        image = torch.randn((batch, settings.in_channels, height, width), generator=generator)
        rows, columns = (height // scale, width // scale) if index == 0 else latent_size
        dimension = settings.vq_embed_dim or settings.latent_channels
        latents = torch.randn((batch, dimension, rows, columns), generator=generator)
        case = make_case(model, double, image, latents, outputs if index == 0 else None)
        for name in ("encoded", "decoded", "plain"):
            single, exact = case[name], case[f"{name}64"]
            assert 0.05 < single.std() < 10 or single.numel() < 16, (name, single.std())
            largest = max(largest, ((single - exact).abs().max() / exact.abs().max()).item())
        assert (case["decoded"] - case["plain"]).abs().max() > VISIBLE
        cases |= {f"case{index}.{name}": value for name, value in case.items()}
    assert largest < 5e-6, largest
    return cases | outputs, largest


def check_mutations(folder):
    """Checks that changing any option changes an output by far more than the tests' tolerance."""
    for name, key, other in MUTATIONS:
        original = VQModel.from_pretrained(folder / name, low_cpu_mem_usage=False, torch_dtype=torch.float32).eval()
        changed = VQModel.from_config(dict(original.config) | {key: other}).eval()
        changed.load_state_dict(original.state_dict())
        cases = load_file(folder / name / "cases.safetensors")
        for found, kept in (
                (changed.encode(cases["case0.image"]).latents, "case0.encoded"),
                (changed.decode(cases["case0.latents"]).sample, "case0.decoded")):
            assert (found - cases[kept]).abs().max() > VISIBLE, (name, key)


def rename_attention(path):
    """Attention under the names that it had before Diffusers 0.15."""
    weights = load_file(path)
    for new, old in (("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")):
        weights = {name.replace(f".{new}.", f".{old}."): value for name, value in weights.items()}
    save_file(weights, path, metadata={"format": "pt"})


def make_autoencoders(folder):
    """Writes `folder/vq`."""
    folder = folder / "vq"
    for index, (name, (values, sizes, latent_size)) in enumerate(MODELS.items()):
        generator = torch.Generator().manual_seed(5000 + index)
        model = randomize(VQModel(**values).eval(), generator, gain)
        # Of equal vectors the first is taken.
        model.quantize.embedding.weight.data[7] = model.quantize.embedding.weight.data[3]
        shutil.rmtree(folder / name, ignore_errors=True)
        rounded(model).to(torch.bfloat16).save_pretrained(folder / name)
        if name == "group":
            rename_attention(folder / name / "diffusion_pytorch_model.safetensors")
        model = VQModel.from_pretrained(folder / name, low_cpu_mem_usage=False, torch_dtype=torch.float32).eval()
        cases, largest = make_cases(model, sizes, latent_size, generator)
        save_file(cases, folder / name / "cases.safetensors")
        print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, torch's own error {largest:.1e}")
    check_mutations(folder)


def make_near_ties(folder):
    """Vectors as a new VQModel has them, between which latents of a usual size hardly tell: mostly a last bit does."""
    generator = torch.Generator().manual_seed(6000)
    model = VQModel(block_out_channels=(2,), norm_num_groups=1, num_vq_embeddings=256).eval()
    model.quantize.embedding.weight.data = (torch.rand((256, 3), generator=generator) * 2 - 1) / 256
    latents = torch.randn((4, 3, 24, 24), generator=generator) / model.config.scaling_factor
    codes = model.quantize(latents)[2][2].reshape(-1)
    save_file(
        {"codebook": model.quantize.embedding.weight.data, "latents": latents, "codes": codes.float()},
        folder / "vq" / "near-ties.safetensors")


UNET = dict(
    block_out_channels=(4, 8), layers_per_block=1, norm_num_groups=4, sample_size=8,
    down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"))
PIPELINES = {
    "ddim": (UNET | dict(in_channels=3, out_channels=3), config((8, 8), norm_num_groups=4), DDIMScheduler()),
    "ddpm": (
        UNET | dict(in_channels=4, out_channels=4, sample_size=4),
        config((4, 8, 8), latent_channels=2, vq_embed_dim=4, out_channels=1, in_channels=1, scaling_factor=0.7),
        DDPMScheduler(num_train_timesteps=200)),
    "pndm": (UNET | dict(in_channels=3, out_channels=3), config((8,), norm_num_groups=4), PNDMScheduler()),
    "euler": (
        UNET | dict(in_channels=2, out_channels=2), config((6, 6), latent_channels=2, num_vq_embeddings=20),
        EulerDiscreteScheduler()),
}

# name: (pipeline, seeds, batch size, steps, eta). One seed: one generator; several: a list of generators.
RUNS = {
    "ddim-0": ("ddim", [0], 1, 10, 0.0),
    "ddim-eta": ("ddim", [42], 2, 10, 0.5),
    "ddim-generators": ("ddim", [42, 0], 2, 10, 1.0),
    "ddpm-0": ("ddpm", [0], 2, 10, 0.0),
    "pndm-eta": ("pndm", [7], 1, 10, 0.5),
    "euler-0": ("euler", [3], 2, 10, 0.0),
}


def make_pipelines(folder):
    """Writes the pipelines of `folder/latent-diffusion` and their runs."""
    folder = folder / "latent-diffusion"
    for index, (name, (unet, vqvae, scheduler)) in enumerate(PIPELINES.items()):
        generator = torch.Generator().manual_seed(7000 + index)
        unet = randomize(UNet2DModel(**unet).eval(), generator, lambda name: 0.4)
        vqvae = randomize(VQModel(**vqvae).eval(), generator, gain)
        vqvae.quantize.embedding.weight.data *= 3
        shutil.rmtree(folder / name, ignore_errors=True)
        LDMPipeline(unet=rounded(unet), vqvae=rounded(vqvae), scheduler=scheduler).save_pretrained(folder / name)
        for part in ("unet", "vqvae"):
            path = folder / name / part / "diffusion_pytorch_model.safetensors"
            weights = {key: value.bfloat16() for key, value in load_file(path).items()}
            save_file(weights, path, metadata={"format": "pt"})
    listed = []
    for name, (model, seeds, batch, steps, eta) in RUNS.items():
        pipeline = LDMPipeline.from_pretrained(folder / model, low_cpu_mem_usage=False, torch_dtype=torch.float32)
        latents, images = run(pipeline, seeds, batch, steps, eta)
        inside = ((images > 0) & (images < 1)).float().mean().item()
        print(f"{name}: {inside:.0%} of the values inside [0, 1], latents up to {latents.abs().max():.2f}")
        assert inside > 0.3
        save_file({"latents": latents, "images": images}, folder / f"{name}.safetensors")
        listed.append(dict(name=name, folder=model, seeds=seeds, batch_size=batch, steps=steps, eta=eta))
    (folder / "runs.json").write_text(json.dumps(listed, indent=1) + "\n")


def run(pipeline, seeds, batch, steps, eta):
    """The latents after the last step, and the pipeline's images."""
    pipeline.set_progress_bar_config(disable=True)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    generator = generators[0] if len(generators) == 1 else generators
    kept, step = [], pipeline.scheduler.step

    # The pipeline does not pass its generator on: noise of the steps would be torch's global one's.
    @functools.wraps(step)
    def recorded(*arguments, **options):
        if "generator" in inspect.signature(step).parameters:
            options["generator"] = generator
        result = step(*arguments, **options)
        kept[:] = [result.prev_sample]
        return result

    pipeline.scheduler.step = recorded
    images = pipeline(
        batch_size=batch, generator=generator, eta=eta, num_inference_steps=steps, output_type="np").images
    return kept[0].contiguous(), torch.from_numpy(np.ascontiguousarray(images))


# image[0, -3:, -3:, -1] of Diffusers' LDMPipelineFastTests.test_inference_uncond (0.24), within 1e-2.
PUBLISHED = [0.8512, 0.818, 0.6411, 0.6808, 0.4465, 0.5618, 0.46, 0.6231, 0.5172]


class Draws:
    """The random numbers that a model's weights are drawn from, in order, while the model is made."""

    def __enter__(self):
        self.kept, self.uniform, self.normal = [], torch.Tensor.uniform_, torch.Tensor.normal_

        def uniform(tensor, low=0.0, high=1.0, **options):
            self.kept.append((tensor.data_ptr(), tensor.numel(), low, high))
            return self.uniform(tensor, low, high, **options)

        def normal(tensor, *arguments, **options):
            # One word for each number; what is drawn here, uniform numbers replace.
            assert tensor.numel() % 16 == 0
            self.kept.append((None, tensor.numel(), 0.0, 0.0))
            return self.normal(tensor, *arguments, **options)

        torch.Tensor.uniform_, torch.Tensor.normal_ = uniform, normal
        return self

    def __exit__(self, *_):
        torch.Tensor.uniform_, torch.Tensor.normal_ = self.uniform, self.normal

    def listed(self, model):
        """A row for each draw, `[name, shape, low, high]`; without a name, numbers are passed over."""
        names = {parameter.data_ptr(): name for name, parameter in model.named_parameters()}
        shapes = {name: list(parameter.shape) for name, parameter in model.named_parameters()}
        rows = [
            [names.get(place), shapes[names[place]] if place in names else [count], low, high]
            for place, count, low, high in self.kept]
        self.check(model, rows)
        constant = {name: value for name, value in shapes.items() if name not in {row[0] for row in rows}}
        return dict(draws=rows, constant=constant)

    @staticmethod
    def check(model, rows):
        """Draws the weights again, as the tests do."""
        count = sum(int(np.prod(shape)) for _, shape, _, _ in rows)
        words = np.random.RandomState(0).randint(0, 2**32, size=count, dtype=np.uint32)
        parameters, place = dict(model.named_parameters()), 0
        for name, shape, low, high in rows:
            count = int(np.prod(shape))
            unit = (words[place:place + count] & 0xFFFFFF).astype(np.float64) * 2.0**-24
            place += count
            if name is None:
                continue
            span = np.float64(np.float32(high) - np.float32(low))
            found = (unit * span + np.float64(np.float32(low))).astype(np.float32)
            assert (found == parameters[name].detach().numpy().ravel()).all(), name


def make_published(folder):
    """The pipeline of Diffusers' fast test. Its weights are too large to keep; how they are drawn is not."""
    blocks = dict(block_out_channels=(32, 64), in_channels=3, out_channels=3)
    torch.manual_seed(0)
    with Draws() as of_unet:
        unet = UNet2DModel(
            layers_per_block=2, sample_size=32, down_block_types=("DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D"), **blocks)
    torch.manual_seed(0)
    with Draws() as of_vqvae:
        vqvae = VQModel(
            down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=3,
            **blocks)
    drawn = dict(unet=of_unet.listed(unet), vqvae=of_vqvae.listed(vqvae))
    configs = dict(unet=dict(unet.config), vqvae=dict(vqvae.config))
    folder = folder / "latent-diffusion"
    (folder / "published.json").write_text(json.dumps(dict(weights=drawn, configs=configs)) + "\n")
    latents, images = run(LDMPipeline(unet=unet, vqvae=vqvae, scheduler=DDIMScheduler()), [0], 1, 2, 0.0)
    assert np.abs(images[0, -3:, -3:, -1].flatten().numpy() - PUBLISHED).max() < 1e-4
    codes = vqvae.quantize(latents / vqvae.config.scaling_factor)[2][2].reshape(-1)
    save_file({"latents": latents, "images": images, "codes": codes.float()}, folder / "published.safetensors")


@torch.no_grad()
def main(folder):
    """Writes `folder/vq` and `folder/latent-diffusion`."""
    torch.set_num_threads(1)
    folder = pathlib.Path(folder)
    (folder / "latent-diffusion").mkdir(exist_ok=True)
    make_autoencoders(folder)
    make_near_ties(folder)
    make_pipelines(folder)
    make_published(folder)


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent)
