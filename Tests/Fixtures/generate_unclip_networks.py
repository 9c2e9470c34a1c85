"""unCLIP's networks: small priors and text projections with random weights, inputs, and Diffusers' outputs for them.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_unclip_networks.py

Every folder `unclip/<name>` of `PRIORS` is a prior as `save_pretrained` writes it, in float16 and computed in float32,
with a `cases.safetensors`: the inputs `<case>.sample`, `.timestep`, `.states` (the text's tokens), `.embeds` (the text
as a whole) and, but for one case, `.mask`; the outputs `.output` (float32) and `.output64` (the same model in float64).
`stages.<module>` are the outputs of the first case's blocks, `latents` and `processed` what `post_process_latents`
makes of a sample. `unclip/text-proj` is a text projection with `.image`, `.states`, `.embeds` and `.tokens`, `.time`;
`free.tokens` and `free.time` are those of the two halves with guidance. `bicubic.safetensors` has images and what
`torch.nn.functional.interpolate` makes of them, bicubic and with antialias.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "default"  # Torch's sums differ between instruction sets; before torch is imported.

import math
import pathlib
import shutil

import torch
from diffusers import PriorTransformer
from diffusers.pipelines.deprecated.unclip.text_proj import UnCLIPTextProjModel
from safetensors.torch import load_file, save_file

from random_weights import randomize

# What a dropped token, weight or option must change in an output, at least; and a bias.
VISIBLE, VISIBLE_BIAS = 1e-2, 1e-3
FLOAT = dict(torch_dtype=torch.float32, low_cpu_mem_usage=False)


def prior(**others):
    """A small prior: two blocks of two heads, a text of six tokens."""
    return dict(num_attention_heads=2, attention_head_dim=6, num_layers=2, embedding_dim=10, num_embeddings=6) | others


PRIORS = {
    "prior": prior(),
    "prior-norms": prior(
        norm_in_type="layer", embedding_proj_norm_type="layer", time_embed_act_fn="gelu", time_embed_dim=9,
        embedding_proj_dim=7, clip_embed_dim=11, num_attention_heads=3, attention_head_dim=4),
    "prior-plain": prior(
        encoder_hid_proj_type=None, added_emb_type=None, additional_embeddings=3, time_embed_act_fn="mish",
        num_attention_heads=2, attention_head_dim=7),
}
SEEDS = {"prior": 8100, "prior-norms": 8101, "prior-plain": 8105, "text-proj": 8103}
MUTATIONS = [
    ("prior", "num_attention_heads", 3), ("prior", "time_embed_act_fn", "mish"),
    ("prior-norms", "time_embed_act_fn", "silu"), ("prior-norms", "num_attention_heads", 2),
    ("prior-plain", "time_embed_act_fn", "silu")]
SIZES = [
    ((4, 4), (16, 16)), ((5, 3), (7, 12)), ((6, 8), (6, 8)), ((9, 12), (4, 5)), ((1, 2), (3, 3)), ((7, 16), (21, 5))]


def gain(name):
    """The gain of a weight: above 1 in attention. Embeddings are normals as they are."""
    if "positional" in name or "prd" in name or "clip_" in name and "proj" not in name or "guidance" in name:
        return None
    return 1.5 if "attn" in name else 1.2


def run(model, case):
    kind = next(model.parameters()).dtype
    mask = {"attention_mask": case["mask"].bool()} if "mask" in case else {}
    output = model(
        case["sample"].to(kind), case["timestep"][0], proj_embedding=case["embeds"].to(kind),
        encoder_hidden_states=case["states"].to(kind), **mask).predicted_image_embedding
    return output.reshape(len(case["sample"]), -1).contiguous()


def make_prior(folder, name, values):
    generator = torch.Generator().manual_seed(SEEDS[name])
    shutil.rmtree(folder / name, ignore_errors=True)
    randomize(PriorTransformer(**values), generator, gain).half().save_pretrained(folder / name)
    model = PriorTransformer.from_pretrained(folder / name, **FLOAT).eval()
    double = PriorTransformer.from_config(model.config).eval().double()
    double.load_state_dict({name: value.double() for name, value in model.state_dict().items()})
    settings, tensors, error = model.config, {}, 0.0
    channels = settings.embedding_dim if settings.encoder_hid_proj_type else model.proj_in.out_features
    for case_name, batch, timestep in (("masked2", 2, 500), ("whole1", 1, 20), ("masked3", 3, 998.25), ("full1", 1, 0)):
        own = math.inf
        while own > 8e-6:  # An input for which torch's own rounding is too large to compare with is drawn again.
            case = {
                "sample": torch.randn((batch, settings.embedding_dim), generator=generator),
                "timestep": torch.tensor([timestep], dtype=torch.float64),
                "states": torch.randn((batch, settings.num_embeddings, channels), generator=generator),
                "embeds": torch.randn(
                    (batch, settings.embedding_proj_dim or settings.embedding_dim), generator=generator)}
            if case_name != "whole1":
                case["mask"] = torch.ones(batch, settings.num_embeddings)
            if case_name.startswith("masked"):
                case["mask"][0, 4:] = case["mask"][1, 2:] = 0
                case["mask"][2:, 1] = 0  # A hole in the middle.
            output, output64 = run(model, case), run(double, case)
            own = ((output - output64).abs().max() / output64.abs().max()).item()
        error = max(error, own)
        tensors |= {f"{case_name}.{key}": value for key, value in case.items()}
        tensors |= {f"{case_name}.output": output, f"{case_name}.output64": output64}
        check_parts(model, case, output)
        if case_name == "full1":
            tensors |= stages(model, case)
    latents = torch.randn((2, model.clip_mean.shape[1]), generator=generator)
    tensors |= {"latents": latents, "processed": model.post_process_latents(latents)}
    save_file(tensors, folder / name / "cases.safetensors")
    print(f"{name}: torch's own relative error {error:.1e}")


def stages(model, case):
    """The outputs of the blocks and the norm at the end, by their names."""
    taken, hooks = {}, []
    for name, module in model.named_modules():
        if name == "norm_out" or name.startswith("transformer_blocks.") and name.count(".") == 1:
            def keep(module, inputs, output, name=name):
                taken[f"stages.{name}"] = output.clone().contiguous()
            hooks.append(module.register_forward_hook(keep))
    run(model, case)
    for hook in hooks:
        hook.remove()
    return taken


def check_parts(model, case, output):
    """Checks that each token that counts, the mask and each parameter changes the output visibly."""
    def require(changed, what):
        difference = (run(model, changed) - output).abs().max().item()
        assert difference > (VISIBLE_BIAS if what.endswith("bias") else VISIBLE), (what, difference)

    for key in ("sample", "embeds"):
        require(case | {key: torch.zeros_like(case[key])}, key)
    require(case | {"timestep": case["timestep"] + 40}, "timestep")
    for token in range(case["states"].shape[1]):
        states = case["states"].clone()
        states[:, token] = 0
        if "mask" not in case or case["mask"][:, token].any():
            require(case | {"states": states}, f"token {token}")
    if "mask" in case:
        require({key: value for key, value in case.items() if key != "mask"}, "no mask")
        if (case["mask"] == 0).any():
            require(case | {"mask": torch.ones_like(case["mask"])}, "mask")
    for name, parameter in model.named_parameters():
        if name.endswith("to_k.bias") or name in ("clip_mean", "clip_std"):
            continue  # The same for each score of a query; not part of a prediction.
        kept = parameter.data.clone()
        parameter.data.fill_(1 if "norm" in name and name.endswith("weight") else 0)
        require(case, name)
        parameter.data.copy_(kept)


def check_mutations(folder):
    for name, key, other in MUTATIONS:
        original = PriorTransformer.from_pretrained(folder / name, **FLOAT).eval()
        values = dict(original.config) | {key: other}
        if key == "num_attention_heads":
            values["attention_head_dim"] = original.proj_in.out_features // other
        changed = PriorTransformer.from_config(values).eval()
        changed.load_state_dict(original.state_dict())
        tensors = load_file(folder / name / "cases.safetensors")
        case = {key.split(".")[1]: value for key, value in tensors.items() if key.startswith("masked2.")}
        difference = (run(changed, case) - case["output"]).abs().max().item()
        assert difference > VISIBLE, (name, key, other, difference)


def make_text_proj(folder):
    name, generator = "text-proj", torch.Generator().manual_seed(SEEDS["text-proj"])
    shutil.rmtree(folder / name, ignore_errors=True)
    model = UnCLIPTextProjModel(
        clip_extra_context_tokens=3, clip_embeddings_dim=8, time_embed_dim=12, cross_attention_dim=10)
    randomize(model, generator, gain).half().save_pretrained(folder / name)
    model = UnCLIPTextProjModel.from_pretrained(folder / name, **FLOAT).eval()
    image = torch.randn((2, 8), generator=generator)
    states, embeds = torch.randn((4, 5, 8), generator=generator), torch.randn((4, 8), generator=generator)

    def call(guided):
        first = 0 if guided else 2
        tokens, time = model(
            image_embeddings=image, prompt_embeds=embeds[first:], text_encoder_hidden_states=states[first:],
            do_classifier_free_guidance=guided)
        return tokens.contiguous(), time.contiguous()

    (tokens, time), (free_tokens, free_time) = call(False), call(True)
    assert torch.allclose(free_time[2:], time, atol=1e-5)
    for key, parameter in model.named_parameters():
        kept = parameter.data.clone()
        parameter.data.fill_(1 if "norm" in key and key.endswith("weight") else 0)
        changed = max((new - old).abs().max().item() for new, old in zip(call(True), (free_tokens, free_time)))
        assert changed > VISIBLE, (key, changed)
        parameter.data.copy_(kept)
    save_file(
        {"image": image, "states": states, "embeds": embeds, "tokens": tokens, "time": time,
         "free.tokens": free_tokens, "free.time": free_time}, folder / name / "cases.safetensors")


def make_bicubic(folder):
    generator, tensors = torch.Generator().manual_seed(8104), {}
    for index, (source, target) in enumerate(SIZES):
        images = torch.randn((2, 3, *source), generator=generator)
        result = torch.nn.functional.interpolate(
            images, size=target, mode="bicubic", align_corners=False, antialias=True)
        for other in (dict(antialias=False), dict(mode="bilinear", antialias=True)):
            changed = torch.nn.functional.interpolate(
                images, size=target, **(dict(mode="bicubic", align_corners=False) | other))
            assert source == target or (changed - result).abs().max() > VISIBLE, (index, other)
        tensors |= {f"{index}.images": images, f"{index}.result": result.contiguous()}
    save_file(tensors, folder / "bicubic.safetensors")


@torch.no_grad()
def main(folder):
    """Writes the networks into `folder/unclip`."""
    torch.set_num_threads(1)
    folder = pathlib.Path(folder) / "unclip"
    folder.mkdir(exist_ok=True)
    for name, values in PRIORS.items():
        make_prior(folder, name, values)
    check_mutations(folder)
    make_text_proj(folder)
    make_bicubic(folder)


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent)
