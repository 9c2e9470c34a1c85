"""Makes the fixtures of runs that start from a picture. Run by hand; `swift test` only reads them.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_pictures.py

`pictures/NAME.png` are pictures of every colour type and depth, written here chunk by chunk. `pictures/index.json` has
for each the samples that it becomes for models of some sizes, computed in fractions; and whole runs of Diffusers'
schedulers from a picture, begun as `StableDiffusionImg2ImgPipeline` begins them. Arrays are in `pictures/arrays.bin`,
little endian, as {"offset": bytes, "count": elements} of float32.

The model of a run is a formula: an input x at timestep t gives `x * t / (t + 1)`.
"""

import inspect
import json
import os
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

# The project's reference is torch's AVX2 path.
os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

import numpy as np
import torch
from diffusers import (
    CMStochasticIterativeScheduler, DDIMInverseScheduler, DDIMParallelScheduler, DDIMScheduler, DDPMParallelScheduler,
    DDPMScheduler, DEISMultistepScheduler, DPMSolverMultistepInverseScheduler, DPMSolverMultistepScheduler,
    DPMSolverSDEScheduler, DPMSolverSinglestepScheduler, EDMDPMSolverMultistepScheduler, EDMEulerScheduler, EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler, FlowMatchHeunDiscreteScheduler, HeunDiscreteScheduler,
    IPNDMScheduler, KDPM2AncestralDiscreteScheduler, KDPM2DiscreteScheduler, LCMScheduler, LMSDiscreteScheduler,
    PNDMScheduler, SASolverScheduler, ScoreSdeVeScheduler, StableDiffusionImg2ImgPipeline, TCDScheduler,
    UnCLIPScheduler, UniPCMultistepScheduler)
from diffusers.utils.torch_utils import randn_tensor

import brownian
import variance_exploding
from generate_schedulers import Arrays

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Where Adam7 begins and how far it strides: column, row, across, down.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
# Color type, depth, width, height, and what else there is.
PICTURES = {
    "grey1": (0, 1, 9, 5, {}), "grey2": (0, 2, 6, 7, {}), "grey4": (0, 4, 5, 5, {}), "grey8": (0, 8, 4, 4, {}),
    "grey16": (0, 16, 5, 3, {}), "grey8-key": (0, 8, 6, 6, {"key": [3]}),
    "rgb8": (2, 8, 7, 5, {}), "rgb8-same": (2, 8, 4, 4, {}), "rgb8-small": (2, 8, 2, 3, {}), "rgb16": (2, 16, 5, 6, {}),
    "rgb8-tall": (2, 8, 1, 23, {}), "rgb8-interlaced": (2, 8, 11, 9, {"interlaced": True}),
    "rgb8-gamma": (2, 8, 4, 4, {"chunks": [(b"gAMA", struct.pack(">I", 100000))]}),
    "palette1": (3, 1, 9, 4, {"palette": 2}), "palette4": (3, 4, 5, 4, {"palette": 16}),
    "palette8-alpha": (3, 8, 6, 5, {"palette": 40, "alphas": 30}),
    "grey8-alpha": (4, 8, 5, 7, {}), "grey16-alpha": (4, 16, 3, 5, {}),
    "rgba8": (6, 8, 6, 6, {}), "rgba16": (6, 16, 7, 4, {}), "rgba8-interlaced": (6, 8, 5, 9, {"interlaced": True}),
}
SIZES = [(3, 4, 4), (1, 4, 4), (3, 3, 5)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(samples, depth):
    """The rows of samples [height, width, channels], each with the filter 0 before it."""
    rows = b""
    for row in samples.reshape(samples.shape[0], -1):
        if depth == 16:
            rows += b"\0" + row.astype(">u2").tobytes()
        else:
            bits = "".join(f"{int(value):0{depth}b}" for value in row)
            bits += "0" * (-len(bits) % 8)
            rows += b"\0" + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    return rows


def picture(name):
    """The bytes of a file, and its colours and alpha as fractions of 1: [height, width, 1 or 3], [height, width]."""
    kind, depth, width, height, more = PICTURES[name]
    random = np.random.default_rng(list(name.encode()))
    most = more.get("palette", 2 ** depth) - 1
    samples = random.integers(0, most + 1, (height, width, CHANNELS[kind]))
    file = SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, "interlaced" in more))
    for part in more.get("chunks", []):
        file += chunk(*part)
    palette = random.integers(0, 256, (more.get("palette", 0), 3))
    alphas = random.integers(0, 256, more.get("alphas", 0))
    if kind == 3:
        file += chunk(b"PLTE", palette.astype("u1").tobytes())
    if len(alphas):
        file += chunk(b"tRNS", alphas.astype("u1").tobytes())
    if "key" in more:
        samples[::2, ::2, 0] = more["key"][0]
        file += chunk(b"tRNS", struct.pack(">" + "H" * len(more["key"]), *more["key"]))
    parts = [samples]
    if "interlaced" in more:
        parts = [samples[y::down, x::across] for x, y, across, down in PASSES]
    file += chunk(b"IDAT", zlib.compress(b"".join(packed(part, depth) for part in parts if part.size)))
    file += chunk(b"IEND", b"")

    fraction = np.vectorize(lambda value, most: Fraction(int(value), most), otypes=[object])
    alpha = fraction(np.ones((height, width)), 1)
    if kind == 3:
        colors = fraction(palette[samples[..., 0]], 255)
        if len(alphas):
            alpha = fraction(np.append(alphas, [255] * 256)[samples[..., 0]], 255)
    else:
        colors = fraction(samples[..., :3 if kind in (2, 6) else 1], 2 ** depth - 1)
        if kind in (4, 6):
            alpha = fraction(samples[..., -1], 2 ** depth - 1)
    if "key" in more:
        alpha = np.vectorize(lambda value: Fraction(int(value != more["key"][0])), otypes=[object])(samples[..., 0])
    return file, colors, alpha


