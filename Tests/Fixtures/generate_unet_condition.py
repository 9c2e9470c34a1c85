"""UNet2DConditionModel fixtures: small models with random weights, inputs, and Diffusers' outputs for them on the CPU.

Every folder `unet_condition/<name>` is a model as `save_pretrained` writes it, in float16 and computed in float32, with
a `cases.safetensors`: the inputs `<case>.sample`, `.timestep`, `.states` and, where the model has them, `.labels`,
`.features` (class embeddings), `.condition` (of the timestep) and `.mask` (of the text's tokens); the outputs `.output`
(float32) and `.output64` (the same model in float64). The last case has a size that the levels do not divide, where the
model takes such a size. `stages.<module>` are the outputs of the first case's modules, stage by stage, and
`maps.<module>` its softmax weights, averaged over the heads.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # Torch's sums differ between instruction sets; before torch is imported.

import math
import pathlib
import shutil

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor, AttnProcessor2_0
from safetensors.torch import load_file, save_file

from random_weights import randomize

DOWN, CROSS_DOWN, UP, CROSS_UP = "DownBlock2D", "CrossAttnDownBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"
RESNET_DOWN, SIMPLE_DOWN = "ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"
RESNET_UP, SIMPLE_UP = "ResnetUpsampleBlock2D", "SimpleCrossAttnUpBlock2D"

# What a dropped token, weight or option must change in an output, at least; and a bias, part of which norms take away.
VISIBLE, VISIBLE_BIAS = 1e-2, 1e-3


def config(**others):
    """A small Stable Diffusion 1: two levels, the first with cross-attention."""
    values = dict(
        sample_size=8, block_out_channels=(8, 12), down_block_types=(CROSS_DOWN, DOWN), up_block_types=(UP, CROSS_UP),
        layers_per_block=1, norm_num_groups=4, attention_head_dim=2, cross_attention_dim=10)
    return values | others


CONFIGS = {
    "sd1": config(),
    "sd1-winograd": config(
        sample_size=16, block_out_channels=(16, 16), norm_num_groups=8, attention_head_dim=4, downsample_padding=0),
    "sd2": config(
        use_linear_projection=True, attention_head_dim=(2, 3), layers_per_block=2, upcast_attention=True,
        down_block_types=(CROSS_DOWN, CROSS_DOWN), up_block_types=(CROSS_UP, CROSS_UP), norm_num_groups=2),
    "lcm": config(time_cond_proj_dim=6, norm_num_groups=2, attention_head_dim=4),
    "classes": config(num_class_embeds=5, in_channels=7, freq_shift=1, flip_sin_to_cos=False),
    "class-timestep": config(class_embed_type="timestep", mid_block_type=None),
    "class-identity": config(class_embed_type="identity", time_embedding_dim=20, timestep_post_act="silu"),
    "class-projection": config(
        class_embed_type="projection", projection_class_embeddings_input_dim=9, time_embedding_act_fn="gelu"),
    "class-simple-projection": config(
        class_embed_type="simple_projection", projection_class_embeddings_input_dim=9, timestep_post_act="gelu"),
    "class-concat": config(
        class_embed_type="timestep", class_embeddings_concat=True, time_embedding_act_fn="silu"),
    "deep": config(
        transformer_layers_per_block=(3, 2), layers_per_block=(1, 2), cross_attention_dim=(10, 10),
        down_block_types=(DOWN, CROSS_DOWN), up_block_types=(CROSS_UP, UP)),
    "only-cross": config(
        only_cross_attention=(True, False), down_block_types=(CROSS_DOWN, CROSS_DOWN),
        up_block_types=(CROSS_UP, CROSS_UP), attention_head_dim=(4, 3)),
    "plain-middle": config(mid_block_type="UNetMidBlock2D", center_input_sample=True, norm_eps=1e-2),
    "scale-shift": config(
        resnet_time_scale_shift="scale_shift", mid_block_scale_factor=1.7, sample_size=(12, 16), norm_num_groups=1,
        block_out_channels=(6, 8, 8), down_block_types=(DOWN, CROSS_DOWN, DOWN), up_block_types=(UP, CROSS_UP, UP)),
    "kernels": config(conv_in_kernel=5, conv_out_kernel=1, attention_head_dim=3, sample_size=None, out_channels=3),
    "unclip": config(
        in_channels=3, out_channels=6, class_embed_type="identity", resnet_time_scale_shift="scale_shift",
        mid_block_type="UNetMidBlock2DSimpleCrossAttn", down_block_types=(RESNET_DOWN, SIMPLE_DOWN),
        up_block_types=(SIMPLE_UP, RESNET_UP), attention_head_dim=4),
    "unclip-winograd": config(
        sample_size=16, block_out_channels=(16, 16), mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        down_block_types=(SIMPLE_DOWN, SIMPLE_DOWN), up_block_types=(SIMPLE_UP, SIMPLE_UP), attention_head_dim=(8, 4)),
    "unclip-only": config(
        only_cross_attention=True, mid_block_only_cross_attention=False, attention_head_dim=2,
        mid_block_type="UNetMidBlock2DSimpleCrossAttn", down_block_types=(SIMPLE_DOWN, RESNET_DOWN),
        up_block_types=(RESNET_UP, SIMPLE_UP)),
    "unclip-mixed": config(
        only_cross_attention=(True, False), mid_block_only_cross_attention=True, attention_head_dim=2,
        mid_block_type="UNetMidBlock2DSimpleCrossAttn", down_block_types=(CROSS_DOWN, SIMPLE_DOWN),
        up_block_types=(SIMPLE_UP, CROSS_UP), mid_block_scale_factor=1.3),
    "three-groups": config(block_out_channels=(9, 12), norm_num_groups=3, attention_head_dim=(3, 1)),
}

# Options that an engine could ignore without a change in any weight's shape: (fixture, key, other value).
MUTATIONS = [
    ("sd1", "attention_head_dim", 4), ("sd2", "attention_head_dim", (4, 3)), ("sd2", "attention_head_dim", (2, 6)),
    ("only-cross", "attention_head_dim", 2), ("sd1", "norm_num_groups", 2), ("sd2", "norm_num_groups", 4),
    ("sd1-winograd", "downsample_padding", 1), ("classes", "freq_shift", 0), ("classes", "flip_sin_to_cos", True),
    ("class-identity", "timestep_post_act", None), ("class-projection", "time_embedding_act_fn", None),
    ("class-simple-projection", "timestep_post_act", "silu"), ("class-concat", "time_embedding_act_fn", None),
    ("plain-middle", "center_input_sample", False), ("plain-middle", "norm_eps", 1e-5),
    ("scale-shift", "mid_block_scale_factor", 1.0), ("kernels", "attention_head_dim", 6),
    ("unclip", "attention_head_dim", 2), ("unclip", "norm_num_groups", 2), ("unclip-winograd", "attention_head_dim", 4),
    ("unclip-mixed", "mid_block_scale_factor", 1.0),
]

# Seeds with which no part of the model is hidden; 3200 and the fixture's place for the others.
SEEDS = {
    "deep": 3710, "three-groups": 3211, "unclip": 3220, "unclip-winograd": 3221, "unclip-only": 3222,
    "unclip-mixed": 3223}

INPUTS = {
    "labels": "class_labels", "features": "class_labels", "condition": "timestep_cond", "mask": "attention_mask"}


def takes_mask(settings):
    """Whether pixels attend to the text and to each other at once; to the text alone, Diffusers takes no mask."""
    return SIMPLE_DOWN in settings.down_block_types and not settings.only_cross_attention


def gain(name):
    """The gain of a weight: above 1, most of all in attention. Class embeddings are normals as they are."""
    if name.startswith("class_embedding.weight"):
        return None
    return 1.5 if "time_emb" in name or "attn" in name else 1.1


def make_inputs(model, batch, timestep, tokens, size, generator):
    """The inputs of a case."""
    settings, height, width = model.config, *size
    case = {
        "sample": torch.randn((batch, settings.in_channels, height, width), generator=generator),
        "timestep": torch.tensor([timestep], dtype=torch.float64),
        "states": 1.5 * torch.randn((batch, tokens, 10), generator=generator)}
    if settings.class_embed_type in ("identity", "projection", "simple_projection"):
        features = settings.projection_class_embeddings_input_dim or model.time_embedding.linear_2.out_features
        case["features"] = torch.randn((batch, features), generator=generator)
    elif settings.class_embed_type == "timestep":
        case["labels"] = torch.randint(0, 1000, (batch,), generator=generator).double()
    elif settings.num_class_embeds:
        case["labels"] = torch.randint(0, settings.num_class_embeds, (batch,), generator=generator).double()
    if settings.time_cond_proj_dim:
        case["condition"] = torch.randn((batch, settings.time_cond_proj_dim), generator=generator)
    if takes_mask(settings):
        # The first image keeps all tokens, the second all but one in the middle, the third the first two.
        case["mask"] = torch.ones(batch, tokens)
        case["mask"][1:2, tokens // 2] = 0
        case["mask"][2:, 2:] = 0
    return case


def run(model, case):
    """Diffusers' output for a case."""
    kind = next(model.parameters()).dtype
    others = {INPUTS[name]: case[name].to(torch.int64 if name == "labels" else kind) for name in INPUTS if name in case}
    return model(
        case["sample"].to(kind), case["timestep"][0], encoder_hidden_states=case["states"].to(kind), **others
    ).sample.contiguous()


