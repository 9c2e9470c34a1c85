#!/usr/bin/env python3
"""Generates the fixtures of the file formats: safetensors, shards, the flat layout, .npy and SHA-256.

Run by hand, with torch 2.13.0, safetensors 0.8.0 and numpy 2.4.6:

    python Tests/Fixtures/generate_serialization.py [FOLDER]
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import torch
from safetensors.torch import save_file

STEM = "diffusion_pytorch_model"


def values(*shape):
    """Weights of many magnitudes and both signs, including binary16 subnormals."""
    generator = torch.Generator().manual_seed(0)
    exponents = torch.rand(shape, generator=generator) * 22 - 18
    return torch.randn(shape, generator=generator) * 2**exponents


def element_types(folder):
    """The same tensor in each type, a scalar, an empty tensor, and the values that each must be read as."""
    x = values(4, 3, 5)
    tensors = {"float32": x, "float16": x.half(), "bfloat16": x.bfloat16()}
    save_file(tensors | {"empty": torch.zeros(0, 3), "scalar": torch.tensor(-2.5)}, folder / "types.safetensors",
              metadata={"format": "pt"})
    for name, tensor in tensors.items():
        np.save(folder / f"types-{name}.npy", tensor.float().numpy())


def shards(folder):
    """Two shards and their index, as save_pretrained(max_shard_size=...) writes them."""
    folder.mkdir(exist_ok=True)
    parts = {f"{STEM}-00001-of-00002.safetensors": {"conv_in.bias": torch.arange(3.0), "conv_in.weight": values(3, 2, 3, 3)},
             f"{STEM}-00002-of-00002.safetensors": {"conv_out.bias": torch.arange(4.0).half()}}
    for name, tensors in parts.items():
        save_file(tensors, folder / name, metadata={"format": "pt"})
    size = sum(t.numel() * t.element_size() for part in parts.values() for t in part.values())
    index = {"metadata": {"total_size": size}, "weight_map": {t: name for name, part in parts.items() for t in part}}
    (folder / f"{STEM}.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def flat_layout(folder):
    """The files and names of google/ddpm-cifar10-32: one folder, a DDPM index, attention names from before Diffusers
    0.15."""
    folder.mkdir(exist_ok=True)
    write = lambda name, value: (folder / name).write_text(json.dumps(value, indent=2) + "\n")
    write("model_index.json", {"_class_name": "DDPMPipeline", "_diffusers_version": "0.4.0.dev0",
                               "scheduler": ["diffusers", "DDPMScheduler"], "unet": ["diffusers", "UNet2DModel"]})
    write("config.json", {"_class_name": "UNet2DModel", "sample_size": 8})
    write("scheduler_config.json", {"_class_name": "DDPMScheduler", "clip_sample": True, "variance_type": "fixed_large"})
    path, tensors = "mid_block.attentions.0", {}
    for number, name in enumerate(["query", "key", "value", "proj_attn"], start=1):
        tensors[f"{path}.{name}.weight"] = torch.full((2, 2), float(number))
        tensors[f"{path}.{name}.bias"] = torch.full((2,), -float(number))
    tensors[f"{path}.group_norm.weight"] = torch.ones(2)
    save_file(tensors, folder / f"{STEM}.safetensors", metadata={"format": "pt"})


def numpy_files(folder):
    """Arrays as NumPy writes them, and the SHA-256 of their elements."""
    lines = []
    arrays = {"vector-f4": np.arange(5, dtype="<f4") / 3, "matrix-f8": (np.arange(6, dtype="<f8") / 7).reshape(2, 3),
              "cube-f2": np.linspace(-2, 2, 24, dtype="<f2").reshape(2, 3, 4), "scalar-f4": np.float32(0.1),
              "empty-f4": np.zeros((0, 4), "<f4"), "image-f4": values(1, 8, 8, 3).numpy()}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
        lines.append(f"{name} {hashlib.sha256(np.asarray(array).tobytes()).hexdigest()}\n")
    np.save(folder / "fortran-f4.npy", np.asfortranarray(np.ones((2, 3), "<f4")))
    np.save(folder / "integers.npy", np.arange(3))
    (folder / "sha256.txt").write_text("".join(lines))


def main(folder):
    folder = pathlib.Path(folder) / "serialization"
    folder.mkdir(parents=True, exist_ok=True)
    element_types(folder)
    shards(folder / "sharded")
    flat_layout(folder / "flat")
    numpy_files(folder)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
