"""Whose last bits are nearer to binary64 where schedulers lose digits: ours or PyTorch's.

    venv/bin/python Tests/Peers/rounding.py .build/release/scheduler-runs

takes runs of the kinds whose steps differ from Diffusers' by more than others (`schedulers.py` has random ones) and
prints, for each, the largest difference from Diffusers, the geometric means of the distances from the same runs in
binary64, here and in PyTorch, and the largest difference from PyTorch once its roots, logarithms and exponentials are
correctly rounded. Where that is 0, both compute the same formula, and what is left is rounding. It wants the environment
of `Tests/Fixtures/requirements.txt`.
"""

import json
import subprocess
import sys

import diffusers
import numpy as np
import torch

import schedulers
from schedulers import brownian

COSINE, BETA = dict(beta_schedule="squaredcos_cap_v2"), dict(use_beta_sigmas=True)
KINDS = [
    ("DEISMultistepScheduler", dict(solver_order=2)),
    ("DEISMultistepScheduler", dict(solver_order=3)),
    ("DEISMultistepScheduler", dict(solver_order=3, use_karras_sigmas=True)),
    ("DEISMultistepScheduler", dict(solver_order=2) | COSINE | BETA),
    ("DPMSolverSinglestepScheduler", COSINE),
    ("DPMSolverSinglestepScheduler", dict(solver_order=3) | COSINE | BETA),
    ("DPMSolverSinglestepScheduler", dict(algorithm_type="dpmsolver", final_sigmas_type="sigma_min") | COSINE),
    ("PNDMScheduler", {}),
    ("SASolverScheduler", dict(algorithm_type="noise_prediction")),
    ("SASolverScheduler", dict(algorithm_type="noise_prediction", prediction_type="v_prediction")),
    ("UniPCMultistepScheduler", dict(solver_order=3)),
    ("UniPCMultistepScheduler", dict(solver_order=3) | BETA),
    ("UniPCMultistepScheduler", dict(solver_order=3, rescale_betas_zero_snr=True)),
]
SEEDS = range(6)


def case(name, config, steps, seed):
    """A case as `schedulers.py` has them."""
    known = schedulers.arguments(getattr(diffusers, name).step)
    return dict(
        name=name, file={}, config=config, schedule={}, step={"eta": 0.0} if "eta" in known else {}, steps=steps,
        seed=seed, predicts_variances=False)


def main():
    diffusers.logging.set_verbosity(50)
    torch.set_num_threads(1)
    model, classes64 = schedulers.Model(), schedulers.doubled()
    process = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.stdin.write(model.json() + "\n")

    def ask(item):
        process.stdin.write(schedulers.request(item) + "\n")
        process.stdin.flush()
        calls = json.loads(process.stdout.readline())["run"]["samples"]
        return np.asarray([[np.float32(value) for value in call] for call in calls], dtype=np.float64)

    def single(item):
        return schedulers.quietly(
            schedulers.run, item, model, lambda name: getattr(diffusers, name), torch.float32)["samples"]

    print("| class | options | steps | from Diffusers | from binary64 | PyTorch | from a correctly rounded PyTorch |\n"
          "| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for name, config in KINDS:
        for steps in (12, 50):
            rows = []
            for item in (case(name, config, steps, seed) for seed in SEEDS):
                own, torch32 = ask(item), single(item)
                with schedulers.binary64():
                    exact = schedulers.quietly(
                        schedulers.run, item, model, classes64.__getitem__, torch.float64)["samples"]
                with brownian.correctly_rounded():
                    rounded = single(item)
                rows.append([schedulers.distance(*pair) for pair in (
                    (own, torch32), (own, exact), (torch32, exact), (own, rounded))])
            rows = np.asarray(rows)
            means = np.exp(np.log(np.maximum(rows, 1e-30)).mean(axis=0))
            options = ", ".join(f"{key}={value}" for key, value in config.items())
            print(f"| {name} | {options} | {steps} | {rows[:, 0].max():.1e} | {means[1]:.1e} | {means[2]:.1e} | "
                  f"{rows[:, 3].max():.1e} |", flush=True)
    process.stdin.close()


if __name__ == "__main__":
    main()
