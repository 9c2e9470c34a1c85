"""Generates the fixtures of the scheduler tests with Diffusers. Run by hand; `swift test` only reads them.

    pip install torch==2.13.0 diffusers==0.42.1 numpy==2.4.6 mpmath==1.3.0
    python Tests/Fixtures/generate_schedulers.py

`schedulers/index.json` describes every case; `schedulers/arrays.bin` holds its arrays, little endian, as
{"offset": bytes, "count": elements} of float32 ("f32"), int32 ("i32") or float64 ("f64").
"""

import itertools
import json
import os
from pathlib import Path

# The project's reference is torch's AVX2 path.
os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

import mpmath
import numpy as np
import torch
from diffusers import DDIMScheduler

SHAPE = (2, 3, 4, 4)
BANK = 4


class Arrays:
    """Appends arrays to one file and returns their positions."""

    def __init__(self):
        self.bytes = bytearray()

    def add(self, values, dtype):
        data = np.ascontiguousarray(values, dtype={"f32": "<f4", "i32": "<i4", "f64": "<f8"}[dtype])
        self.bytes += b"\0" * (-len(self.bytes) % 8)
        place = {"offset": len(self.bytes), "count": int(data.size)}
        self.bytes += data.tobytes()
        return place


def normals(seed, scale):
    """Large enough to be clipped; the second image is twice the first, so that it has a threshold of its own."""
    values = np.random.default_rng(seed).standard_normal(SHAPE) * scale
    values[1] *= 2
    return torch.from_numpy(values.astype(np.float32))


def chain_cases(arrays, bank):
    """Each option in turn, then in combination, each over a whole chain of steps."""
    cases = []

    def add(steps, config, eta=0.0, clipped=False, record=None):
        scheduler = DDIMScheduler(**config)
        scheduler.set_timesteps(steps)
        timesteps = scheduler.timesteps.tolist()
        sample = bank["sample"]
        recorded, inputs, previous, original = [], [], [], []
        for index, timestep in enumerate(timesteps):
            noise = bank["noise"][index % BANK] if eta > 0 else None
            output = scheduler.step(
                bank["model_output"][index % BANK], timestep, sample, eta=eta,
                use_clipped_model_output=clipped, variance_noise=noise)
            if index % (record or 1) == 0 or index == len(timesteps) - 1:
                recorded.append(index)
                inputs.append(sample.numpy())
                previous.append(output.prev_sample.numpy())
                original.append(output.pred_original_sample.numpy())
            sample = output.prev_sample
        cases.append({
            "config": config, "steps": steps, "eta": eta, "use_clipped_model_output": clipped,
            "timesteps": arrays.add(timesteps, "i32"), "recorded": recorded,
            "sample": arrays.add(np.stack(inputs), "f32"),
            "prev_sample": arrays.add(np.stack(previous), "f32"),
            "pred_original_sample": arrays.add(np.stack(original), "f32")})

    trained = [0.002 + 0.03 * (i / 40) ** 2 for i in range(40)]
    add(4, {})
    for change in [
        {"num_train_timesteps": 500}, {"beta_start": 0.01}, {"beta_end": 0.03}, {"beta_schedule": "scaled_linear"},
        {"beta_schedule": "squaredcos_cap_v2"}, {"num_train_timesteps": 40, "trained_betas": trained},
        {"clip_sample": False}, {"clip_sample_range": 1.6}, {"clip_sample_range": 0.5},
        {"set_alpha_to_one": False, "beta_start": 0.01}, {"steps_offset": 1}, {"steps_offset": 7},
        {"prediction_type": "sample"}, {"prediction_type": "v_prediction"},
        {"thresholding": True, "sample_max_value": 1.7}, {"thresholding": True, "sample_max_value": 50.0},
        {"thresholding": True, "sample_max_value": 0.8},
        {"thresholding": True, "sample_max_value": 50.0, "dynamic_thresholding_ratio": 0.8},
        {"thresholding": True, "sample_max_value": 50.0, "dynamic_thresholding_ratio": 1.0},
        {"timestep_spacing": "trailing"}, {"timestep_spacing": "linspace"},
        {"rescale_betas_zero_snr": True, "prediction_type": "v_prediction", "timestep_spacing": "trailing"},
    ]:
        add(4, change)
        add(3, change, eta=0.7, clipped=True)
    for eta, clipped in itertools.product([0.0, 0.3, 1.0], [False, True]):
        add(4, {}, eta=eta, clipped=clipped)
    for steps, record in [(1, 1), (2, 1), (3, 1), (7, 2), (10, 3), (30, 10), (50, 17), (999, 333), (1000, 333)]:
        for spacing in ["leading", "trailing", "linspace"]:
            add(steps, {"timestep_spacing": spacing, "set_alpha_to_one": False}, eta=0.2, record=record)
    # A number of steps whose trailing timesteps end with -1.
    add(61, {"timestep_spacing": "trailing", "prediction_type": "v_prediction"}, record=20)

    limits = [
        {"clip_sample": False}, {"clip_sample_range": 1.3},
        {"thresholding": True, "sample_max_value": 1.7, "dynamic_thresholding_ratio": 0.9}]
    product = itertools.product(
        ["epsilon", "sample", "v_prediction"], limits, ["leading", "trailing", "linspace"], [False, True])
    schedules = ["linear", "scaled_linear", "squaredcos_cap_v2"]
    for number, (prediction, limit, spacing, rescale) in enumerate(product):
        config = {
            "prediction_type": prediction, **limit, "timestep_spacing": spacing, "rescale_betas_zero_snr": rescale,
            "beta_schedule": schedules[number % 3], "steps_offset": number % 2, "set_alpha_to_one": number % 5 < 3}
        add(3, config, eta=[0.0, 0.5, 1.0, 0.0][number % 4], clipped=number % 7 < 3)
    return cases