def overlaps(source, target):
    """[target, source]: how much of each source pixel lies in a target pixel, in target pixels."""
    step = Fraction(source, target)
    return np.array([[max(Fraction(0), min(Fraction(s + 1), (t + 1) * step) - max(Fraction(s), t * step)) / step
                      for s in range(source)] for t in range(target)], dtype=object)


def averaged(colors, alpha, planes, height, width):
    """The samples of a model, [planes, height, width], from exact means."""
    white = colors * alpha[..., None] + (1 - alpha[..., None])
    means = np.einsum("ty,yxc,ux->tuc", overlaps(white.shape[0], height), white, overlaps(white.shape[1], width))
    means = means.astype(np.float64)  # correctly rounded
    if planes == 1 and means.shape[2] == 3:
        means = (0.299 * means[..., 0:1] + 0.587 * means[..., 1:2]) + 0.114 * means[..., 2:3]
    values = np.broadcast_to(means, (height, width, planes)).transpose(2, 0, 1).astype(np.float32)
    return np.float32(2) * values - np.float32(1)


SHAPE = (2, 3, 4, 4)
ZERO_SNR = {
    "beta_schedule": "squaredcos_cap_v2", "rescale_betas_zero_snr": True, "prediction_type": "v_prediction",
    "timestep_spacing": "trailing"}