def stages(model, case):
    """The outputs of the blocks and the transformers, by their names."""
    taken, hooks = {}, []
    for name, module in model.named_modules():
        parts = name.split(".")
        if parts[0] in ("down_blocks", "up_blocks") and len(parts) == 2 or name in ("conv_in", "mid_block") or (
                len(parts) > 2 and parts[-2] == "attentions"):
            def keep(module, inputs, output, name=name):
                taken[f"stages.{name}"] = (output[0] if isinstance(output, tuple) else output).clone().contiguous()
            hooks.append(module.register_forward_hook(keep))
    run(model, case)
    for hook in hooks:
        hook.remove()
    return taken


def maps(model, case):
    """The softmax weights of each attention to the text, averaged over the heads: `[batch, tokens, height, width]`."""
    taken, height, width = {}, *case["sample"].shape[2:]
    if not any(name.endswith(".attn2") for name, _ in model.named_modules()):
        return taken
    others = {name: value for name, value in model.attn_processors.items() if "attn" not in name.split(".")[-2]}
    for name, module in model.named_modules():
        if name.endswith(".attn2"):
            module.set_processor(AttnProcessor())
            def scores(query, key, mask=None, name=name, module=module, real=module.get_attention_scores):
                weights = real(query, key, mask)
                mean = weights.unflatten(0, (-1, module.heads)).mean(1).transpose(1, 2)
                halvings = round(math.log2(height * width / mean.shape[2]) / 2)
                taken[f"maps.{name}"] = mean.unflatten(2, (height >> halvings, width >> halvings)).contiguous()
                return weights
            module.get_attention_scores = scores
    run(model, case)
    if others:
        for name, module in model.named_modules():
            if name.endswith(".attn2"):
                module.set_processor(AttnProcessor2_0())
    else:
        model.set_default_attn_processor()
    for name, module in model.named_modules():
        module.__dict__.pop("get_attention_scores", None)
    return taken


