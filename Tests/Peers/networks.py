"""Random UNet2DModels, run by Diffusers and by this engine.

    venv/bin/python Tests/Peers/networks.py --work networks-work

draws configurations over every option and block until 150 run in Diffusers, writes each with random weights, asks the
engine for one prediction of each (on `cpu` and on `cpu:reference`, which must give the same bits) by
`PeerNetworksTests`, and prints how many are exact (2e-5 of the largest value, or of 1 if that is larger), refused or
wrong. Configurations that Diffusers does not run either are counted by themselves. It exits with 1 unless every one of
the 150 is exact and every other one is refused. `--test` gives another command that runs the tests, `--first` the first
seed. It wants the environment of `Tests/Fixtures/requirements.txt`.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"

import numpy
import torch
from diffusers import UNet2DModel
from safetensors.torch import save_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Fixtures"))
from random_weights import randomize

PLAIN = ("DownBlock2D", "AttnDownBlock2D", "ResnetDownsampleBlock2D"), (
    "UpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D")
SKIP = ("SkipDownBlock2D", "AttnSkipDownBlock2D"), ("SkipUpBlock2D", "AttnSkipUpBlock2D")
K = ("KDownBlock2D", "KCrossAttnDownBlock2D"), ("KUpBlock2D", "KCrossAttnUpBlock2D")
# What Diffusers makes for other models; none of it runs in a UNet2DModel.
OTHERS = ("CrossAttnDownBlock2D", "SimpleCrossAttnDownBlock2D", "DownEncoderBlock2D", "AttnDownEncoderBlock2D"), (
    "CrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D", "UpDecoderBlock2D", "AttnUpDecoderBlock2D")

TOLERANCE = 2e-5


def blocks(draw, levels):
    """The blocks of both ways: of one family, of one on each way, or of any."""
    families = draw.choice(([PLAIN], [PLAIN], [SKIP], [SKIP], [K], [K], [PLAIN, SKIP], [PLAIN, SKIP, K, OTHERS]))
    def side(index):
        family = draw.choice(families)[index]
        # Often one kind on all levels.
        kinds = family if draw.random() < 0.6 else [draw.choice(family)]
        mixed = [kind for other in families for kind in other[index]] if draw.random() < 0.2 else kinds
        prefix = "UNetRes" if draw.random() < 0.05 else ""
        return [prefix + draw.choice(mixed) for _ in range(levels)]
    return side(0), side(1)


def configuration(draw):
    """A configuration over every option. Most run; what Diffusers raises for is drawn as well."""
    levels = draw.choice((1, 2, 2, 2, 3))
    down, up = blocks(draw, levels)
    wide = any("Skip" in kind or "K" == kind[0] for kind in down + up)
    channels = [draw.choice((32, 32, 64) if wide else (4, 8, 12, 16, 24)) for _ in range(levels)]
    if draw.random() < 0.4:
        channels = channels[:1] * levels
    if not wide and draw.random() < 0.1:
        channels = [draw.choice((6, 10, 9)) for _ in range(levels)]
    time = draw.choice(("positional",) * 4 + ("fourier", "fourier", "learned"))
    side = draw.choice((8, 8, 16, 12))
    values = dict(
        sample_size=draw.choice((side, side, [side, 8], None)),
        in_channels=draw.choice((3, 3, 3, 1, 2)), out_channels=draw.choice((3, 3, 3, 1, 6)),
        center_input_sample=draw.random() < 0.2, time_embedding_type=time,
        time_embedding_dim=draw.choice((None, None, None, 0, 20, channels[-1])),
        freq_shift=draw.choice((0, 0, 1)), flip_sin_to_cos=draw.random() < 0.5,
        down_block_types=down, up_block_types=up,
        mid_block_type=draw.choice(("UNetMidBlock2D",) * 6 + (None, None, "another")), block_out_channels=channels,
        layers_per_block=draw.choice((1, 1, 1, 2)), mid_block_scale_factor=draw.choice((1, 1, 1.3, 2 ** 0.5)),
        downsample_padding=draw.choice((1, 1, 1, 1, 0, 0, 0, 2, 3)),
        downsample_type=draw.choice(("conv", "conv", "resnet", "resnet", None, "other")),
        upsample_type=draw.choice(("conv", "conv", "resnet", "resnet", None, "other")),
        dropout=draw.choice((0.0, 0.0, 0.3)),
        act_fn=draw.choice(("silu", "swish", "mish", "gelu", "relu", "SiLU", "Mish")),
        attention_head_dim=draw.choice((None, 1, 2, 3, 4, 4, 8, 8, 16, 40)),
        norm_num_groups=draw.choice((1, 2, 2, 4, 4, 8, None)),
        attn_norm_num_groups=draw.choice((None, None, None, 1, 2, 4)), norm_eps=draw.choice((1e-5, 1e-6, 1e-3)),
        resnet_time_scale_shift=draw.choice(
            ("default",) * 3 + ("scale_shift",) * 2 + ("spatial",) * (K[0][0] in down)),
        add_attention=draw.random() < 0.8,
        class_embed_type=draw.choice((None,) * 5 + ("timestep", "identity", "projection")),
        num_class_embeds=draw.choice((None, None, None, 5)), num_train_timesteps=draw.choice((None, 60, 1000)))
    # Missing keys have Diffusers' defaults.
    optional = sorted(set(values) - {"sample_size", "block_out_channels", "down_block_types", "up_block_types",
                                     "norm_num_groups", "attention_head_dim"})
    for key in optional:
        if draw.random() < 0.15:
            del values[key]
    return values


def gain(name):
    """The gain of a weight. Those of a time projection and of a table of classes are normals as they are."""
    if name in ("time_proj.weight", "class_embedding.weight"):
        return None
    return 1.5 if "time_emb" in name else 0.7 if name.startswith("conv_out") else 1.1


def make_case(model, values, draw, generator):
    """An input that fits the model's options."""
    settings, size = model.config, values["sample_size"] or 8
    height, width = (size, size) if isinstance(size, int) else size
    batch = draw.choice((1, 2, 3))
    time = settings.time_embedding_type
    timestep = draw.choice((0.8, 2.5, 7, 31)) if time == "fourier" else draw.choice(
        (0, 1, 50, 59)) if time == "learned" else draw.choice((0, 1, 250.5, 500, 999))
    case = {"sample": torch.randn((batch, settings.in_channels, height, width), generator=generator),
            "timestep": torch.tensor([timestep], dtype=torch.float32)}
    if settings.class_embed_type == "identity":
        case["features"] = torch.randn((batch, model.time_embedding.linear_2.out_features), generator=generator)
    elif model.class_embedding is not None:
        case["labels"] = torch.tensor([draw.choice((1, 2, 3, 4)) for _ in range(batch)], dtype=torch.float32)
    return case