RUNS = [
    (DDIMScheduler, {}, {}), (DDIMScheduler, ZERO_SNR, {}), (DDIMScheduler, {}, {"eta": 0.5}),
    (DDPMScheduler, {}, {}), (DDPMScheduler, {"timestep_spacing": "trailing"}, {}),
    (DEISMultistepScheduler, {}, {}), (DPMSolverMultistepScheduler, {"solver_order": 3}, {}),
    (DPMSolverMultistepScheduler, {"use_karras_sigmas": True, "algorithm_type": "sde-dpmsolver++"}, {}),
    (DPMSolverSDEScheduler, {}, {}), (DPMSolverSDEScheduler, {"use_karras_sigmas": True}, {"s_noise": 1.007}),
    (DPMSolverSinglestepScheduler, {}, {}), (DPMSolverSinglestepScheduler, {"solver_order": 3}, {}),
    (EulerDiscreteScheduler, {}, {}), (EulerDiscreteScheduler, {"use_karras_sigmas": True}, {}),
    (EulerDiscreteScheduler, {"timestep_spacing": "leading", "steps_offset": 1}, {"s_churn": 4.0}),
    (LMSDiscreteScheduler, {}, {}), (LMSDiscreteScheduler, {"use_karras_sigmas": True}, {"order": 3}),
    (PNDMScheduler, {"skip_prk_steps": True}, {}), (PNDMScheduler, {}, {}),
    (DDIMParallelScheduler, {}, {"eta": 0.5}), (DDPMParallelScheduler, {}, {}),
    (EulerAncestralDiscreteScheduler, {}, {}), (HeunDiscreteScheduler, {}, {}),
    (HeunDiscreteScheduler, {"use_karras_sigmas": True, "clip_sample": True}, {}), (KDPM2DiscreteScheduler, {}, {}),
    (KDPM2DiscreteScheduler, {"use_exponential_sigmas": True}, {}), (KDPM2AncestralDiscreteScheduler, {}, {}),
    (DDIMInverseScheduler, {}, {}), (DDIMInverseScheduler, {"timestep_spacing": "trailing", "clip_sample": False}, {}),
    (DPMSolverMultistepInverseScheduler, {}, {}),
    (DPMSolverMultistepInverseScheduler, {"solver_order": 3, "use_karras_sigmas": True}, {}),
    (LCMScheduler, {}, {}), (ScoreSdeVeScheduler, {"sigma_max": 10.0}, {}), (TCDScheduler, {}, {"eta": 0.4}),
    (SASolverScheduler, {}, {}), (SASolverScheduler, {"use_karras_sigmas": True, "corrector_order": 3}, {}),
    (CMStochasticIterativeScheduler, {"num_train_timesteps": 80}, {}), (EDMDPMSolverMultistepScheduler, {}, {}),
    (EDMDPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++"}, {}), (EDMEulerScheduler, {}, {}),
    (EDMEulerScheduler, {}, {"s_churn": 4.0}), (FlowMatchEulerDiscreteScheduler, {"shift": 3.0}, {}),
    (FlowMatchEulerDiscreteScheduler, {"stochastic_sampling": True}, {}), (FlowMatchHeunDiscreteScheduler, {}, {}),
    (IPNDMScheduler, {}, {}), (UnCLIPScheduler, {}, {}),
    (UniPCMultistepScheduler, {}, {}), (UniPCMultistepScheduler, {"use_karras_sigmas": True, "solver_order": 3}, {}),
]
STRENGTHS = [(12, 0.1), (12, 0.35), (12, 0.58), (12, 0.8), (12, 1.0), (50, 0.58)]


def noised(scheduler, image, noise, timesteps, steps):
    """The image with the noise of the first of some timesteps."""
    if hasattr(scheduler, "scale_noise"):
        return scheduler.scale_noise(image, timesteps[:1], noise)
    if not hasattr(scheduler, "add_noise"):
        # IPNDM's samples, though the class has no forward process.
        first = len(scheduler.timesteps) - len(timesteps)
        return scheduler.alphas[first] * image + scheduler.betas[first] * noise
    first = timesteps[:1]
    if isinstance(scheduler, ScoreSdeVeScheduler):
        # Its add_noise takes the indices of noise levels.
        first = (first * (steps - 1)).long()
    return scheduler.add_noise(image, noise, first.repeat(SHAPE[0]))


def run(kind, config, options, steps, strength, image, arrays):
    scheduler = kind(**config)
    scheduler.set_timesteps(steps)
    if kind is UnCLIPScheduler:
        # Like that of all others with one model call in a step; the class does not say.
        scheduler.order = 1
    generator = torch.Generator().manual_seed(5)
    noise = randn_tensor(SHAPE, generator=generator)
    several = kind is ScoreSdeVeScheduler
    if kind in (DDIMInverseScheduler, DPMSolverMultistepInverseScheduler):
        # To the noise: StableDiffusionDiffEditPipeline.get_inverse_timesteps.
        first = steps - min(int(steps * strength), steps)
        timesteps, sample = scheduler.timesteps[:len(scheduler.timesteps) - first], image
    else:
        timesteps, _ = StableDiffusionImg2ImgPipeline.get_timesteps(
            SimpleNamespace(scheduler=scheduler), steps, strength, "cpu")
        if several:
            scheduler.set_sigmas(steps)
        sample = noised(scheduler, image, noise, timesteps, steps)
    case = {
        "class": kind.__name__, "config": config, "options": options, "steps": steps, "strength": strength,
        "timesteps": arrays.add(timesteps.float(), "f32"), "sample": arrays.add(sample, "f32")}
    arguments = dict(options)
    if not several and "generator" in inspect.signature(scheduler.step).parameters:
        arguments["generator"] = generator
    previous = []
    for index in range(steps - len(timesteps), steps) if several else []:
        sample = variance_exploding.take(scheduler, index, sample, lambda x, t: x * t / (t + 1), generator)
        previous.append(sample)
    with brownian.seeded(scheduler, [generator]):
        for t in [] if several else timesteps:
            x = scheduler.scale_model_input(sample, t) if hasattr(scheduler, "scale_model_input") else sample
            if kind is UnCLIPScheduler:
                arguments["prev_timestep"] = (*timesteps[len(previous) + 1:len(previous) + 2], None)[0]
            sample = scheduler.step(x * t / (t + 1), t, sample, **arguments).prev_sample
            previous.append(sample)
    return case | {"previous": arrays.add(torch.stack(previous), "f32")}


def recorded(kind, *values):
    """A run; of the class with a Brownian tree, the one that does not depend on a last bit."""
    *values, arrays = values
    if kind is not DPMSolverSDEScheduler:
        return run(kind, *values, arrays)
    return brownian.kept(lambda arrays: run(kind, *values, arrays), Arrays, arrays)


def main(folder):
    """Writes the fixtures to `folder`/pictures."""
    folder = Path(folder) / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    arrays, pictures = Arrays(), []
    for name in PICTURES:
        file, colors, alpha = picture(name)
        (folder / f"{name}.png").write_bytes(file)
        pictures.append({
            "name": name, "width": colors.shape[1], "height": colors.shape[0],
            "samples": [{"shape": size, "image": arrays.add(averaged(colors, alpha, *size), "f32")} for size in SIZES]})
    _, colors, alpha = picture("rgb8-same")
    # What VaeImageProcessor makes of a picture of the right size.
    image = torch.from_numpy(colors.astype(np.float64).transpose(2, 0, 1).astype(np.float32))
    image = (2.0 * image - 1.0).expand(SHAPE)
    counts = []
    for steps in (1, 2, 3, 10, 12, 20, 50, 100, 999, 1000):
        for strength in (0.001, 0.01, 0.07, 0.1, 0.28, 0.29, 0.3, 0.55, 0.57, 0.58, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0):
            scheduler = DDIMScheduler()
            scheduler.set_timesteps(steps)
            timesteps, _ = StableDiffusionImg2ImgPipeline.get_timesteps(
                SimpleNamespace(scheduler=scheduler), steps, strength, "cpu")
            counts.append([steps, strength, len(timesteps)])
    runs = [recorded(*case, *strength, image, arrays) for case in RUNS for strength in STRENGTHS]
    pixels = [int(value * 255) for value in colors.reshape(-1)]
    index = {"pictures": pictures, "pixels": pixels, "counts": counts, "shape": SHAPE, "seed": 5, "runs": runs}
    (folder / "arrays.bin").write_bytes(arrays.bytes)
    (folder / "index.json").write_text(
        "{\n" + ",\n".join(f'"{key}": ' + (
            "[\n" + ",\n".join(json.dumps(item) for item in value) + "\n]" if key in ("pictures", "counts", "runs")
            else json.dumps(value)) for key, value in index.items()) + "\n}\n")


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
