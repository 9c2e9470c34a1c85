"""Random AutoencoderKLs and VQModels, run by Diffusers and by this engine.

    venv/bin/python Tests/Peers/autoencoders.py --work autoencoders-work

draws configurations over every option that Diffusers documents until 150 run there, and does with them what
`networks.py` does with UNets: its options, its counts, its limit. What is compared is an image's latents (the moments
of an AutoencoderKL) and the image of latents, which a VQModel quantizes.
"""

import json
import random

import torch
from diffusers import AutoencoderKL, VQModel
from safetensors.torch import save_file

import networks
from networks import randomize


def both_ways(draw, levels):
    """The blocks of the encoder and of the decoder, now and then one of another model."""
    def side(kinds, other):
        kinds = kinds if draw.random() < 0.6 else [draw.choice(kinds)]
        return [other if draw.random() < 0.02 else draw.choice(kinds) for _ in range(levels)]
    return (side(("DownEncoderBlock2D", "AttnDownEncoderBlock2D"), "AttnDownBlock2D"),
            side(("UpDecoderBlock2D", "AttnUpDecoderBlock2D"), "AttnUpBlock2D"))


def configuration(draw):
    """A class and a configuration over every option. Most run; what Diffusers raises for is drawn as well."""
    quantizes, levels = draw.random() < 0.6, draw.choice((1, 2, 2, 2, 3))
    down, up = both_ways(draw, levels)
    spatial = quantizes and draw.random() < 0.25
    channels = [draw.choice((32, 32, 64) if spatial else (4, 8, 12, 16)) for _ in range(levels)]
    side = draw.choice((8, 8, 16, 12))
    values = dict(
        in_channels=draw.choice((3, 3, 1, 4)), out_channels=draw.choice((3, 3, 1, 2)), down_block_types=down,
        up_block_types=up, block_out_channels=channels, layers_per_block=draw.choice((1, 1, 2)),
        act_fn=draw.choice(("silu", "swish", "mish", "gelu", "relu", "Mish", "tanh")),
        latent_channels=draw.choice((1, 2, 3, 4)), norm_num_groups=draw.choice((1, 2, 4, 4, 8)),
        sample_size=draw.choice((side, side, [side, 8])), mid_block_add_attention=draw.random() < 0.7,
        force_upcast=draw.random() < 0.5)
    if quantizes:
        values |= dict(
            num_vq_embeddings=draw.choice((3, 20, 70)), vq_embed_dim=draw.choice((None, None, 2, 5)),
            norm_type="spatial" if spatial else "group", lookup_from_codebook=draw.random() < 0.3)
    else:
        values |= dict(use_quant_conv=draw.random() < 0.7, use_post_quant_conv=draw.random() < 0.7)
    kept = {"block_out_channels", "norm_num_groups", "down_block_types", "up_block_types"}
    for key in sorted(set(values) - kept):
        if draw.random() < 0.1:
            del values[key]
    return (VQModel if quantizes else AutoencoderKL), values


def gain(name):
    """Vectors of a codebook are as far apart as latents."""
    return None if name == "quantize.embedding.weight" else 1.0


def make_case(model, draw, generator):
    """An image and latents of other sizes."""
    settings, scale = model.config, 2 ** (len(model.config.block_out_channels) - 1)
    dimension = settings.get("vq_embed_dim") or settings.latent_channels
    batch = draw.choice((1, 2, 3))
    sides = [draw.choice((8, 11, 16)) for _ in range(2)]
    latents = [max(1, draw.choice((8, 12, 20)) // scale) for _ in range(2)]
    return {"sample": torch.randn((batch, settings.in_channels, *sides), generator=generator),
            "latents": torch.randn((batch, dimension, *latents), generator=generator)}


def run(model, case):
    """What Diffusers makes of both."""
    encoded = model.encode(case["sample"]).latents if isinstance(model, VQModel) else model._encode(case["sample"])
    if not isinstance(model, VQModel):
        # The logarithms of variances are limited here already.
        half = encoded.shape[1] // 2
        encoded = torch.cat([encoded[:, :half], encoded[:, half:].clamp(-30, 20)], dim=1)
    return {"encoded": encoded.contiguous(), "ours": model.decode(case["latents"]).sample.contiguous()}


@torch.no_grad()
def prepare(folder, seed):
    """Writes an autoencoder with inputs; returns Diffusers' outputs by the names of ours, or what it raised."""
    draw, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    kind, values = configuration(draw)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(values | {"_class_name": kind.__name__}, indent=1) + "\n")
    state, case = {}, {"sample": torch.zeros(1, 3, 8, 8), "latents": torch.zeros(1, 3, 4, 4)}
    try:
        model = randomize(kind(**values).eval(), generator, gain)
        state, case = model.state_dict(), make_case(model, draw, generator)
        output = run(model, case)
    except Exception as error:
        output = f"{type(error).__name__}: {error}"
    save_file(state, folder / "diffusion_pytorch_model.safetensors")
    save_file(case, folder / "case.safetensors")
    return {"down_block_types": [], "up_block_types": []} | values, output


if __name__ == "__main__":
    networks.main(prepare, __doc__)
