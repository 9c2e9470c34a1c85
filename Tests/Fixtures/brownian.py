"""The noise of DPMSolverSDEScheduler in runs that can be made again.

Diffusers seeds it from PyTorch's global generator. Here that is the run's; where each image has a generator, each gives
the seed of a tree of its own, as `BatchedBrownianTree` has it for a list of seeds.

The ends of an increment are `sigma.log().neg().neg().exp()` rounded to 1e-6, and sigma may be so large that a unit of
its last place is more: then a last bit of PyTorch's roots and logarithms, which are off for one number of five and of
twenty, makes other noise. `correctly_rounded` has such numbers rounded correctly; what PyTorch itself makes is kept
where both agree. Run by itself, it makes `noise/brownian.json`.
"""

import contextlib
import itertools
import json
import os
from pathlib import Path

# The project's reference is torch's AVX2 path.
os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

import numpy as np
import torch
import torchsde
from diffusers.schedulers import scheduling_dpmsolver_sde

NAME = "dpm-sde"
MOST = 2 ** 63 - 1


@contextlib.contextmanager
def seeded(scheduler, generators):
    """The generators of a run seed the scheduler's noise."""
    # By its name: `Tests/Peers/schedulers.py` has a class in binary64 too.
    if type(scheduler).__name__ != "DPMSolverSDEScheduler":
        yield
        return
    if len(generators) > 1:
        if scheduler.noise_sampler_seed is None:
            scheduler.noise_sampler_seed = [
                torch.randint(0, MOST, [], generator=generator).item() for generator in generators]
        yield
        return
    state = torch.get_rng_state()
    torch.set_rng_state(generators[0].get_state())
    try:
        yield
    finally:
        generators[0].set_state(torch.get_rng_state())
        torch.set_rng_state(state)


@contextlib.contextmanager
def correctly_rounded():
    """Logarithms, exponentials and roots are computed in binary64 and rounded once."""
    functions = {"log": np.log, "exp": np.exp, "expm1": np.expm1, "sqrt": np.sqrt}
    own = {name: getattr(torch.Tensor, name) for name in [*functions, "__pow__"]}

    def replacement(name):
        def function(tensor):
            return rounded(functions[name], tensor) if tensor.dtype == torch.float32 else own[name](tensor)
        return function

    def rounded(function, tensor):
        with np.errstate(all="ignore"):
            return torch.from_numpy(np.asarray(function(tensor.numpy().astype(np.float64)), dtype=np.float32))

    def power(tensor, exponent):
        is_root = exponent == 0.5 and tensor.dtype == torch.float32
        return rounded(np.sqrt, tensor) if is_root else own["__pow__"](tensor, exponent)

    for name in functions:
        setattr(torch.Tensor, name, replacement(name))
    torch.Tensor.__pow__ = power
    try:
        yield
    finally:
        for name, function in own.items():
            setattr(torch.Tensor, name, function)


def times(run):
    """The ends of the trees and of the increments that a run asks for."""
    tree, asked = scheduling_dpmsolver_sde.BatchedBrownianTree, []
    make, own = tree.__init__, tree.__call__

    def noted(function):
        def call(self, *values):
            asked.append([round(float(value), 6) for value in values if torch.is_tensor(value) and not value.dim()])
            return function(self, *values)
        return call

    tree.__init__, tree.__call__ = noted(make), noted(own)
    try:
        run()
    finally:
        tree.__init__, tree.__call__ = make, own
    return asked


def kept(run, scratch, arrays):
    """What `run` makes of arrays: PyTorch's own where its noise is that of correctly rounded numbers, otherwise that.

    `scratch` makes arrays that are thrown away.
    """
    own = times(lambda: run(scratch()))
    with correctly_rounded():
        rounded = times(lambda: run(scratch()))
    if own == rounded:
        return run(arrays)
    with correctly_rounded():
        return {**run(arrays), "correctly_rounded": True}


# Seeds of one word and of two, shapes below and above the 16 elements from which PyTorch draws otherwise, intervals as
# narrow and as wide as those of sigmas.
CASES = [
    (0, (3,), 0.0, 1.0), (7, (2, 1, 4, 4), 0.029167158, 14.614646), (2 ** 40 + 1, (1, 3, 5, 5), 0.01, 157.40713),
    (2 ** 63 - 2, (20,), 0.5, 20000.0)]


def main(folder):
    """Writes `noise/brownian.json`: increments of torchsde's trees."""
    cases = []
    for seed, shape, start, end in CASES:
        tree = torchsde.BrownianInterval(
            t0=start, t1=end, size=shape, entropy=seed, tol=1e-6, pool_size=24, halfway_tree=True)
        places = [0.0, 1.0, 0.3, 0.30001, 0.5, 0.25, 0.75]
        ends = [start + place * (end - start) for place in places]
        spans = [*itertools.combinations(sorted(ends), 2), (start - 1, ends[4]), (ends[4], end + 1)]
        cases.append({
            "seed": seed, "shape": shape, "start": start, "end": end, "spans": spans,
            "increments": [tree(*span).flatten().tolist() for span in spans]})
    text = ",\n".join(json.dumps(case) for case in cases)
    (Path(folder) / "noise" / "brownian.json").write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
