#!/usr/bin/env python3
"""What PyTorch says on a card, with nothing installed but PyTorch; on-a-card.sh calls it.

    card.py noise FOLDER PROGRAM...    records torch.rand and torch.randn on the card, and says how far what
                                       `PROGRAM randn` draws is from the latter
    card.py model FOLDER               a UNet2DModel of google/ddpm-cifar10-32's shape with random weights (seed 0)
    card.py [--batch N] [--repeats N] [--compile] forward
                                       the median of its forward passes, strict binary32

--device cpu takes the processor in place of a card. `noise` writes NAME.tsv and NAME.bin in the format that
Tests/Fixtures/generate_noise.py describes, NAME being cuda- and the card's multiprocessors and their threads.

The module has Diffusers' parameter names, so that this program opens what `model` writes.
"""

import argparse
import ctypes
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import torch
from torch import nn
from torch.nn import functional as F

from fnv1a import fnv1a  # of Tests/Fixtures; on-a-card.sh packs it beside this file

CONFIG = {
    "_class_name": "UNet2DModel", "act_fn": "silu", "attention_head_dim": None,
    "block_out_channels": [128, 256, 256, 256], "center_input_sample": False,
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"], "downsample_padding": 0,
    "flip_sin_to_cos": False, "freq_shift": 1, "in_channels": 3, "layers_per_block": 2, "mid_block_scale_factor": 1,
    "norm_eps": 1e-6, "norm_num_groups": 32, "out_channels": 3, "sample_size": 32,
    "time_embedding_type": "positional",
    "up_block_types": ["UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
}


class Resnet(nn.Module):
    def __init__(self, inner, outer):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(32, inner, 1e-6), nn.GroupNorm(32, outer, 1e-6)
        self.conv1, self.conv2 = nn.Conv2d(inner, outer, 3, padding=1), nn.Conv2d(outer, outer, 3, padding=1)
        self.time_emb_proj = nn.Linear(512, outer)
        self.conv_shortcut = nn.Conv2d(inner, outer, 1) if inner != outer else None

    def forward(self, x, time):
        hidden = self.conv1(F.silu(self.norm1(x))) + self.time_emb_proj(F.silu(time))[:, :, None, None]
        hidden = self.conv2(F.silu(self.norm2(hidden)))
        return (self.conv_shortcut(x) if self.conv_shortcut is not None else x) + hidden


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.group_norm = nn.GroupNorm(32, channels, 1e-6)
        self.to_q, self.to_k, self.to_v = (nn.Linear(channels, channels) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x):
        tokens = self.group_norm(x).flatten(2).transpose(1, 2)
        q, k, v = self.to_q(tokens), self.to_k(tokens), self.to_v(tokens)
        out = F.scaled_dot_product_attention(q[:, None], k[:, None], v[:, None])[:, 0]
        return x + self.to_out[0](out).transpose(1, 2).reshape(x.shape)


class Sampler(nn.Module):
    def __init__(self, channels, is_up):
        super().__init__()
        self.is_up = is_up
        self.conv = nn.Conv2d(channels, channels, 3, padding=1 if is_up else 0, stride=1 if is_up else 2)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0) if self.is_up else F.pad(x, (0, 1, 0, 1)))


class Block(nn.Module):
    def __init__(self, resnets, channels, has_attention, sampler, is_up):
        super().__init__()
        self.resnets = nn.ModuleList([Resnet(*sizes) for sizes in resnets])
        self.attentions = nn.ModuleList([Attention(channels) for _ in resnets]) if has_attention else None
        self.upsamplers = nn.ModuleList([Sampler(channels, True)]) if sampler and is_up else None
        self.downsamplers = nn.ModuleList([Sampler(channels, False)]) if sampler and not is_up else None


