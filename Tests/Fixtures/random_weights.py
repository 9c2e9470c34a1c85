"""Random weights for the small models of the fixtures."""

import math

import torch


def randomize(model, generator, gain):
    """Weights that hide no part of a model: a gain of about 1, biases and norms far from their initial zeros and ones.

    `gain` gives that of a weight by its name, or None for normals as they are.
    """
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if "norm" in name and ".linear." not in name:  # An adaptive norm has a linear layer.
            noise = 0.3 * noise + (1 if name.endswith("weight") else 0)
        elif name.endswith("bias"):
            noise = 0.2 * noise
        elif (factor := gain(name)) is not None:
            noise = factor * noise / math.sqrt(parameter[0].numel())
        parameter.data.copy_(noise)
    return model
