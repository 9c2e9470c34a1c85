"""Runs that go on with another scheduler after some steps, with Diffusers' schedulers used by hand.

A formula stands for the model: sample * t / (t + 1), the dummy of Diffusers' own scheduler tests.
"""

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    CMStochasticIterativeScheduler, DDIMInverseScheduler, DDIMParallelScheduler, DDIMScheduler, DDPMParallelScheduler,
    DDPMScheduler, DEISMultistepScheduler, DPMSolverMultistepInverseScheduler, DPMSolverMultistepScheduler,
    DPMSolverSDEScheduler, DPMSolverSinglestepScheduler, EDMDPMSolverMultistepScheduler, EDMEulerScheduler, EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler, FlowMatchHeunDiscreteScheduler, HeunDiscreteScheduler,
    IPNDMScheduler, KDPM2AncestralDiscreteScheduler, KDPM2DiscreteScheduler, LCMScheduler, LMSDiscreteScheduler,
    PNDMScheduler, SASolverScheduler, TCDScheduler, UnCLIPScheduler, UniPCMultistepScheduler)
import brownian
import variance_exploding

CLASSES = {
    "ddim": DDIMScheduler, "ddpm": DDPMScheduler, "euler": EulerDiscreteScheduler, "lms": LMSDiscreteScheduler,
    "pndm": PNDMScheduler, "euler-ancestral": EulerAncestralDiscreteScheduler,
    "heun": HeunDiscreteScheduler, "kdpm2": KDPM2DiscreteScheduler, "kdpm2-ancestral": KDPM2AncestralDiscreteScheduler,
    "lcm": LCMScheduler, "tcd": TCDScheduler, "ddim-parallel": DDIMParallelScheduler,
    "ddpm-parallel": DDPMParallelScheduler, "deis": DEISMultistepScheduler, "dpm-multi": DPMSolverMultistepScheduler,
    "dpm-sde": DPMSolverSDEScheduler, "dpm-single": DPMSolverSinglestepScheduler, "sasolver": SASolverScheduler,
    "ddim-inverse": DDIMInverseScheduler, "dpm-multi-inverse": DPMSolverMultistepInverseScheduler,
    "unipc": UniPCMultistepScheduler, **variance_exploding.CLASSES,
    "cm": CMStochasticIterativeScheduler, "edm-dpm": EDMDPMSolverMultistepScheduler, "edm-euler": EDMEulerScheduler,
    "flow-euler": FlowMatchEulerDiscreteScheduler, "flow-heun": FlowMatchHeunDiscreteScheduler,
    "ipndm": IPNDMScheduler, "unclip": UnCLIPScheduler,
}
MIDPOINT = ("dpm-sde", "kdpm2", "kdpm2-ancestral")
# Their steps call the model several times.
EXPLODING = tuple(variance_exploding.CLASSES)
OVER_SIGMAS = ("euler", "lms", "euler-ancestral", "heun") + MIDPOINT + EXPLODING
# Over sigmas too, but with samples that preserve the variance.
SOLVERS = ("deis", "dpm-multi", "dpm-multi-inverse", "dpm-single", "sasolver", "unipc")
KARRAS = ("cm", "edm-dpm", "edm-euler")
FLOW = ("flow-euler", "flow-heun")
# Their timesteps are none of a model's training.
OWN = EXPLODING + KARRAS + FLOW + ("ipndm",)
SHAPE = (1, 1, 4, 4)
TRAINED = 1000
# Their usual noise levels make numbers of the dummy model that are too large for binary32. A branch must not begin so
# near to a level of the other schedule that the difference of the two is all rounding error.
CONFIGS = {
    "karras-ve": {"sigma_min": 0.5, "sigma_max": 10.0}, "score-sde-ve": {"sigma_min": 0.5, "sigma_max": 80.0}}


def model(sample, timestep):
    timestep = torch.as_tensor(timestep, dtype=torch.float32)
    return sample * timestep / (timestep + 1)


