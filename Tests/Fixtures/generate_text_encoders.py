"""Text encoder fixtures: small CLIP text models with random weights, tokens, and transformers' outputs on the CPU.

Every folder `text_encoders/<name>` holds config.json and model.safetensors as transformers writes them (5, or before it
with the prefix `text_model.` and `position_ids`), and cases.safetensors: for each number of tokens `<count>.ids` (whole
numbers as float32), `.hidden.<layer>`, `.last`, `.skipped` (one layer left out), `.pooled` and `.embeds` (with a
projection), and what each module computes, stage by stage: `.stages.<layer>`.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # Torch's sums differ between instruction sets; before torch is imported.

import json
import pathlib
import shutil

import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

# What another token, another place or the missing mask must change in the hidden states, at least.
VISIBLE = 1e-2


def config(**others):
    values = dict(
        vocab_size=40, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=9, projection_dim=7, bos_token_id=38, eos_token_id=39, pad_token_id=39)
    return values | others


# Name: configuration, whether there is a projection, whether names and numbers of positions are as before transformers 5.
CONFIGS = {
    "quick-gelu": (config(eos_token_id=2), False, True),
    "gelu": (config(hidden_act="gelu", hidden_size=10, num_attention_heads=2, layer_norm_eps=1e-3), False, False),
    "projection": (config(hidden_size=16, num_attention_heads=4, eos_token_id=5), True, False),
    "old-projection": (config(hidden_act="gelu", eos_token_id=2), True, True),
    "odd": (config(
        hidden_size=9, intermediate_size=13, num_hidden_layers=3, max_position_embeddings=17, vocab_size=23,
        eos_token_id=22), False, False),
    "one": (config(
        hidden_size=5, intermediate_size=3, num_hidden_layers=1, num_attention_heads=1, max_position_embeddings=1,
        hidden_act="gelu"), False, True),
    "wide": (config(
        hidden_size=72, intermediate_size=50, num_attention_heads=1, max_position_embeddings=77), True, False),
}


def model_of(values, has_projection, seed):
    torch.manual_seed(seed)
    kind = CLIPTextModelWithProjection if has_projection else CLIPTextModel
    model = kind(CLIPTextConfig(**values)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            drawn = torch.randn(parameter.shape)
            if name.endswith("weight") and parameter.dim() == 1:
                parameter.copy_(1 + 0.3 * drawn)
            elif name.endswith("bias"):
                parameter.copy_(0.3 * drawn)
            else:
                scale = 1.0 if "embedding" in name else 1.5 * parameter.shape[1] ** -0.5
                parameter.copy_(scale * drawn)
    return model


def ids_of(values, count, generator):
    """Three texts: with the end in the middle, with two ends, and with none."""
    ids = torch.randint(0, values["vocab_size"], (3, count), generator=generator)
    end = values["eos_token_id"]
    ids[ids == end] = 1
    ids[0, count // 2] = end
    ids[1, count // 3] = ids[1, count - 1] = end
    return ids


def text_model(model):
    return getattr(model, "text_model", model)


def run(model, ids):
    """The outputs, and what the modules compute, by the engine's names."""
    stages, hooks, parts = {}, [], {}
    inner = text_model(model)

    def keep(name):
        return lambda module, arguments, output: stages.__setitem__(name, output)

    for index, layer in enumerate(inner.encoder.layers):
        name = f"encoder.layers.{index}"
        for short in ("layer_norm1", "layer_norm2", "mlp.fc1", "mlp.activation_fn"):
            hooks.append(layer.get_submodule(short).register_forward_hook(keep(f"{name}.{short}")))
        for part in "qkv":
            hooks.append(getattr(layer.self_attn, f"{part}_proj").register_forward_hook(
                lambda module, arguments, output, key=(name, part): parts.__setitem__(key, output)))
        # The engine's linear layers add the residual.
        hooks.append(layer.self_attn.out_proj.register_forward_pre_hook(
            lambda module, arguments, key=f"{name}.self_attn.attention": stages.__setitem__(key, arguments[0])))
        hooks.append(layer.layer_norm2.register_forward_pre_hook(
            lambda module, arguments, key=f"{name}.self_attn.out_proj": stages.__setitem__(key, arguments[0])))
        hooks.append(layer.register_forward_hook(keep(f"{name}.mlp.fc2")))
    with torch.no_grad():
        output = model(input_ids=ids, output_hidden_states=True)
        hidden = output.hidden_states
        result = {f"hidden.{index}": state for index, state in enumerate(hidden)}
        result["last"] = output.last_hidden_state
        result["skipped"] = inner.final_layer_norm(hidden[-2])
        result["pooled"] = inner(input_ids=ids).pooler_output
        if hasattr(model, "text_projection"):
            result["embeds"] = output.text_embeds
    for hook in hooks:
        hook.remove()
    for (name, _) in list(parts)[::3]:
        stages[f"{name}.self_attn.qkv_proj"] = torch.cat([parts[name, part] for part in "qkv"], dim=-1)
    return {key: value.clone() for key, value in result.items()} | {
        f"stages.{key}": value.clone() for key, value in stages.items()}