def make_cases(model, generator):
    """Inputs of one to three images with texts of several lengths, with outputs in both precisions."""
    size = model.config.sample_size or 8
    size = (size, size) if isinstance(size, int) else size
    double = UNet2DConditionModel.from_config(model.config).eval().double()
    double.load_state_dict({name: value.double() for name, value in model.state_dict().items()})
    tensors, error = {}, 0.0
    odd = (size[0] + 1, size[1] + 3)
    if "simple" in str(model.config.mid_block_type).lower():  # Blocks that double an image to twice its size.
        odd = (size[0] + 2, size[1] + 4)
    for batch, timestep, tokens, size in ((2, 500, 5, size), (1, 0, 3, size), (3, 998.25, 7, size), (1, 20, 4, odd)):
        own = math.inf
        while own > 8e-6:  # An input for which torch's own rounding is too large to compare with is drawn again.
            case = make_inputs(model, batch, timestep, tokens, size, generator)
            output, output64 = run(model, case), run(double, case)
            own = ((output - output64).abs().max() / output64.abs().max()).item()
        error = max(error, own)
        name = f"batch{batch}_tokens{tokens}"
        tensors |= {f"{name}.{key}": value for key, value in case.items()}
        tensors |= {f"{name}.output": output, f"{name}.output64": output64}
        if batch == 2:
            tensors |= stages(model, case) | maps(model, case)
            check_parts(model, case, output)
    spread = torch.cat([value.flatten() for name, value in tensors.items() if name.endswith("output")]).std().item()
    assert 0.1 < spread < 10, spread
    return tensors, error


