#!/usr/bin/env python3
"""Generates files of torch.save, in both formats, and what their tensors hold.

Run by hand, with torch 2.13.0, safetensors 0.8.0 and numpy 2.4.6:

    python Tests/Fixtures/generate_torch.py [FOLDER]
"""
import io
import json
import pathlib
import pickle
import pickletools
import struct
import sys
import zipfile
from collections import Counter, OrderedDict

import torch
from safetensors.torch import load_file, save_file

from generate_serialization import values

STEM = "diffusion_pytorch_model"


def types():
    """A tensor of each type that weights have, and of those that may be beside them."""
    x = values(3, 4)
    other = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool, torch.complex64]
    return OrderedDict(
        float64=x.double() * (1 + 2**-30), float32=x, float16=x.half(), bfloat16=x.bfloat16(), scalar=torch.tensor(-2.5),
        empty=torch.zeros(0, 3), **{str(dtype).removeprefix("torch."): torch.ones(2, dtype=dtype) for dtype in other})


def views():
    """Tensors that share a storage, and whose elements do not follow one another."""
    base = values(4, 6)
    halves = values(2, 3, 4).half()
    return OrderedDict(
        base=base, again=base, row=base[1], column=base[:, 2], block=base[1:3, 2:5], transposed=base.t(),
        every_other=base[::2, ::3], expanded=base[0].expand(3, 6), repeated=base[2, 3].expand(5),
        one=base[1:2, 3:4], none=base[2:2], permuted=halves.permute(2, 0, 1), last=halves[..., -1],
        channels=values(2, 3, 2, 2).to(memory_format=torch.channels_last), doubles=values(3, 2).double().t(),
        parameter=torch.nn.Parameter(base[3]))


def beside():
    """Tensors with attributes, and what else torch reads beside tensors."""
    tensor, parameter = values(2, 3), torch.nn.Parameter(values(3))
    tensor.note = parameter.note = "an attribute"
    quantized = torch.quantize_per_tensor(values(2), 0.5, 0, torch.qint8)
    return OrderedDict(
        tensor=tensor, parameter=parameter, sparse=torch.eye(2).to_sparse(), quantized=quantized,
        channels=torch.quantize_per_channel(values(2, 2), torch.ones(2), torch.zeros(2).long(), 0, torch.quint8),
        meta=torch.ones(2, device="meta"), nested=torch.nested.nested_tensor([values(1), values(2)]),
        counter=Counter("aab"), complex=1 + 2j, set={1}, bytes=b"\xff", array=bytearray(b"x"), none=None, number=1.5,
        device=torch.device("cpu"), dtype=torch.float16, size=torch.Size([1]), list=[values(2)], large=10**30)


def expected(tensors, path):
    """What every tensor that can be read becomes."""
    readable = {name: t.detach().to(torch.float32).contiguous().clone() for name, t in tensors.items()
                if t.is_floating_point()}
    save_file(readable, path, metadata={"format": "pt"})


def legacy(tensors):
    """A file of the format before torch 1.6, with keys that do not depend on where the storages were in memory."""
    buffer = io.BytesIO()
    torch.save(tensors, buffer, _use_new_zipfile_serialization=False)
    buffer.seek(0)
    for _ in range(4):
        for _ in pickletools.genops(buffer):
            pass
    head = buffer.getvalue()[:buffer.tell()]
    keys, contents = pickle.load(buffer), {}
    first = lambda key: head.index(key.encode())
    sizes = {}
    for tensor in tensors.values():
        storage = tensor.untyped_storage()
        sizes[str(tensor._typed_storage()._cdata)] = (storage.nbytes(), tensor.element_size())
    for key in keys:
        nbytes, _ = sizes[key]
        contents[key] = buffer.read(8 + nbytes)
    assert not buffer.read()
    ordered = sorted(keys, key=first)
    names = {key: f"{94000000000000 + 64 * number}" for number, key in enumerate(ordered)}
    for key, name in names.items():
        old, new = (b"X" + struct.pack("<I", len(text)) + text.encode() for text in (key, name))
        head = head.replace(old, new)
    return head + pickle.dumps([names[key] for key in ordered], protocol=2) + b"".join(contents[k] for k in ordered)


def big_endian(data):
    """An archive as a big-endian machine writes it: float32 alone."""
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith("/byteorder"):
                content = b"big"
            elif "/data/" in entry.filename:
                content = b"".join(content[i:i + 4][::-1] for i in range(0, len(content), 4))
            archive.writestr(zipfile.ZipInfo(entry.filename), content)
    return target.getvalue()


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def shards(folder):
    """Two shards and their index, as save_pretrained(safe_serialization=False, max_shard_size=...) writes them."""
    folder.mkdir(exist_ok=True)
    parts = {f"{STEM}-00001-of-00002.bin": {"conv_in.bias": torch.arange(3.0), "conv_in.weight": values(3, 2, 3, 3)},
             f"{STEM}-00002-of-00002.bin": {"conv_out.bias": torch.arange(4.0).half()}}
    for name, tensors in parts.items():
        (folder / name).write_bytes(saved(tensors))
    size = sum(t.numel() * t.element_size() for part in parts.values() for t in part.values())
    index = {"metadata": {"total_size": size}, "weight_map": {t: name for name, part in parts.items() for t in part}}
    (folder / f"{STEM}.bin.index.json").write_text(json.dumps(index, indent=2) + "\n")


def same(loaded, tensors):
    assert loaded.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert loaded[name].dtype == tensor.dtype and torch.equal(loaded[name], tensor), name


def main(folder):
    out = folder / "torch"
    out.mkdir(exist_ok=True)
    sets = {"types": types(), "views": views()}
    for name, tensors in sets.items():
        expected(tensors, out / f"{name}.safetensors")
        files = {f"{name}.pt": saved(tensors), f"{name}-legacy.pt": legacy(tensors)}
        files |= {f"{name}-protocol-{p}.pt": saved(tensors, pickle_protocol=p) for p in (3, 4, 5)}
        for file, data in files.items():
            (out / file).write_bytes(data)
            same(torch.load(io.BytesIO(data), weights_only=not "protocol" in file), tensors)
    data = saved(beside())
    assert torch.load(io.BytesIO(data), weights_only=True).keys() == beside().keys()
    (out / "beside.pt").write_bytes(data)
    expected({name: beside()[name] for name in ("tensor", "parameter")}, out / "beside.safetensors")
    floats = OrderedDict((name, t) for name, t in views().items() if t.dtype == torch.float32)
    data = big_endian(saved(floats))
    same(torch.load(io.BytesIO(data)), floats)
    (out / "big-endian.pt").write_bytes(data)
    expected(floats, out / "big-endian.safetensors")
    # With what a module's state_dict has besides: the versions of its parts.
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)).state_dict()
    (out / "module.pt").write_bytes(saved(module))
    expected(module, out / "module.safetensors")
    shards(out / "sharded")
    # A model of its own, in both formats.
    weights = load_file(folder / "unet/no-attention/unet" / f"{STEM}.safetensors")
    (out / "no-attention.bin").write_bytes(saved(weights))
    (out / "no-attention-legacy.bin").write_bytes(legacy(weights))
    # The same in float64, with tensors that the model does not have; Diffusers warns of these.
    more = {name: t.double() for name, t in weights.items()}
    more |= {"extra.bias": values(2), "training.weight": torch.ones(1, dtype=torch.int64), "steps": torch.tensor(3)}
    (out / "no-attention-more.bin").write_bytes(saved(more))
    save_file(more, out / "no-attention-more.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent)
