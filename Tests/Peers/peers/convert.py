"""Converts a UNet2DModel for each runtime, once, into the cache folder; run as `python -m peers.convert`."""

import argparse
import math
import subprocess
import sys
from pathlib import Path

from . import models


def converted(work, name, batch, suffix):
    """The path of a converted model."""
    return Path(work) / "converted" / f"{name}-{batch}{suffix}"


def wrapped(work, name):
    """The UNet as a module of (sample, timestep) that returns a tensor."""
    import torch

    class Forward(torch.nn.Module):
        def __init__(self, unet):
            super().__init__()
            self.unet = unet

        def forward(self, sample, timestep):
            return self.unet(sample, timestep, return_dict=False)[0]

    return Forward(models.load_unet(work, name)).eval()


def wrapped_for_ncnn(work, name):
    """The UNet as a module of (sample, sinusoidal embedding): the caller computes the table of sines,
    and attention is written out, with tensors of rank 3, in operations that pnnx converts to ncnn's."""
    import torch
    from diffusers.models.attention_processor import Attention

    class Processor:
        def __call__(self, attn, hidden, *args, **kwargs):
            residual = hidden
            _, channels, height, width = hidden.shape
            tokens, heads = height * width, attn.heads
            size = channels // heads
            hidden = attn.group_norm(hidden).reshape(channels, tokens).transpose(0, 1)
            query, key, value = (
                layer(hidden).reshape(tokens, heads, size).permute(1, 0, 2)
                for layer in (attn.to_q, attn.to_k, attn.to_v))
            scores = torch.matmul(query * (1 / math.sqrt(size)), key.transpose(1, 2))
            hidden = torch.matmul(torch.softmax(scores, dim=-1), value)
            hidden = attn.to_out[0](hidden.permute(1, 0, 2).reshape(tokens, channels))
            hidden = hidden.transpose(0, 1).reshape(1, channels, height, width)
            return (hidden + residual) / attn.rescale_output_factor

    forward = wrapped(work, name)
    for module in forward.unet.modules():
        if isinstance(module, Attention):
            module.set_processor(Processor())

    class Forward(torch.nn.Module):
        def __init__(self, unet):
            super().__init__()
            self.unet = unet

        def forward(self, sample, embedding):
            # UNet2DModel.forward with the projection of the timestep left to the caller.
            unet = self.unet
            emb = unet.time_embedding(embedding)
            sample = unet.conv_in(sample)
            skips = (sample,)
            for block in unet.down_blocks:
                sample, states = block(hidden_states=sample, temb=emb)
                skips += states
            sample = unet.mid_block(sample, emb)
            for block in unet.up_blocks:
                count = len(block.resnets)
                sample = block(sample, skips[-count:], emb)
                skips = skips[:-count]
            return unet.conv_out(unet.conv_act(unet.conv_norm_out(sample)))

    return Forward(forward.unet).eval()


def make_onnx(work, name, batch):
    import torch

    path = converted(work, name, batch, ".onnx")
    if path.exists():
        return
    torch.onnx.export(
        wrapped(work, name), models.example(work, name, batch), path, dynamo=True, external_data=name not in models.MODELS,
        input_names=["sample", "timestep"], output_names=["output"], opset_version=18)


def make_openvino(work, name, batch):
    import openvino

    path = converted(work, name, batch, ".xml")
    if path.exists():
        return
    sample, timestep = models.example(work, name, batch)
    model = openvino.convert_model(
        wrapped(work, name), example_input=(sample, timestep),
        input=[("sample", list(sample.shape)), ("timestep", [])])
    openvino.save_model(model, path, compress_to_fp16=False)


def make_ncnn(work, name):
    import torch

    path = converted(work, name, 1, ".ncnn.param")
    if path.exists():
        return
    forward = wrapped_for_ncnn(work, name)
    channels = forward.unet.config.block_out_channels[0]
    example = (torch.randn(1, 3, 32, 32), torch.randn(1, channels))
    script = converted(work, name, 1, ".pt")
    with torch.no_grad():
        torch.jit.trace(forward, example).save(script)
    subprocess.run(
        [Path(sys.executable).with_name("pnnx"), script.name,
         f"inputshape=[1,3,32,32],[1,{channels}]", "fp16=0"],
        cwd=script.parent, check=True, stdout=sys.stderr)
    stem = script.name.removesuffix(".pt").replace("-", "_")
    for suffix in (".ncnn.param", ".ncnn.bin"):
        produced = script.with_name(stem + suffix)
        if produced.exists():
            produced.rename(converted(work, name, 1, suffix))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--sides", default="onnxruntime,openvino,ncnn")
    parser.add_argument("--batches", default="1,4")
    arguments = parser.parse_args()
    batches = [int(batch) for batch in arguments.batches.split(",")]
    sides = arguments.sides.split(",")
    (Path(arguments.work) / "converted").mkdir(exist_ok=True)
    for name in arguments.models:
        models.make(arguments.work, name)
        for batch in batches:
            if "onnxruntime" in sides:
                make_onnx(arguments.work, name, batch)
            if "openvino" in sides:
                make_openvino(arguments.work, name, batch)
        if "ncnn" in sides:
            make_ncnn(arguments.work, name)


if __name__ == "__main__":
    main()