def check_parts(model, case, output):
    """Checks that each token, each conditioning and each parameter changes the output visibly."""
    def require(changed, what):
        difference = (run(model, changed) - output).abs().max().item()
        assert difference > (VISIBLE_BIAS if what.endswith("bias") else VISIBLE), (what, difference)

    tokens = case["states"].shape[1]
    for token in range(tokens):
        rest = [index for index in range(tokens) if index != token]
        masks = {"mask": case["mask"][:, rest]} if "mask" in case else {}
        require(case | {"states": case["states"][:, rest]} | masks, f"token {token}")
    if "mask" in case:
        require(case | {"mask": torch.ones_like(case["mask"])}, "mask")
    for key in ("features", "condition"):
        if key in case:
            require(case | {key: torch.zeros_like(case[key])}, key)
    if "labels" in case:
        require(case | {"labels": (case["labels"] + 1) % 5}, "labels")
    require(case | {"states": case["states"].flip(0)}, "the texts of the other images")
    for name, parameter in model.named_parameters():
        if name.endswith("add_k_proj.bias") and f"{name[:-16]}.to_k.bias" not in model.state_dict():
            continue  # Without keys of pixels it adds the same to each score of a query.
        kept = parameter.data.clone()
        parameter.data.fill_(1 if "norm" in name and name.endswith("weight") else 0)
        require(case, name)
        parameter.data.copy_(kept)


def check_mutations(folder):
    """Checks that another value of an option changes the output of its fixture by more than `VISIBLE`."""
    for name, key, other in MUTATIONS:
        original = UNet2DConditionModel.from_pretrained(folder / name, low_cpu_mem_usage=False).eval()
        changed = UNet2DConditionModel.from_config(dict(original.config) | {key: other}).eval()
        changed.load_state_dict(original.state_dict())
        tensors = load_file(folder / name / "cases.safetensors")
        case = {key.split(".")[1]: value for key, value in tensors.items() if key.startswith("batch2_")}
        difference = (run(changed, case) - case["output"]).abs().max().item()
        assert difference > VISIBLE, (name, key, other, difference)


@torch.no_grad()
def main(folder):
    """Writes `folder/unet_condition`."""
    torch.set_num_threads(1)
    folder = pathlib.Path(folder) / "unet_condition"
    for index, (name, values) in enumerate(CONFIGS.items()):
        generator = torch.Generator().manual_seed(SEEDS.get(name, 3200 + index))
        model = UNet2DConditionModel(**values).eval()
        randomize(model, generator, gain)
        shutil.rmtree(folder / name, ignore_errors=True)
        model.half().save_pretrained(folder / name)
        model = UNet2DConditionModel.from_pretrained(folder / name, low_cpu_mem_usage=False).eval()
        assert model.dtype == torch.float32
        tensors, error = make_cases(model, generator)
        save_file(tensors, folder / name / "cases.safetensors")
        print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, torch's own relative error {error:.1e}")
    check_mutations(folder)


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent)