def schedule_cases(arrays):
    """The tables of every kind of schedule."""
    cases = []
    for config in [
        {}, {"beta_start": 0.001, "beta_end": 0.2}, {"beta_schedule": "scaled_linear"},
        {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
        {"beta_schedule": "squaredcos_cap_v2"}, {"beta_schedule": "squaredcos_cap_v2", "num_train_timesteps": 37},
        {"num_train_timesteps": 37}, {"num_train_timesteps": 100, "set_alpha_to_one": False},
        {"num_train_timesteps": 1}, {"num_train_timesteps": 3, "trained_betas": [0.1, 0.25, 0.7]},
        {"rescale_betas_zero_snr": True}, {"rescale_betas_zero_snr": True, "beta_schedule": "scaled_linear"},
        {"rescale_betas_zero_snr": True, "beta_schedule": "squaredcos_cap_v2"},
    ]:
        scheduler = DDIMScheduler(**config)
        cases.append({
            "config": config, "betas": arrays.add(scheduler.betas, "f32"),
            "alphas_cumprod": arrays.add(scheduler.alphas_cumprod, "f32"),
            "final_alpha_cumprod": float(scheduler.final_alpha_cumprod)})
    return cases


def timestep_cases(arrays):
    """Some lists in full, and a digest of the lists for all numbers of steps."""
    cases = []
    for spacing, offset, train in itertools.product(["leading", "trailing", "linspace"], [0, 1], [1000, 37]):
        config = {"timestep_spacing": spacing, "steps_offset": offset, "num_train_timesteps": train}
        scheduler = DDIMScheduler(**config)
        lists, digests = [], []
        for steps in range(1, train + 1):
            scheduler.set_timesteps(steps)
            timesteps = scheduler.timesteps.numpy()
            digests += [len(timesteps), int(np.sum(timesteps * (np.arange(len(timesteps)) + 1))) % 2**31]
            if steps in (1, 2, 3, 7, 10, 30, 50, 61):
                lists.append({"steps": steps, "timesteps": timesteps.tolist()})
        cases.append({"config": config, "lists": lists, "digests": arrays.add(digests, "i32")})
    return cases


def noise_cases(arrays, bank):
    """add_noise and get_velocity, with one timestep for all and with one for each image."""
    scheduler, cases = DDIMScheduler(), []
    for timesteps in ([500], [0], [999, 3]):
        arguments = (bank["sample"], bank["noise"][0], torch.tensor(timesteps))
        cases.append({
            "timesteps": timesteps, "add_noise": arrays.add(scheduler.add_noise(*arguments), "f32"),
            "get_velocity": arrays.add(scheduler.get_velocity(*arguments), "f32")})
    return cases


def cosines(arrays):
    """Points from 0 to pi/2 and the cosine there, in two parts of binary64 that together have 100 bits."""
    mpmath.mp.prec = 200
    points = np.concatenate([
        np.linspace(0, np.pi / 2, 700), (np.arange(300) / 300 + 0.008) / 1.008 * np.pi / 2,
        [np.pi / 4, np.nextafter(np.pi / 4, 0), np.nextafter(np.pi / 4, 1), np.nextafter(np.pi / 2, 0), 1.58]])
    exact = [mpmath.cos(mpmath.mpf(float(point))) for point in points]
    high = [float(value) for value in exact]
    low = [float(value - mpmath.mpf(head)) for value, head in zip(exact, high)]
    return {"x": arrays.add(points, "f64"), "high": arrays.add(high, "f64"), "low": arrays.add(low, "f64")}


def main(folder):
    """Writes the fixtures to `folder`/schedulers."""
    arrays = Arrays()
    bank = {
        "sample": normals(1, 1.0), "model_output": [normals(10 + i, 0.8) for i in range(BANK)],
        "noise": [normals(20 + i, 0.7) for i in range(BANK)]}
    index = {
        "shape": SHAPE,
        "sample": arrays.add(bank["sample"], "f32"),
        "model_output": [arrays.add(values, "f32") for values in bank["model_output"]],
        "noise": [arrays.add(values, "f32") for values in bank["noise"]],
        "chains": chain_cases(arrays, bank),
        "schedules": schedule_cases(arrays),
        "timesteps": timestep_cases(arrays),
        "noises": noise_cases(arrays, bank),
        "cosines": cosines(arrays),
    }
    target = Path(folder) / "schedulers"
    target.mkdir(parents=True, exist_ok=True)
    (target / "arrays.bin").write_bytes(arrays.bytes)
    (target / "index.json").write_text(json.dumps(index, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(Path(__file__).parent)
