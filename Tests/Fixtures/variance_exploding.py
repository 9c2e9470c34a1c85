"""The steps of ScoreSdeVePipeline and KarrasVePipeline, one at a time, with Diffusers' schedulers.

Their schedulers have no `step`: the pipelines call the model several times for each timestep. `take` does what a
pipeline does for one timestep, so that the fixtures of other schedulers can be made of these too.
"""

import hashlib

import diffusers
import torch
from diffusers.utils.torch_utils import randn_tensor

CLASSES = {"karras-ve": diffusers.KarrasVeScheduler, "score-sde-ve": diffusers.ScoreSdeVeScheduler}


def begin(scheduler, steps):
    """Chooses the timesteps, as the pipelines do."""
    scheduler.set_timesteps(steps)
    if isinstance(scheduler, diffusers.ScoreSdeVeScheduler):
        scheduler.set_sigmas(steps)


def sigmas(scheduler):
    """The noise level that each step starts from, and the last one."""
    if isinstance(scheduler, diffusers.KarrasVeScheduler):
        return torch.cat([scheduler.schedule.flip(0), torch.zeros(1)])
    places = (scheduler.timesteps * (len(scheduler.timesteps) - 1)).long()
    return torch.cat([scheduler.discrete_sigmas[places], torch.zeros(1)])


def take(scheduler, index, sample, model, generator):
    """Step `index` of the pipeline's loop: the sample after it. `model(x, t)` is the network."""
    if isinstance(scheduler, diffusers.ScoreSdeVeScheduler):
        told = scheduler.sigmas[index]
        for _ in range(scheduler.config.correct_steps):
            sample = scheduler.step_correct(model(sample, told), sample, generator=generator).prev_sample
        output = scheduler.step_pred(model(sample, told), scheduler.timesteps[index], sample, generator=generator)
        # The pipeline's images are those of the last mean.
        return output.prev_sample_mean if index == len(scheduler.timesteps) - 1 else output.prev_sample
    t = len(scheduler.schedule) - 1 - index
    sigma, after = scheduler.schedule[t], scheduler.schedule[t - 1] if t > 0 else 0
    noisy, higher = scheduler.add_noise_to_input(sample, sigma, generator=generator)
    output = scheduler.step((higher / 2) * model((noisy + 1) / 2, higher / 2), higher, after, noisy)
    if after != 0:
        prediction = (after / 2) * model((output.prev_sample + 1) / 2, after / 2)
        output = scheduler.step_correct(prediction, higher, after, noisy, output.prev_sample, output.derivative)
    return output.prev_sample


def chain(name, shape, outputs, arrays, config, steps=12, seeds=(0,)):
    """A run as generate_scheduler_steps.py records those of other classes. Its model is about a score: the output of
    call i for an input x at t is `(outputs[i % 4] - x) / (t * t + 1)`."""
    scheduler = CLASSES[name](**config)
    begin(scheduler, steps)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    generator = generators[0] if len(generators) == 1 else generators
    sample = start = randn_tensor(shape, generator=generator) * scheduler.init_noise_sigma
    inputs, told, previous = [], [], []

    def model(x, t):
        inputs.append(x)
        told.append(float(t))
        return (outputs[(len(inputs) - 1) % len(outputs)] - x) / (t * t + 1)

    for index in range(len(scheduler.timesteps)):
        sample = take(scheduler, index, sample, model, generator)
        previous.append(sample)
    return {
        "config": config, "steps": steps, "seeds": list(seeds), "step": {}, "begin_index": None,
        "timesteps": arrays.add(scheduler.timesteps, "f32"), "sample": arrays.add(start, "f32"),
        "sigmas": arrays.add(sigmas(scheduler), "f32"), "init_noise_sigma": float(scheduler.init_noise_sigma),
        "model_input": arrays.add(torch.stack(inputs), "f32"), "model_timesteps": arrays.add(told, "f32"),
        "prev_sample": arrays.add(torch.stack(previous), "f32"),
        "generator_states": [hashlib.sha256(bytes(g.get_state().numpy())).hexdigest() for g in generators],
    }


def timesteps(name, arrays, config, steps):
    """The timesteps for a number of steps, and the noise levels."""
    scheduler = CLASSES[name](**config)
    begin(scheduler, steps)
    return {
        "config": config, "steps": steps, "timesteps": arrays.add(scheduler.timesteps, "f32"),
        "sigmas": arrays.add(sigmas(scheduler), "f32"), "init_noise_sigma": float(scheduler.init_noise_sigma),
    }


def noising(name, arrays, outputs):
    """add_noise, with the index of one level for all and with one for each image; KarrasVe has none."""
    if name == "karras-ve":
        return []
    scheduler = CLASSES[name]()
    begin(scheduler, 12)
    return [
        {"timesteps": indices,
         "add_noise": arrays.add(scheduler.add_noise(outputs[0], outputs[1], torch.tensor(indices)), "f32")}
        for indices in ([5], [0, 11])]
