"""Compares saved outputs with PyTorch's contiguous float32 forward and with a float64 one; run as
`python -m peers.accuracy WORK MODEL BATCH FILE...`; prints one JSON object."""

import json
import sys

import numpy


def reference(work, name, batch):
    """The forward in float32 as Diffusers gives it, in float64 throughout, and in float64 after a float32
    time embedding."""
    import torch

    from . import models
    from .sides import sinusoidal

    inputs = models.Inputs(work, name, batch)
    unet = models.load_unet(work, name)
    sample, timestep = torch.from_numpy(inputs.sample), torch.tensor(inputs.timestep)
    with torch.inference_mode():
        single = unet(sample, timestep).sample.numpy()
        unet = unet.double()
        shared = unet(sample.double(), timestep).sample.numpy()
        if unet.config.time_embedding_type != "positional":
            return single, shared, shared
        table = torch.from_numpy(sinusoidal(inputs.timestep, unet.config))
        unet.time_proj.forward = lambda timesteps: table.expand(len(timesteps), -1)
        double = unet(sample.double(), timestep).sample.numpy()
    return single, double, shared


def main():
    work, name, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
    single, double, shared = reference(work, name, batch)

    def errors(output):
        return {
            "pytorch": float(numpy.abs(output - single).max()),
            "float64": float(numpy.abs(output - double).max()),
            "float64_shared_embedding": float(numpy.abs(output - shared).max()),
        }

    report = {"PyTorch (contiguous)": errors(single)}
    for path in sys.argv[4:]:
        report[path] = errors(numpy.load(path))
    print(json.dumps(report))


if __name__ == "__main__":
    main()