def check_visible(name, model, ids, result):
    """Every token, its place and the mask show in what follows."""
    last, inner = result["last"], text_model(model)
    with torch.no_grad():
        for place in range(ids.shape[1]):
            other = ids.clone()
            other[:, place] = (ids[:, place] + 1) % model.config.vocab_size
            change = (inner(input_ids=other).last_hidden_state - last).abs()
            assert place == 0 or change[:, :place].max() == 0, (name, place)
            # In each token that follows, or in a long text in most of them.
            following = change[:, place:].amax(dim=(0, 2))
            assert (following.min() if len(last[0]) < 20 else following.median()) > VISIBLE, (name, place)
        if ids.shape[1] > 1:
            implementation = model.config._attn_implementation
            model.set_attn_implementation("eager")
            mask = torch.zeros(ids.shape[0], 1, ids.shape[1], ids.shape[1])
            change = (inner(input_ids=ids, attention_mask=mask).last_hidden_state - last).abs()
            model.set_attn_implementation(implementation)
            assert change[:, :-1].amax(dim=(0, 2)).min() > VISIBLE, name
            turned = inner(input_ids=ids.flip(1)).last_hidden_state.flip(1)
            assert (turned - last).abs().max() > VISIBLE, name


def write(folder, name, seed):
    values, has_projection, is_old = CONFIGS[name]
    model = model_of(values, has_projection, seed)
    target = folder / name
    shutil.rmtree(target, ignore_errors=True)
    model.save_pretrained(target)
    (target / "generation_config.json").unlink(missing_ok=True)
    # The configuration without what depends on the version and does nothing.
    kept = {"architectures", "model_type", "hidden_act", "layer_norm_eps", *values}
    document = json.loads((target / "config.json").read_text())
    (target / "config.json").write_text(
        json.dumps({key: value for key, value in document.items() if key in kept}, indent=2, sort_keys=True) + "\n")
    if is_old:
        tensors = load_file(target / "model.safetensors")
        prefix = "text_model."
        tensors = {
            key if key.startswith((prefix, "text_projection")) else prefix + key: tensor
            for key, tensor in tensors.items()}
        count = values["max_position_embeddings"]
        tensors[f"{prefix}embeddings.position_ids"] = torch.arange(count).unsqueeze(0)
        save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    generator, most = torch.Generator().manual_seed(seed), values["max_position_embeddings"]
    cases = {}
    for count in sorted({1, max(1, most // 2), most}):
        ids = ids_of(values, count, generator)
        result = run(model, ids)
        check_visible(name, model, ids, result)
        cases[f"{count}.ids"] = ids.to(torch.float32)
        cases |= {f"{count}.{key}": value.contiguous() for key, value in result.items() if count < 20 or "." not in key}
    save_file(cases, target / "cases.safetensors")


def main(folder):
    torch.set_num_threads(1)
    for place, name in enumerate(CONFIGS):
        write(folder / "text_encoders", name, 1300 + place)


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent)