def predict(model, case):
    """Diffusers' prediction."""
    labels = case["labels"].long() if "labels" in case else case.get("features")
    timestep = case["timestep"][0]
    return model(case["sample"], timestep.long() if timestep == timestep.round() and model.config.time_embedding_type
                 != "fourier" else timestep, class_labels=labels).sample


@torch.no_grad()
def prepare(folder, seed):
    """Writes a network with an input; returns Diffusers' outputs by the names of ours, or what it raised."""
    draw, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    values = configuration(draw)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(values | {"_class_name": "UNet2DModel"}, indent=1) + "\n")
    state, case = {}, {"sample": torch.zeros(1, 3, 8, 8), "timestep": torch.ones(1)}
    try:
        model = UNet2DModel(**values).eval()
        if all(parameter.numel() for parameter in model.parameters()):
            randomize(model, generator, gain)
        state, case = model.state_dict(), make_case(model, values, draw, generator)
        output = {"ours": predict(model, case)}
    except Exception as error:
        output = f"{type(error).__name__}: {error}"
    save_file(state, folder / "diffusion_pytorch_model.safetensors")
    save_file(case, folder / "case.safetensors")
    return values, output


def verdict(folder, output):
    """What became of a network: exact, refused or wrong, with a line about it."""
    refused = folder / "refused.txt"
    if refused.exists():
        # For its configuration or its size; what weights were drawn for is no reason.
        reason = refused.read_text()
        return ("wrong" if "safetensors" in reason else "refused"), reason
    if isinstance(output, str):
        return "wrong", f"Diffusers raises {output[:150]}"
    shares = []
    for name, expected in output.items():
        ours = torch.from_numpy(numpy.load(folder / f"{name}.npy"))
        if ours.shape != expected.shape or not torch.isfinite(expected).all():
            return "wrong", f"{name}: {tuple(ours.shape)}, Diffusers {tuple(expected.shape)}"
        shares.append(((ours - expected).abs().max() / max(1, expected.abs().max().item())).item())
    return ("exact" if max(shares) <= TOLERANCE else "wrong"), max(shares)


def main(prepare=prepare, description=__doc__):
    """Prints the counts, and a line for each network that is not as it should be."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--test", default="swift test -c release --filter PeerNetworksTests")
    options = parser.parse_args()
    torch.set_num_threads(1)
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    networks, seed = {}, options.first
    while sum(not isinstance(output, str) for _, output in networks.values()) < options.count:
        networks[options.work / f"{seed:05}"] = prepare(options.work / f"{seed:05}", seed)
        seed += 1
    # Its own failures are found below.
    subprocess.run(options.test, shell=True, env=os.environ | {"PEER_NETWORKS": str(options.work.resolve())},
                   stdout=subprocess.DEVNULL if options.test.startswith("swift") else None)
    counts, largest, kinds = {}, 0.0, {}
    for folder, (values, output) in networks.items():
        result, line = verdict(folder, output)
        runs = not isinstance(output, str)
        counts[runs, result] = counts.get((runs, result), 0) + 1
        if (runs, result) == (True, "exact"):
            largest = max(largest, line)
            for kind in set(values["down_block_types"] + values["up_block_types"]):
                kinds[kind] = kinds.get(kind, 0) + 1
        elif (runs, result) != (False, "refused"):
            print(f"{folder.name}: {result}: {line}")
    for runs, name in ((True, "Diffusers runs"), (False, "Diffusers raises")):
        print(f"{name}: " + ", ".join(f"{counts.get((runs, key), 0)} {key}" for key in ("exact", "refused", "wrong")))
    print(f"largest difference: {largest:.1e} (limit {TOLERANCE:.0e})")
    print("exact with: " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    sys.exit(set(counts) > {(True, "exact"), (False, "refused")} or counts.get((True, "exact")) != options.count)


if __name__ == "__main__":
    main()
