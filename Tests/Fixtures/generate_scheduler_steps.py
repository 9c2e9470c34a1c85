"""Makes the fixtures of every scheduler but DDIM with Diffusers. Run by hand; `swift test` only reads them.

    pip install -r requirements.txt
    python Tests/Fixtures/generate_scheduler_steps.py

For each class, `schedulers/NAME/index.json` describes every case and `schedulers/NAME/arrays.bin` holds its arrays,
little endian, as {"offset": bytes, "count": elements} of float32; timesteps are int32 where Diffusers has whole ones.

A formula replaces the model: the output of call i (from 0) for an input x is `model_output[i % 4] + 0.25 * x` in
float32, where the product is exact; for the classes of variance_exploding.py, see there. If a model also predicts
variances, `variance[i % 4]` follows along the channels.

scheduler_cases.py lists the cases; generate_scheduler_facts.py records everything but steps.
"""

import hashlib
import inspect
import os
from pathlib import Path

# The project's reference is torch's AVX2 path.
os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

import numpy as np
import torch
from diffusers.utils.torch_utils import randn_tensor

import brownian
import generate_scheduler_facts
import scheduler_cases
import variance_exploding
from generate_schedulers import BANK, Arrays

SHAPE = (2, 3, 2, 2)
CLASSES = generate_scheduler_facts.CLASSES


def normals(seed, scale):
    """Large enough to be clipped; the second image is twice the first, so that it has a threshold of its own."""
    values = np.random.default_rng(seed).standard_normal(SHAPE) * scale
    values[1] *= 2
    return torch.from_numpy(values.astype(np.float32))


class Bank:
    """The model's outputs, and their location."""

    def __init__(self, arrays):
        self.outputs = [normals(10 + i, 0.8) for i in range(BANK)]
        # From -1 to 1 for learned_range; variances themselves for learned.
        numbers = [np.random.default_rng(30 + i).uniform(-1, 1, SHAPE).astype(np.float32) for i in range(BANK)]
        self.variances = {
            "learned_range": [torch.from_numpy(values) for values in numbers],
            "learned": [torch.from_numpy(np.abs(values) / 4 + np.float32(1e-3)) for values in numbers],
        }
        self.places = [arrays.add(values, "f32") for values in self.outputs]
        self.variance_places = {
            kind: [arrays.add(values, "f32") for values in bank] for kind, bank in self.variances.items()
        }

    def model(self, index, model_input, variance_type):
        output = self.outputs[index % BANK] + 0.25 * model_input
        if variance_type not in self.variances:
            return output
        return torch.cat([output, self.variances[variance_type][index % BANK]], dim=1)


def has_sigmas(scheduler):
    """Whether it counts in noise levels."""
    return hasattr(scheduler, "sigmas")


def levels(scheduler):
    """The noise level of the sample of each call, and the last one. Between two calls of a step it may be another than
    `sigmas` has."""
    levels = scheduler.sigmas.clone()
    if hasattr(scheduler, "sigmas_interpol"):
        shift = 1 if hasattr(scheduler, "sigmas_down") else 0
        levels = levels[:len(scheduler.timesteps) + 1]
        for index in range(1, len(scheduler.timesteps), 2):
            levels[index] = scheduler.sigmas_interpol[index - shift]
        levels[-1] = 0
    if hasattr(scheduler, "mid_point_sigma"):
        for index in range(1, len(levels) - 1, 2):
            start, end = (-levels[place].log() for place in (index - 1, index + 1))
            levels[index] = (-(start + (end - start) * 0.5)).exp()
    return levels


def timesteps_type(scheduler):
    return "f32" if has_sigmas(scheduler) or scheduler.timesteps.is_floating_point() else "i32"


def init_noise_sigma(scheduler):
    """1 for schedulers of flow matching, which have none."""
    return float(getattr(scheduler, "init_noise_sigma", 1.0))


def scaled(scheduler, sample, timestep):
    """The model's input."""
    return scheduler.scale_model_input(sample, timestep) if hasattr(scheduler, "scale_model_input") else sample