class Middle(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.attentions = nn.ModuleList([Attention(channels)])
        self.resnets = nn.ModuleList([Resnet(channels, channels), Resnet(channels, channels)])


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        sizes, levels = CONFIG["block_out_channels"], 4
        self.conv_in = nn.Conv2d(3, sizes[0], 3, padding=1)
        self.time_embedding = nn.Module()
        self.time_embedding.linear_1, self.time_embedding.linear_2 = nn.Linear(128, 512), nn.Linear(512, 512)
        self.down_blocks, self.up_blocks = nn.ModuleList(), nn.ModuleList()
        kept, inner = [sizes[0]], sizes[0]
        for level, outer in enumerate(sizes):
            self.down_blocks.append(Block([(inner, outer), (outer, outer)], outer, level == 1, level < 3, False))
            kept += [outer, outer] + ([outer] if level < 3 else [])
            inner = outer
        self.mid_block = Middle(inner)
        for level, outer in enumerate(reversed(sizes)):
            resnets = []
            for _ in range(3):
                resnets.append((inner + kept.pop(), outer))
                inner = outer
            self.up_blocks.append(Block(resnets, outer, level == 2, level < levels - 1, True))
        self.conv_norm_out, self.conv_out = nn.GroupNorm(32, sizes[0], 1e-6), nn.Conv2d(sizes[0], 3, 3, padding=1)

    def forward(self, x, timestep):
        exponent = -9.210340371976184 * torch.arange(64, dtype=torch.float32, device=x.device) / 63
        angles = timestep * torch.exp(exponent)
        time = torch.cat([torch.sin(angles), torch.cos(angles)])[None].expand(x.shape[0], -1)
        time = self.time_embedding.linear_2(F.silu(self.time_embedding.linear_1(time)))
        x = self.conv_in(x)
        kept = [x]
        for block in self.down_blocks:
            for index, resnet in enumerate(block.resnets):
                x = resnet(x, time)
                x = block.attentions[index](x) if block.attentions is not None else x
                kept.append(x)
            if block.downsamplers is not None:
                x = block.downsamplers[0](x)
                kept.append(x)
        x = self.mid_block.resnets[0](x, time)
        x = self.mid_block.resnets[1](self.mid_block.attentions[0](x), time)
        for block in self.up_blocks:
            for index, resnet in enumerate(block.resnets):
                x = resnet(torch.cat([x, kept.pop()], 1), time)
                x = block.attentions[index](x) if block.attentions is not None else x
            x = block.upsamplers[0](x) if block.upsamplers is not None else x
        return self.conv_out(F.silu(self.conv_norm_out(x)))


def network():
    torch.manual_seed(0)
    return UNet().eval()


def write_safetensors(tensors, path):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            whole = tensor.detach().contiguous()
            file.write(ctypes.string_at(whole.data_ptr(), whole.numel() * 4))


def model(folder):
    os.makedirs(f"{folder}/unet", exist_ok=True)
    os.makedirs(f"{folder}/scheduler", exist_ok=True)
    index = {"_class_name": "DDPMPipeline", "unet": ["diffusers", "UNet2DModel"],
             "scheduler": ["diffusers", "DDPMScheduler"]}
    scheduler = {"_class_name": "DDPMScheduler", "num_train_timesteps": 1000}
    for path, value in (("model_index", index), ("unet/config", CONFIG),
                        ("scheduler/scheduler_config", scheduler)):
        with open(f"{folder}/{path}.json", "w") as file:
            json.dump(value, file, indent=2)
    net = network()
    write_safetensors(net.state_dict(), f"{folder}/unet/diffusion_pytorch_model.safetensors")
    print(f"{sum(parameter.numel() for parameter in net.parameters())} parameters")


def bytes_of(tensor):
    tensor = tensor.cpu().contiguous()
    return ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.element_size())


def distance(drawn, own):
    """How many binary32 elements have other bits, and how many units in the last place they are apart."""
    pair = [torch.frombuffer(bytearray(data), dtype=torch.int32).to(torch.int64) for data in (drawn, own)]
    differ = int((pair[0] != pair[1]).sum())
    # As integers in the elements' order, neighbours are 1 apart.
    ordered = [torch.where(bits < 0, -(bits & 0x7FFFFFFF), bits) for bits in pair]
    apart = (ordered[0] - ordered[1]).abs()
    return f"{differ} differ, {int((apart > 1).sum())} by more than 1 ulp, at most {int(apart.max())}"


def own_normals(program, seed, count, device):
    """What this program draws; of a card it reads the numbers itself."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/drawn.npy"
        subprocess.run(
            [*program, "randn", "--shape", str(count), "--seed", str(seed), "--generator-device", device,
             "--output", path], check=True, stdout=subprocess.DEVNULL)
        with open(path, "rb") as file:
            return file.read()[-4 * count:]


def noise(folder, program, device):
    """Seeds 0, 1 and 42; the sizes at which PyTorch's kernels change."""
    name = "cpu"
    if device == "cuda":
        card = torch.cuda.get_device_properties(0)
        name = f"cuda-{card.multi_processor_count}x{card.max_threads_per_multi_processor}"
        print(f"torch {torch.__version__}, {card.name}")
    lines, kept, normals = [], bytearray(), {}
    for draw in ("rand", "randn"):
        for seed in (0, 1, 42):
            for count in (16, 3072, 12288, 300000):
                generator = torch.Generator(device).manual_seed(seed)
                data = bytes_of(getattr(torch, draw)(count, device=device, generator=generator))
                state = bytes_of(generator.get_state())
                case = f"{draw} {seed} {count}"
                lines.append(f"{case}\tmanual_seed\t{seed}")
                lines.append("\t".join([case, draw, "float32", str(count), "contiguous", "all", str(len(kept)),
                                        fnv1a(data), fnv1a(state)]))
                kept += data
                if draw == "randn":
                    normals[seed, count] = data
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{name}.tsv", "w") as file:
        file.write("\n".join(lines) + "\n")
    with open(f"{folder}/{name}.bin", "wb") as file:
        file.write(kept)
    # No command of the program draws uniforms.
    for (seed, count), data in normals.items():
        print(f"randn {seed} {count}: {distance(data, own_normals(program, seed, count, device))}")
    print(f"{len(lines) // 2} draws recorded in {name}.tsv and {name}.bin")


def forward(options):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    net = network().to(options.device)
    net = torch.compile(net) if options.compile else net
    x = torch.zeros(options.batch, 3, 32, 32)
    times = []
    with torch.inference_mode():
        for _ in range(options.repeats + 5):
            start = time.perf_counter()
            # From memory to memory, as `bench` measures it.
            net(x.to(options.device), 500.0).cpu()
            times.append(time.perf_counter() - start)
    print(f"{statistics.median(times[5:]) * 1000:.3f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["noise", "model", "forward"])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("program", nargs="*")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    options = parser.parse_args()
    if options.task == "forward":
        forward(options)
    elif not options.folder:
        sys.exit(f"card.py {options.task}: a folder is missing")
    elif options.task == "model":
        model(options.folder)
    elif not options.program:
        sys.exit("card.py noise: a program is missing")
    else:
        noise(options.folder, options.program, options.device)


main()
