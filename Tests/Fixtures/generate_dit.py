"""DiT fixtures: small transformers with random weights and Diffusers' outputs for them, and whole runs of DiTPipeline.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_dit.py

Every folder `dit/<name>` of `CONFIGS` is a transformer as `save_pretrained` writes it, in float16 and computed in
float32, with a `cases.safetensors`: the inputs `<case>.sample`, `.timestep`, `.labels`, and the outputs `.output`
(float32) and `.output64` (the same model in float64). The last case has another size than the configuration's.
`positions` are those of the patches.

Every folder `dit/<name>` of `PIPELINES` is a model. `dit/runs.json` has runs of them, with the arguments of
`DiTPipeline` and the state of each generator after it (SHA-256 of `get_state()`); `latents.bin` has the last latents of
each, float32, and `images.bin` the images, as 16-bit numbers of 65535, both little endian and one run after another.
`published` is the model of Diffusers' own test (tests/pipelines/dit/test_dit.py), rounded to float16.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # Torch's sums differ between instruction sets; before torch is imported.

import hashlib
import json
import math
import pathlib
import shutil

import diffusers
import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, DiTPipeline, DiTTransformer2DModel
from safetensors.torch import load_file, save_file

import generate_scheduler_facts
from random_weights import randomize

# What a mutation must change in an output, at least, relative to its largest value; and one GELU for the other. The
# tests' tolerance is 2e-5.
VISIBLE, VISIBLE_GELU = 1e-3, 5e-5


def config(**others):
    """A small transformer: 4 x 4 patches, two heads, two blocks, five classes."""
    values = dict(
        sample_size=8, patch_size=2, num_attention_heads=2, attention_head_dim=6, num_layers=2, in_channels=3,
        num_embeds_ada_norm=5)
    return values | others


CONFIGS = {
    "plain": config(),
    "variance": config(out_channels=6, sample_size=6, patch_size=3),
    "pixels": config(patch_size=1, sample_size=5, num_attention_heads=4, attention_head_dim=3, out_channels=4),
    "gelu": config(activation_fn="gelu", attention_bias=False),
    "geglu": config(activation_fn="geglu", num_layers=1, norm_eps=0.3),
    "quick": config(activation_fn="geglu-approximate", patch_size=4, norm_elementwise_affine=True, norm_eps=0.1),
    "swiglu": config(activation_fn="swiglu", num_attention_heads=1, attention_head_dim=20, upcast_attention=True),
    "silu": config(activation_fn="linear-silu", num_attention_heads=5, attention_head_dim=4, norm_num_groups=7),
}

# Options that an engine could ignore without a change in any weight's shape: (fixture, key, other value).
MUTATIONS = [
    ("plain", "num_attention_heads", 3), ("plain", "activation_fn", "gelu"), ("plain", "activation_fn", "linear-silu"),
    ("gelu", "activation_fn", "gelu-approximate"), ("geglu", "activation_fn", "swiglu"), ("geglu", "norm_eps", 1e-5),
    ("quick", "norm_eps", 1e-5), ("quick", "activation_fn", "linear-silu"), ("swiglu", "activation_fn", "geglu"),
    ("silu", "num_attention_heads", 4), ("silu", "activation_fn", "geglu-approximate"),
]

VAE = dict(
    block_out_channels=(4, 8), down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    norm_num_groups=2, sample_size=16)
# Few enough that predictions of random weights do not grow from step to step.
BETAS = dict(beta_start=0.0001, beta_end=0.004, clip_sample=False)
LABELS = {"0": "tench, Tinca tinca", "1": "goldfish, fish", "7": "cock", "10": "fish", "207": "golden retriever"}

# The configurations and the seed of the weights. `old` is written as folders from before DiTTransformer2DModel.
PIPELINES = {
    "new": dict(
        transformer=config(in_channels=4, out_channels=8, num_embeds_ada_norm=1000), vae=dict(scaling_factor=0.3),
        scheduler=DDIMScheduler(**BETAS), seed=6100),
    "old": dict(
        transformer=config(
            in_channels=4, out_channels=4, num_embeds_ada_norm=1003, patch_size=4, activation_fn="gelu"),
        vae=dict(scaling_factor=0.5), scheduler=DDIMScheduler(prediction_type="v_prediction", **BETAS), seed=6200),
    "few": dict(
        transformer=config(in_channels=4, out_channels=8), vae=dict(scaling_factor=0.4),
        scheduler=DDIMScheduler(**BETAS), seed=6300),
    "published": None,
}

# What a run has beside the defaults: class 1, seed 0, 10 steps, guidance 4, the folder's own scheduler.
RUNS = [
    {"model": "new"},
    {"model": "new", "classes": [0]},
    {"model": "new", "classes": [999], "guidance": 1.5, "seeds": [3]},
    {"model": "new", "classes": [1000], "guidance": 3.0},
    {"model": "new", "guidance": 1.0},
    {"model": "new", "guidance": 0.5, "classes": [7]},
    {"model": "new", "classes": [3, 207], "seeds": [5]},
    {"model": "new", "classes": [3, 207, 3], "seeds": [5, 6, 7], "guidance": 2.0},
    {"model": "new", "scheduler": "dpm-multi", "steps": 12},
    {"model": "new", "scheduler": "euler", "classes": [8]},
    {"model": "new", "scheduler": "unipc", "classes": [8], "guidance": 6.5},
    {"model": "old", "classes": [207]},
    {"model": "old", "classes": [1003], "seeds": [9], "guidance": 7.0},
    {"model": "old", "classes": [10, 0], "scheduler": "dpm-multi", "steps": 10},
    {"model": "few", "classes": [5], "guidance": 1.0},
    {"model": "few", "classes": [0, 4], "guidance": 1.0},
    {"model": "published", "steps": 2},
]
SCHEDULERS = {"ddim": DDIMScheduler, **generate_scheduler_facts.CLASSES}
# The slice of the image's lower right corner that Diffusers' test expects.
PUBLISHED = [0.2946, 0.6601, 0.4329, 0.3296, 0.4144, 0.5319, 0.7273, 0.5013, 0.4457]


def gain(name):
    """The gain of a weight: above 1 in attention. Class embeddings are normals as they are.

    One of the timestep's 128 frequencies is a last bit off in torch. Weights that amplify the sines would show it.
    """
    if "embedding_table" in name:
        return None
    return 1.5 if "attn" in name else 1.0


def make(values, generator):
    """A transformer whose weights hide no part of it."""
    model = DiTTransformer2DModel(**values).eval()
    randomize(model, generator, gain)
    for name, parameter in model.named_parameters():
        if "norm1.linear" in name or "norm1.emb" in name and "table" not in name:  # No norms, in spite of their names.
            bias = name.endswith("bias")
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.data.copy_(0.2 * noise if bias else 0.7 * noise / math.sqrt(parameter.shape[1]))
    return model


def run_case(model, case):
    kind = next(model.parameters()).dtype
    batch = case["sample"].shape[0]
    return model(
        case["sample"].to(kind), case["timestep"].expand(batch), class_labels=case["labels"].to(torch.int64)
    ).sample.contiguous()


def make_cases(model, generator):
    settings = model.config
    double = DiTTransformer2DModel.from_config(settings).eval().double()
    double.load_state_dict({name: value.double() for name, value in model.state_dict().items()})
    tensors, error = {"positions": model.pos_embed.pos_embed[0].contiguous()}, 0.0
    own, other = settings.sample_size, settings.sample_size + 3 * settings.patch_size
    for batch, timestep, side in ((2, 500, own), (1, 0, own), (3, 998.25, own), (1, 20, other)):
        rounding = math.inf
        while rounding > 8e-6:  # An input for which torch's own rounding is too large to compare with is drawn again.
            case = {
                "sample": torch.randn((batch, settings.in_channels, side, side), generator=generator),
                "timestep": torch.tensor([timestep], dtype=torch.float64),
                "labels": torch.randint(0, settings.num_embeds_ada_norm + 1, (batch,), generator=generator).double()}
            output, output64 = run_case(model, case), run_case(double, case)
            rounding = ((output - output64).abs().max() / output64.abs().max()).item()
        error = max(error, rounding)
        name = f"batch{batch}_side{side}"
        tensors |= {f"{name}.{key}": value for key, value in case.items()}
        tensors |= {f"{name}.output": output, f"{name}.output64": output64}
        if batch == 2:
            check_parts(model, case, output)
    return tensors, error


def check_parts(model, case, output):
    """Checks that the labels, the timestep and each parameter change the output visibly."""
    largest = output.abs().max().item()

    def require(changed, what):
        difference = (run_case(model, changed) - output).abs().max().item() / largest
        assert difference > VISIBLE, (what, difference)

    require(case | {"labels": (case["labels"] + 1) % 6}, "labels")
    require(case | {"timestep": case["timestep"] + 1}, "timestep")
    for name, parameter in model.named_parameters():
        if name.endswith("to_k.bias"):  # It adds the same to each score of a query.
            continue
        kept = parameter.data.clone()
        parameter.data.fill_(1 if "norm3" in name and name.endswith("weight") else 0)
        require(case, name)
        parameter.data.copy_(kept)


def check_mutations(folder):
    for name, key, other in MUTATIONS:
        original = DiTTransformer2DModel.from_pretrained(folder / name, torch_dtype=torch.float32).eval()
        values = dict(original.config) | {key: other}
        if key == "num_attention_heads":
            values["attention_head_dim"] = original.inner_dim // other
        changed = DiTTransformer2DModel.from_config(values).eval()
        changed.load_state_dict(original.state_dict())
        tensors = load_file(folder / name / "cases.safetensors")
        case = {key.split(".")[1]: value for key, value in tensors.items() if key.startswith("batch2_")}
        largest = case["output"].abs().max().item()
        difference = (run_case(changed, case) - case["output"]).abs().max().item() / largest
        is_gelu = "gelu" in str(other) and "gelu" in original.config.activation_fn
        assert difference > (VISIBLE_GELU if is_gelu else VISIBLE), (name, key, other, difference)


def make_pipeline(name, values, folder):
    """Writes a model, and opens it in float32."""
    if values is None:
        torch.manual_seed(0)
        transformer = DiTTransformer2DModel(
            sample_size=16, num_layers=2, patch_size=4, attention_head_dim=8, num_attention_heads=2, in_channels=4,
            out_channels=8, attention_bias=True, activation_fn="gelu-approximate", num_embeds_ada_norm=1000,
            norm_type="ada_norm_zero", norm_elementwise_affine=False)
        vae, scheduler = AutoencoderKL(), DDIMScheduler()
    else:
        generator = torch.Generator().manual_seed(values["seed"])
        transformer = make(values["transformer"], generator)
        vae = randomize(AutoencoderKL(**VAE, **values["vae"]), generator, lambda name: 1.1)
        scheduler = values["scheduler"]
    pipe = DiTPipeline(transformer.half(), vae.half(), scheduler, LABELS if name == "old" else None)
    shutil.rmtree(folder / name, ignore_errors=True)
    pipe.save_pretrained(folder / name)
    if name == "old":
        # As folders were written before the class had a name of its own.
        index = json.loads((folder / name / "model_index.json").read_text())
        index["transformer"][1] = "Transformer2DModel"
        index["id2label"] = LABELS
        (folder / name / "model_index.json").write_text(json.dumps(index, indent=2, sort_keys=True) + "\n")
        path = folder / name / "transformer/config.json"
        values = json.loads(path.read_text()) | dict(
            _class_name="Transformer2DModel", cross_attention_dim=None, num_vector_embeds=None,
            only_cross_attention=False, use_linear_projection=False)
        path.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
    return DiTPipeline.from_pretrained(folder / name, torch_dtype=torch.float32)


def run(pipe, item):
    seeds = item.get("seeds", [0])
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    own, taken = pipe.scheduler, []
    if "scheduler" in item:
        pipe.scheduler = SCHEDULERS[item["scheduler"]].from_config(own.config)
    decode = pipe.vae.decode

    def keep(latents):
        taken.append(latents * pipe.vae.config.scaling_factor)
        return decode(latents)

    pipe.vae.decode = keep
    pipe.set_progress_bar_config(disable=True)
    images = pipe(
        item.get("classes", [1]), guidance_scale=item.get("guidance", 4.0), num_inference_steps=item.get("steps", 10),
        generator=generators if len(seeds) > 1 else generators[0], output_type="np").images
    pipe.vae.decode, pipe.scheduler = decode, own
    states = [hashlib.sha256(generator.get_state().numpy().tobytes()).hexdigest() for generator in generators]
    return taken[0].numpy(), images, states


def write_runs(folder):
    runs, latents, images = [], b"", b""
    pipes = {name: make_pipeline(name, values, folder) for name, values in PIPELINES.items()}
    assert pipes["old"].get_label_ids(["fish", "Tinca tinca", "goldfish"]) == [10, 0, 1]
    for item in RUNS:
        last, made, states = run(pipes[item["model"]], item)
        print(item, f"latents {last.std():.2f}, images {made.std():.2f}")
        assert made.std() > 0.02 and last.std() < 20, (item, made.std(), last.std())
        if item["model"] == "published":
            difference = np.abs(made[0, -3:, -3:, -1].flatten() - PUBLISHED).max()
            print(f"published slice: {difference:.1e}")
            assert difference <= 1e-3, difference
        runs.append(item | {"latents": list(last.shape), "images": list(made.shape), "states": states})
        latents += last.astype("<f4").tobytes()
        images += np.rint(made.astype(np.float64) * 65535).astype("<u2").tobytes()
    (folder / "runs.json").write_text(json.dumps(runs, indent=1) + "\n")
    (folder / "latents.bin").write_bytes(latents)
    (folder / "images.bin").write_bytes(images)


@torch.no_grad()
def main(folder):
    """Writes `folder/dit`."""
    torch.set_num_threads(1)
    folder = pathlib.Path(folder) / "dit"
    for index, (name, values) in enumerate(CONFIGS.items()):
        generator = torch.Generator().manual_seed(6000 + index)
        shutil.rmtree(folder / name, ignore_errors=True)
        make(values, generator).half().save_pretrained(folder / name)
        model = DiTTransformer2DModel.from_pretrained(folder / name, torch_dtype=torch.float32).eval()
        tensors, error = make_cases(model, generator)
        save_file(tensors, folder / name / "cases.safetensors")
        print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, torch's own relative error {error:.1e}")
    check_mutations(folder)
    write_runs(folder)


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent)