def set_timesteps(scheduler, steps, schedule):
    """With the arguments of `set_timesteps` that a run may have."""
    if "timesteps" in schedule:
        scheduler.set_timesteps(**schedule)
    else:
        scheduler.set_timesteps(steps, **schedule)


def separated(config):
    """A configuration, and what a case has beside it: the arguments of `set_timesteps`."""
    config = dict(config)
    schedule = config.pop("schedule", {})
    return config, schedule, {"schedule": schedule} if schedule else {}


def sigmas(scheduler, arrays):
    """What is recorded of noise levels; nothing where there are none."""
    if not has_sigmas(scheduler):
        return {}
    return {"sigmas": arrays.add(levels(scheduler), "f32"), "init_noise_sigma": init_noise_sigma(scheduler)}


def chain(name, bank, arrays, config, steps=12, seeds=(0,), begin_index=None, **options):
    """One run: the noise of a generator times init_noise_sigma, then scale_model_input, model and step."""
    config, schedule, more = separated(config)
    scheduler = CLASSES[name](**config)
    set_timesteps(scheduler, steps, schedule)
    first = scheduler.timesteps[0]
    if begin_index is not None:
        scheduler.set_begin_index(begin_index)
    elif has_sigmas(scheduler):
        # Diffusers would begin with the second of them.
        assert (scheduler.timesteps == first).sum() == 1, (config, steps)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    generator = generators[0] if len(generators) == 1 else generators
    sample = randn_tensor(SHAPE, generator=generator) * getattr(scheduler, "init_noise_sigma", 1.0)
    if "generator" in inspect.signature(scheduler.step).parameters:
        options = {"generator": generator, **options}
    skips = "prev_timestep" in inspect.signature(scheduler.step).parameters
    variance_type = config.get("variance_type")
    recorded = {"model_input": [], "prev_sample": [], "pred_original_sample": []}
    start = sample
    with brownian.seeded(scheduler, generators):
        for index, timestep in enumerate(scheduler.timesteps):
            model_input = scaled(scheduler, sample, timestep)
            if skips:
                # As unCLIP's pipelines do.
                options["prev_timestep"] = (*scheduler.timesteps[index + 1:index + 2], None)[0]
            output = scheduler.step(bank.model(index, model_input, variance_type), timestep, sample, **options)
            sample = output.prev_sample
            recorded["model_input"].append(model_input)
            recorded["prev_sample"].append(sample)
            if hasattr(output, "pred_original_sample"):
                recorded["pred_original_sample"].append(output.pred_original_sample)
    case = {
        "config": config, **more, "steps": steps, "seeds": list(seeds),
        "timesteps": arrays.add(scheduler.timesteps, timesteps_type(scheduler)), "sample": arrays.add(start, "f32"),
    }
    if name.startswith("ddpm") or variance_type in bank.variances:
        case["variance"] = bank.variance_places.get(variance_type)
    if has_sigmas(scheduler):
        case |= sigmas(scheduler, arrays)
        case["begin_index"] = begin_index
    if has_sigmas(scheduler) or name in ("tcd", "ddim-parallel"):
        case["step"] = {key: value for key, value in options.items() if key != "generator"}
    if not has_sigmas(scheduler) or scaled(scheduler, sample, timestep) is sample:
        # Nothing is scaled: the model sees the sample.
        del recorded["model_input"]
    for key, values in recorded.items():
        if values:
            case[key] = arrays.add(torch.stack(values), "f32")
    states = [bytes(generator.get_state().numpy()) for generator in generators]
    case["generator_states"] = [hashlib.sha256(state).hexdigest() for state in states]
    return case


def recorded_chain(name, bank, arrays, **case):
    """A run; of the class with a Brownian tree, the one that does not depend on a last bit."""
    if name != brownian.NAME:
        return chain(name, bank, arrays, **case)
    return brownian.kept(lambda arrays: chain(name, bank, arrays, **case), Arrays, arrays)