class Leg:
    """A scheduler with what its `step` is called with. `gap` is the length of a first step that is not as long as the
    others: Diffusers derives the length from the number of steps, so that number is set for it."""

    def __init__(self, name, config, eta, generator):
        self.name, self.eta, self.generator = name, eta, generator
        self.scheduler = CLASSES[name](**config)
        self.calls, self.gap, self.calls_of_gap = 0, None, 0

    def set_timesteps(self, steps):
        if self.name in EXPLODING:
            variance_exploding.begin(self.scheduler, steps)
        else:
            self.scheduler.set_timesteps(steps)
        self.timesteps = self.scheduler.timesteps

    def step(self, sample):
        if self.name in EXPLODING:
            self.calls += 1
            return variance_exploding.take(self.scheduler, self.calls - 1, sample, model, self.generator)
        scheduler, timestep = self.scheduler, self.scheduler.timesteps[self.calls]
        steps = scheduler.num_inference_steps
        if self.gap is not None and self.calls < self.calls_of_gap:
            scheduler.num_inference_steps = Fraction(TRAINED, self.gap)
        scaled = scheduler.scale_model_input(sample, timestep) if hasattr(scheduler, "scale_model_input") else sample
        output = model(scaled, timestep)
        options = {}
        if self.name in ("ddim", "ddim-parallel", "tcd"):
            options = {"eta": self.eta, "generator": self.generator}
        elif self.name in (
            "ddpm", "ddpm-parallel", "euler", "euler-ancestral", "kdpm2-ancestral", "lcm", "sasolver", "cm", "edm-dpm"):
            options = {"generator": self.generator}
        elif self.name == "unclip":
            later = scheduler.timesteps[self.calls + 1:self.calls + 2]
            options = {"generator": self.generator, "prev_timestep": later[0] if len(later) else None}
        with brownian.seeded(scheduler, [self.generator]):
            sample = scheduler.step(output, timestep, sample, **options).prev_sample
        scheduler.num_inference_steps = steps
        self.calls += 1
        return sample

    def level(self):
        """The timestep and the sigma of the sample that the next step starts from."""
        # The model of DDIM's inverse is called where a step ends.
        timestep = self.scheduler.timesteps[self.calls - (1 if self.name == "ddim-inverse" else 0)]
        if self.name == "dpm-sde" and self.calls % 2 == 1:
            return timestep, self.scheduler.mid_point_sigma
        if self.name in MIDPOINT and self.calls % 2 == 1:
            shift = 1 if self.name == "kdpm2-ancestral" else 0
            return timestep, self.scheduler.sigmas_interpol[self.calls - shift]
        if self.name in EXPLODING:
            return None, variance_exploding.sigmas(self.scheduler)[self.calls]
        if self.name in OVER_SIGMAS + SOLVERS + KARRAS:
            return timestep, self.scheduler.sigmas[self.calls]
        if self.name in FLOW:
            share = self.scheduler.sigmas[self.calls]
            return timestep, share / (1 - share)
        if self.name == "ipndm":
            return timestep, self.scheduler.betas[self.calls] / self.scheduler.alphas[self.calls]
        alpha = self.scheduler.alphas_cumprod[timestep]
        return timestep, ((1 - alpha) / alpha) ** 0.5

    def begin(self, timestep, sigma):
        """Cuts the schedule below a noise level, and begins at it."""
        scheduler = self.scheduler
        if self.name in EXPLODING:
            return self.begin_exploding(sigma)
        if self.name in OWN:
            return self.begin_own(sigma)
        if self.name in MIDPOINT:
            return self.begin_midpoint(timestep, sigma)
        if self.name in SOLVERS:
            # Timesteps of other classes need not be whole.
            scheduler.timesteps = scheduler.timesteps.double()
        if self.name in OVER_SIGMAS + SOLVERS:
            below = scheduler.sigmas[:-1] < sigma
            if self.name == "dpm-multi-inverse":
                below = scheduler.sigmas[:-1] > sigma
            on_grid = scheduler.timesteps[scheduler.sigmas[:-1] == sigma]
            first = on_grid[:1] if len(on_grid) else torch.as_tensor([float(timestep)])
            scheduler.timesteps = torch.cat([first.to(scheduler.timesteps.dtype), scheduler.timesteps[below]])
            scheduler.sigmas = torch.cat([sigma.reshape(1), scheduler.sigmas[:-1][below], scheduler.sigmas[-1:]])
            if self.name == "dpm-single":
                # As set_timesteps does for the number of steps.
                scheduler.register_to_config(lower_order_final=True)
                scheduler.order_list = scheduler.get_order_list(len(scheduler.timesteps))
            return
        first = round(float(timestep))
        if self.name == "pndm":
            return self.begin_pndm(first)
        if self.name == "ddim-inverse":
            scheduler.timesteps = scheduler.timesteps[scheduler.timesteps > first]
            self.gap, self.calls_of_gap = int(scheduler.timesteps[0]) - first, 1
            return
        below = [int(t) for t in scheduler.timesteps if t < first]
        if self.name in ("ddim", "ddim-parallel") and first not in scheduler.timesteps.tolist():
            self.gap, self.calls_of_gap = first - below[0], 1
        scheduler.timesteps = torch.tensor([first] + below)
        if self.name in ("lcm", "tcd"):
            scheduler.num_inference_steps = len(scheduler.timesteps)

    def begin_exploding(self, sigma):
        """Its levels from `sigma` on. The predictor finds a level by its place among all of them."""
        scheduler, levels = self.scheduler, variance_exploding.sigmas(self.scheduler)[:-1]
        config, count = scheduler.config, len(scheduler.timesteps)
        below, on_grid = levels < sigma, self.timesteps[levels == sigma]
        levels = torch.cat([sigma.reshape(1), levels[below]])
        if self.name == "karras-ve":
            high, low = config.sigma_max ** 2, config.sigma_min ** 2
            first = (count - 1) * (1 - math.log(float(sigma) / high) / math.log(low / high))
            scheduler.schedule = levels.flip(0)
        else:
            first = math.log(float(sigma) / config.sigma_min) / math.log(config.sigma_max / config.sigma_min)
            told = scheduler.sigmas[self.timesteps == on_grid] if len(on_grid) else sigma.reshape(1)
            scheduler.sigmas = torch.cat([told, scheduler.sigmas[below]])
            scheduler.discrete_sigmas = levels.flip(0)
            scheduler.timesteps = (torch.arange(len(levels)).flip(0) + 0.25) / max(1, len(levels) - 1)
        first = on_grid[:1] if len(on_grid) else torch.tensor([first])
        self.timesteps = torch.cat([first.to(self.timesteps.dtype) if len(on_grid) else first, self.timesteps[below]])

    def begin_own(self, sigma):
        """Where timesteps are not those of training, but a function of sigma."""
        scheduler, sigmas = self.scheduler, self.scheduler.sigmas if self.name != "ipndm" else None
        if self.name in KARRAS:
            levels = sigmas[:-1]
            own = 250 * np.log(float(sigma) + 1e-44) if self.name == "cm" else 0.25 * sigma.log()
            first = sigma
        elif self.name in FLOW:
            levels, first = sigmas[:-1] / (1 - sigmas[:-1]), sigma / (sigma + 1)
            on_grid = sigmas[:-1][levels == sigma]
            first = on_grid[0] if len(on_grid) else first
            own = first * scheduler.config.num_train_timesteps
        else:
            levels, first = scheduler.betas[:-1] / scheduler.alphas[:-1], sigma / (sigma * sigma + 1) ** 0.5
            own = torch.atan2(first, (1 - first ** 2) ** 0.5) / np.pi * 2
        below = levels < sigma
        on_grid = scheduler.timesteps[levels == sigma]
        own = on_grid[:1] if len(on_grid) else torch.as_tensor([float(own)], dtype=scheduler.timesteps.dtype)
        scheduler.timesteps = torch.cat([own, scheduler.timesteps[below]])
        if self.name == "ipndm":
            first = scheduler.betas[:-1][levels == sigma][:1] if len(on_grid) else first.reshape(1)
            scheduler.betas = torch.cat([first, scheduler.betas[:-1][below], scheduler.betas[-1:]])
            scheduler.alphas = (1.0 - scheduler.betas ** 2) ** 0.5
        else:
            scheduler.sigmas = torch.cat([first.reshape(1), sigmas[:-1][below], sigmas[-1:]])

    def training_timestep(self, sigma):
        """The place of a sigma in the table of betas, linearly interpolated in its logarithm."""
        alphas = self.scheduler.alphas_cumprod.double()
        logs = ((1 - alphas) / alphas).sqrt().log().numpy()
        return float(np.interp(np.log(float(sigma)), logs, np.arange(len(logs))))

    def begin_midpoint(self, timestep, sigma):
        """As `set_timesteps` makes the sigmas in the middle of the steps, from those of the first calls."""
        scheduler = self.scheduler
        sigmas = torch.cat([scheduler.sigmas[:1], scheduler.sigmas[1:-1:2]])[:len(scheduler.timesteps[::2])]
        timesteps = scheduler.timesteps[::2]
        below, on_grid = sigmas < sigma, timesteps[sigmas == sigma]
        first = on_grid[:1] if len(on_grid) else torch.as_tensor([float(timestep)])
        timesteps = torch.cat([first.to(timesteps.dtype), timesteps[below]])
        sigmas = torch.cat([sigma.reshape(1), sigmas[below], torch.zeros(1)])
        if self.name == "dpm-sde":
            levels = ((1 - scheduler.alphas_cumprod) / scheduler.alphas_cumprod) ** 0.5
            between = scheduler._second_order_timesteps(sigmas[:-1].double().numpy(), np.log(np.array(levels)))
            between = torch.from_numpy(between)
            scheduler.timesteps = torch.cat([timesteps[:1], torch.stack([between, timesteps[1:]], dim=-1).flatten()])
            scheduler.sigmas = torch.cat([sigmas[:1], sigmas[1:-1].repeat_interleave(2), sigmas[-1:]])
            return
        ends = torch.cat([sigmas[1:], torch.zeros(1)])
        up, down = torch.zeros_like(sigmas), ends
        if self.name == "kdpm2-ancestral":
            up = (ends ** 2 * (sigmas ** 2 - ends ** 2) / sigmas ** 2) ** 0.5
            down = (ends ** 2 - up ** 2) ** 0.5
            middles = sigmas.log().lerp(down.log(), 0.5).exp()
            middles[-2:] = 0.0
        else:
            middles = ends.log().lerp(sigmas.log(), 0.5).exp()
        between = [float(scheduler._sigma_to_t(middle, scheduler.log_sigmas)) for middle in middles[:len(sigmas) - 2]]
        between = torch.tensor(between, dtype=timesteps.dtype)
        scheduler.timesteps = torch.cat([timesteps[:1], torch.stack([between, timesteps[1:]], dim=-1).flatten()])

        def twice(values):
            return torch.cat([values[:1], values[1:].repeat_interleave(2), values[-1:]])

        scheduler.sigmas = twice(sigmas)
        if self.name == "kdpm2-ancestral":
            scheduler.sigmas_interpol, scheduler.sigmas_up, scheduler.sigmas_down = map(twice, (middles, up, down))
        else:
            # There the middle of a step is kept with its end.
            scheduler.sigmas_interpol = twice(torch.cat([torch.zeros(1), middles[:-1]]))

    def begin_pndm(self, first):
        scheduler = self.scheduler
        ascending = [int(t) for t in sorted(scheduler._timesteps.tolist()) if t < first] + [first]
        stride = TRAINED // scheduler.num_inference_steps
        gap = stride if first in scheduler._timesteps.tolist() else first - ascending[-2]
        scheduler._timesteps = np.array(ascending)
        if scheduler.config.skip_prk_steps:
            scheduler.prk_timesteps = np.array([], dtype=int)
            plms = ascending[:-1] + ascending[-2:-1] + ascending[-1:]
            scheduler.plms_timesteps = np.array(plms[::-1])
            calls = 2
        else:
            halves = [stride // 2, stride // 2, gap // 2, gap // 2]
            prk = [t + half for t, h in zip(ascending[-4:], halves) for half in (0, h)]
            scheduler.prk_timesteps = np.array(prk[:-1]).repeat(2)[1:-1][::-1].copy()
            scheduler.plms_timesteps = np.array(ascending[:-3][::-1])
            calls = 4
        timesteps = np.concatenate([scheduler.prk_timesteps, scheduler.plms_timesteps]).astype(np.int64)
        scheduler.timesteps = torch.from_numpy(timesteps)
        self.gap, self.calls_of_gap = gap, calls


def kind(name):
    """The scale of a class's samples."""
    return "sigma" if name in OVER_SIGMAS + KARRAS else "flow" if name in FLOW else "alpha"


def rescaled(sample, parent, child, alpha, sigma):
    """The sample on the scale of another scheduler."""
    kinds = (kind(parent), kind(child))
    if kinds[0] == kinds[1]:
        return sample
    return sample / {
        ("alpha", "sigma"): alpha ** 0.5, ("sigma", "alpha"): (sigma ** 2 + 1) ** 0.5,
        ("flow", "sigma"): 1 / (sigma + 1), ("flow", "alpha"): (sigma ** 2 + 1) ** 0.5 / (sigma + 1),
        ("sigma", "flow"): sigma + 1, ("alpha", "flow"): alpha ** 0.5 * (sigma + 1)}[kinds]


def run(case):
    generator = torch.Generator().manual_seed(case["seed"])
    first = Leg(case["parent"], case["parent_config"], case["parent_eta"], generator)
    first.set_timesteps(case["parent_steps"])
    sample = torch.randn(SHAPE, generator=generator) * getattr(first.scheduler, "init_noise_sigma", 1.0)
    for _ in range(case["at"]):
        sample = first.step(sample)
    timestep, sigma = first.level()
    if case["parent"] in OVER_SIGMAS + SOLVERS + OWN:
        alpha = 1 / (sigma ** 2 + 1)
    else:
        alpha = first.scheduler.alphas_cumprod[timestep]
    if case["fresh_seed"] is not None:
        generator = torch.Generator().manual_seed(case["fresh_seed"])
    second = Leg(case["child"], case["child_config"], case["child_eta"], generator)
    second.set_timesteps(case["child_steps"])
    if case["parent"] in OWN and case["child"] not in OWN:
        timestep = second.training_timestep(sigma)
    second.begin(timestep, sigma)
    if hasattr(second.scheduler, "set_begin_index"):
        # Diffusers would look the first timestep up, and begin with the second one of that name.
        second.scheduler.set_begin_index(0)
    elif hasattr(second.scheduler, "step_index"):
        second.scheduler._step_index = 0
    sample = rescaled(sample, case["parent"], case["child"], alpha, sigma)
    start = sample
    if case["child"] not in EXPLODING:
        second.timesteps = second.scheduler.timesteps
    for _ in range(len(second.timesteps)):
        sample = second.step(sample)
    assert torch.isfinite(sample).all(), case
    return {
        **case, "timesteps": second.timesteps.double().tolist(), "start": start.flatten().tolist(),
        "sample": sample.flatten().tolist(),
    }


def recorded(case):
    """A run; of the class with a Brownian tree, the one that does not depend on a last bit."""
    if brownian.NAME not in (case["parent"], case["child"]):
        return run(case)
    return brownian.kept(lambda _: run(case), lambda: None, None)


def cases():
    lengths = [(10, 4, 10, None), (10, 4, 7, None), (7, 3, 10, 7)]
    for parent in CLASSES:
        for child in CLASSES:
            for parent_steps, at, child_steps, fresh_seed in lengths:
                if (parent, child) == ("ipndm", "pndm"):
                    # Its levels are low so soon that the four steps of Runge-Kutta's method are not left.
                    at = 2
                yield {
                    "parent": parent, "parent_steps": parent_steps, "parent_eta": 0.5 if parent_steps == 10 else 0.0,
                    "parent_config": CONFIGS.get(parent, {}), "at": at, "child": child, "child_steps": child_steps,
                    "child_eta": 1.0 if child_steps == 7 or fresh_seed else 0.0,
                    "child_config": CONFIGS.get(child, {}), "seed": 3,
                    "fresh_seed": fresh_seed,
                }
    # Without Runge-Kutta steps, and sigmas and timesteps that are not whole.
    for child, config in [("pndm", {"skip_prk_steps": True}), ("euler", {"use_karras_sigmas": True})]:
        for parent, parent_config in [("ddim", {}), ("lms", {"use_karras_sigmas": True})]:
            for child_steps in (10, 7):
                yield {
                    "parent": parent, "parent_steps": 10, "parent_eta": 0.0, "parent_config": parent_config, "at": 5,
                    "child": child, "child_steps": child_steps, "child_eta": 0.0, "child_config": config, "seed": 4,
                    "fresh_seed": None,
                }


def main(folder):
    torch.set_num_threads(1)
    lines = [json.dumps(recorded(case)) for case in cases()]
    (folder / "schedulers" / "branches.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