def timesteps(name, arrays, config, steps):
    """The timesteps for a number of steps, and the sigmas if there are any."""
    config, schedule, more = separated(config)
    scheduler = CLASSES[name](**config)
    set_timesteps(scheduler, steps, schedule)
    case = {
        "config": config, **more, "steps": steps,
        "timesteps": arrays.add(scheduler.timesteps, timesteps_type(scheduler)), **sigmas(scheduler, arrays),
    }
    if name == "pndm":
        case["prk_count"] = len(scheduler.prk_timesteps)
    return case


def schedule(name, arrays, config):
    """The tables of a scheduler before set_timesteps."""
    scheduler = CLASSES[name](**config)
    case = {"config": config}
    if hasattr(scheduler, "alphas_cumprod"):
        case["betas"] = arrays.add(scheduler.betas, "f32")
        case["alphas_cumprod"] = arrays.add(scheduler.alphas_cumprod, "f32")
    case["init_noise_sigma"] = init_noise_sigma(scheduler)
    if has_sigmas(scheduler) and len(scheduler.sigmas) == len(scheduler.timesteps):
        # It takes no step before set_timesteps.
        return case
    if name == "pndm":
        case["final_alpha_cumprod"] = float(scheduler.final_alpha_cumprod)
    else:
        case["timesteps"] = arrays.add(scheduler.timesteps, timesteps_type(scheduler))
    return case | sigmas(scheduler, arrays)


def noising(name, arrays, bank):
    """add_noise, with one timestep for all and with one for each image; get_velocity if there is one. Flow matching
    has scale_noise, which Heun's method has for one timestep alone."""
    scheduler = CLASSES[name]()
    if not hasattr(scheduler, "add_noise") and not hasattr(scheduler, "scale_noise"):
        return []
    if has_sigmas(scheduler):
        scheduler.set_timesteps(12)
    cases = []
    for indices in ([5], [0, 11])[:1 if name == "flow-heun" else 2]:
        steps = torch.tensor([90 * index for index in indices])
        if has_sigmas(scheduler):
            steps = scheduler.timesteps[indices]
        arguments = (bank.outputs[0], bank.outputs[1], steps)
        if hasattr(scheduler, "add_noise"):
            noisy = scheduler.add_noise(*arguments)
        else:
            noisy = scheduler.scale_noise(bank.outputs[0], steps, bank.outputs[1])
        case = {"timesteps": steps.tolist(), "add_noise": arrays.add(noisy, "f32")}
        # Euler's get_velocity uses a training timestep as the index of a step: there is nothing to compare with.
        if name.startswith("ddpm"):
            case["get_velocity"] = arrays.add(scheduler.get_velocity(*arguments), "f32")
        cases.append(case)
    return cases


def recorded(name, bank, arrays):
    """Everything that is kept of a class, with its arrays."""
    return {
        "class": CLASSES[name].__name__,
        "shape": SHAPE,
        "model_output": bank.places,
        "chains": [recorded_chain(name, bank, arrays, **case) for case in scheduler_cases.chains(name)],
        "schedules": [schedule(name, arrays, config) for config in scheduler_cases.schedules(name)],
        "timesteps": [timesteps(name, arrays, *case) for case in scheduler_cases.timesteps(name)],
        "noises": noising(name, arrays, bank),
    }


def main(folder):
    """Writes the fixtures to `folder`/schedulers."""
    for name in CLASSES:
        arrays = Arrays()
        bank = Bank(arrays)
        if name in variance_exploding.CLASSES:
            index = {
                "class": CLASSES[name].__name__, "shape": SHAPE, "model_output": bank.places,
                "chains": [
                    variance_exploding.chain(name, SHAPE, bank.outputs, arrays, **case)
                    for case in scheduler_cases.chains(name)],
                "schedules": [],
                "timesteps": [
                    variance_exploding.timesteps(name, arrays, *case) for case in scheduler_cases.timesteps(name)],
                "noises": variance_exploding.noising(name, arrays, bank.outputs),
            }
        else:
            index = recorded(name, bank, arrays)
        target = Path(folder) / "schedulers" / name
        target.mkdir(parents=True, exist_ok=True)
        (target / "arrays.bin").write_bytes(arrays.bytes)
        (target / "index.json").write_text(generate_scheduler_facts.lines(index))
    generate_scheduler_facts.main(folder)


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
