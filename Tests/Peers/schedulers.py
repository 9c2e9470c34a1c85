"""Compares the schedulers with Diffusers': random configurations, options and numbers of steps of every class.

    swift build -c release --product scheduler-runs
    venv/bin/python Tests/Peers/schedulers.py .build/release/scheduler-runs

It wants the environment of Tests/Fixtures/requirements.txt. A run is *exact* where its timesteps are Diffusers', its
generator ends in the same state and its samples are within 1e-4 of the largest value, as in the tests; *near* where
a last bit of PyTorch decides: exact if PyTorch's roots, logarithms and exponentials were correctly rounded (a fifth of
its roots is not, and which depends on the machine), or no farther from the same run in binary64 than PyTorch is;
*refused* where both refuse it; else *wrong*. The exit status is 1 if any is wrong.

A second table has random runs of 50 steps of each class: the geometric mean of their distances from binary64, here and
in PyTorch, and how many of them have every bit of the samples that PyTorch would give if its roots, logarithms and
exponentials were correctly rounded.

Betas of training that do not fit the number of timesteps, or stand beside a schedule that the class has not, are not
tried: they are refused here.
"""

import argparse
import contextlib
import inspect
import json
import math
import os
import random
import subprocess
import sys
import types
import warnings
from collections import Counter
from pathlib import Path

os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

import diffusers
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Fixtures"))
import brownian  # noqa: E402

SHAPE = (1, 3, 4, 4)
CALLS = 4
FLAG = [True, False]
TRAINED = [0.002 + 0.03 * (i / 40) ** 2 for i in range(40)]
# The values that options may take; others stay as they are.
VALUES = {
    "num_train_timesteps": [1000, 500, 100, 61, 40], "beta_start": [1e-4, 8.5e-4, 0.01],
    "beta_end": [0.012, 0.02, 0.03],
    "beta_schedule": ["linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace", "exp"],
    "trained_betas": [None, TRAINED], "timestep_spacing": ["linspace", "leading", "trailing"],
    "steps_offset": [0, 1, 7],
    "prediction_type": ["epsilon", "sample", "v_prediction", "flow_prediction", "original_sample"],
    "clip_sample": FLAG, "clip_sample_range": [0.5, 1.0, 1.6], "thresholding": FLAG,
    "sample_max_value": [0.8, 1.0, 2.0],
    "dynamic_thresholding_ratio": [0.8, 0.995, 1.0], "set_alpha_to_one": FLAG, "skip_prk_steps": FLAG,
    "rescale_betas_zero_snr": FLAG, "use_karras_sigmas": FLAG, "use_exponential_sigmas": FLAG, "use_beta_sigmas": FLAG,
    "use_lu_lambdas": FLAG, "use_flow_sigmas": FLAG, "flow_shift": [1.0, 3.0],
    "final_sigmas_type": ["zero", "sigma_min"],
    "algorithm_type": ["dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++", "deis"],
    "solver_type": ["midpoint", "heun", "bh1", "bh2", "logrho"], "solver_order": [1, 2, 3, 4],
    "predictor_order": [1, 2, 3], "corrector_order": [1, 2, 3], "lower_order_final": FLAG, "euler_at_final": FLAG,
    "lambda_min_clipped": [-math.inf, -5.1, -2.0], "variance_type": [
        None, "fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log", "learned", "learned_range"],
    "interpolation_type": ["linear", "log_linear"], "timestep_type": ["discrete", "continuous"], "predict_x0": FLAG,
    "disable_corrector": [[], [0, 1], [0, 3, 4]], "original_inference_steps": [50, 20, 100],
    "timestep_scaling": [10.0, 0.05], "sigma_min": [None, 0.01, 0.05], "sigma_max": [None, 14.6, 120.0],
    "rho": [7.0, 5.0],
    "sigma_data": [0.5, 1.0], "sigma_schedule": ["karras", "exponential"], "shift": [1.0, 3.0, 0.5],
    "use_dynamic_shifting": FLAG, "invert_sigmas": FLAG, "shift_terminal": [None, 0.02, 0.1],
    "time_shift_type": ["exponential", "linear"], "stochastic_sampling": FLAG, "s_noise": [1.0, 1.007],
    "clip_denoised": FLAG, "noise_sampler_seed": [None, 3],
}
# Arguments of step, and those of set_timesteps.
STEP = {
    "eta": [0.0, 0.3, 1.0], "use_clipped_model_output": FLAG, "s_churn": [0.0, 1.5, 40.0], "s_tmin": [0.0, 0.5],
    "s_tmax": [math.inf, 20.0], "s_noise": [1.0, 1.007], "order": [1, 2, 3, 4, 17],
}
SCHEDULE = {"mu": [None, 0.8, 1.15], "timesteps": [None, [22, 0], [30, 12, 3]]}
# Their steps are made of several functions; their pipelines are compared in the tests.
LEFT_OUT = {"ScoreSdeVeScheduler", "KarrasVeScheduler"}
LEARNED = ("learned", "learned_range")


def doubled():
    """Diffusers' schedulers in binary64, by the names of their classes."""
    package, classes = Path(diffusers.schedulers.__file__).parent, {}
    for path in sorted(package.glob("scheduling_*.py")):
        if "flax" in path.name or path.name == "scheduling_utils.py":
            continue
        module = types.ModuleType(f"diffusers.schedulers.{path.stem}_float64")
        module.__package__ = "diffusers.schedulers"
        sys.modules[module.__name__] = module
        text = path.read_text().replace("float32", "float64").replace(".float()", ".double()")
        with contextlib.suppress(Exception):
            exec(compile(text, path.name, "exec"), module.__dict__)
        classes |= {name: value for name, value in vars(module).items() if name.endswith("Scheduler")}
    return classes


class Model:
    """The formula that SchedulerRuns has."""

    def __init__(self):
        generator = np.random.default_rng(0)
        normals = [generator.standard_normal(SHAPE).astype(np.float32) for _ in range(CALLS)]
        self.outputs = [values * np.float32(0.8) for values in normals]
        self.variances = [generator.uniform(0.01, 1, SHAPE).astype(np.float32) for _ in range(CALLS)]

    def json(self):
        return json.dumps({
            "shape": SHAPE, "outputs": [values.ravel().tolist() for values in self.outputs],
            "variances": [values.ravel().tolist() for values in self.variances]})

    def __call__(self, call, model_input, predicts_variances):
        banks = (self.outputs, self.variances)
        outputs = [torch.from_numpy(bank[call % CALLS]).to(model_input.dtype) for bank in banks]
        mean = outputs[0] + 0.25 * model_input
        return torch.cat([mean, outputs[1]], dim=1) if predicts_variances else mean


def arguments(function):
    return inspect.signature(function).parameters


def chosen(options, values, most):
    """Some of the options, at random."""
    names = [name for name in options if name in values]
    picked = random.sample(names, min(len(names), random.randint(0, most)))
    return {name: random.choice(values[name]) for name in picked}


def case(name, names, steps=None):
    """A random case of a class, with a random number of steps if there is none."""
    cls = getattr(diffusers, name)
    config = chosen(arguments(cls.__init__), VALUES, 5)
    file = {}
    if random.random() < 0.25:
        # As from_config: the configuration of another class, with all of its options.
        other = random.choice(names)
        with contextlib.suppress(Exception):
            made = getattr(diffusers, other)(**chosen(arguments(getattr(diffusers, other).__init__), VALUES, 4))
            file = json.loads(made.to_json_string())
    for values in (config, file):
        if values.get("trained_betas"):
            values["num_train_timesteps"] = len(TRAINED)
            values.pop("beta_schedule", None)
    if file.get("trained_betas"):
        config.pop("num_train_timesteps", None)
        config.pop("beta_schedule", None)
    elif file and config.get("trained_betas"):
        file.pop("beta_schedule", None)
    schedule = chosen(arguments(cls.set_timesteps), SCHEDULE, 1)
    if config.get("use_dynamic_shifting") and "mu" in arguments(cls.set_timesteps):
        schedule["mu"] = random.choice([0.5, 0.8, 1.15])
    schedule = {key: value for key, value in schedule.items() if value is not None}
    if name != "CMStochasticIterativeScheduler":
        # Others may have such an argument; a run has not.
        schedule.pop("timesteps", None)
    if name != "FlowMatchEulerDiscreteScheduler":
        schedule.pop("mu", None)
    step = chosen([key for key in arguments(cls.step) if key not in arguments(cls.__init__)], STEP, 3)
    if "eta" in arguments(cls.step):
        # That of a run is 0 unless it says so.
        step = {"eta": 0.0, **step}
    if name == "FlowMatchEulerDiscreteScheduler":
        # It has arguments for churn, which do nothing.
        step = {}
    return {
        "name": name, "file": file, "config": config, "schedule": schedule, "step": step,
        "steps": steps or random.choice([1, 2, 3, 5, 7, 12, 20, 50]), "seed": random.randrange(1000),
        "predicts_variances": config.get("variance_type") in LEARNED and random.random() < 0.9}


def request(item):
    """A case as a line for SchedulerRuns."""
    step = dict(item["step"])
    eta, clipped = step.pop("eta", 0.0), step.pop("use_clipped_model_output", False)

    def finite(values):
        # Infinities, which JSON lacks, are defaults.
        return {key: value for key, value in values.items() if value not in (math.inf, -math.inf)}

    return json.dumps({
        "name": item["name"], "file": finite(item["file"]),
        "options": finite({**item["config"], **item["schedule"], **step}), "eta": eta, "useClippedModelOutput": clipped,
        "predictsVariances": item["predicts_variances"], "steps": item["steps"], "seed": item["seed"]})


def run(item, model, classes, dtype):
    """The run in Diffusers, in the precision of the classes."""
    cls = classes(item["name"])
    scheduler = cls.from_config(item["file"], **item["config"]) if item["file"] else cls(**item["config"])
    schedule = item["schedule"]
    if "timesteps" in schedule:
        scheduler.set_timesteps(**schedule)
    else:
        scheduler.set_timesteps(item["steps"], **schedule)
    if hasattr(scheduler, "set_begin_index"):
        # A first timestep that occurs twice is the first one here.
        scheduler.set_begin_index(0)
    generator, known = torch.Generator().manual_seed(item["seed"]), arguments(scheduler.step)
    options = dict(item["step"], **({"generator": generator} if "generator" in known else {}))
    sample = torch.randn(SHAPE, generator=generator, dtype=torch.float32).to(dtype)
    sample, samples = sample * getattr(scheduler, "init_noise_sigma", 1.0), []
    with brownian.seeded(scheduler, [generator]):
        for index, timestep in enumerate(scheduler.timesteps):
            scales = hasattr(scheduler, "scale_model_input")
            scaled = scheduler.scale_model_input(sample, timestep) if scales else sample
            if "prev_timestep" in known:
                options["prev_timestep"] = (*scheduler.timesteps[index + 1:index + 2], None)[0]
            output = model(index, scaled, item["predicts_variances"])
            sample = scheduler.step(output, timestep, sample, **options).prev_sample
            samples.append(sample.flatten().double())
    if not samples:
        raise ValueError("no timesteps")
    return {
        "timesteps": scheduler.timesteps.double().tolist(), "samples": torch.stack(samples).numpy(),
        "state": list(generator.get_state().numpy())}


@contextlib.contextmanager
def binary64():
    """Everything that torch makes is binary64, but for noise, which is drawn as binary32."""
    randn, made = torch.randn, diffusers.utils.torch_utils.randn_tensor

    def drawn(shape, generator=None, device=None, dtype=None, layout=None):
        return made(shape, generator=generator, dtype=torch.float32).double()

    brownian_interval = sys.modules["torchsde._brownian.brownian_interval"]
    increment = brownian_interval._randn
    brownian_interval._randn = lambda size, dtype, device, seed: increment(size, torch.float32, device, seed).to(dtype)
    torch.set_default_dtype(torch.float64)
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").endswith("_float64") and hasattr(module, "randn_tensor"):
            module.randn_tensor = drawn
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)
        brownian_interval._randn = increment


def quietly(function, *values):
    """The result, or the error."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return function(*values)
    except Exception as error:
        return error


def distance(left, right):
    """The largest difference of a call as a share of its largest value; infinite where only one is finite."""
    left, right = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if left.shape != right.shape:
        return math.inf
    worst = 0.0
    for one, other in zip(left, right):
        finite = np.isfinite(other)
        if not np.array_equal(np.isnan(one), np.isnan(other)) or not np.array_equal(np.isfinite(one), finite):
            return math.inf
        if finite.any():
            scale = max(np.abs(other[finite]).max(), 1e-30)
            worst = max(worst, np.abs(one - other)[finite].max() / scale)
    return worst


def judged(item, answer, expected, reference):
    """The verdict on a case, and why; and the distances from binary64, here and in PyTorch."""
    if isinstance(expected, Exception):
        why = f"{type(expected).__name__}: {expected}".splitlines()[0][:110]
        return ("refused", "", None) if "refusal" in answer else ("wrong", f"computed, not {why}", None)
    if "refusal" in answer:
        return "wrong", f"refused: {answer['refusal']}", None
    found = answer["run"]
    # JSON has the shortest decimals that round to a binary32 number.
    timesteps = np.asarray([np.float32(value) for value in found["timesteps"]], dtype=np.float64)
    samples = np.asarray([[np.float32(value) for value in call] for call in found["samples"]], dtype=np.float64)
    if timesteps.shape != np.shape(expected["timesteps"]) or not np.allclose(
            timesteps, expected["timesteps"], rtol=1e-5, atol=1e-5, equal_nan=True):
        # Where digits are lost, a last bit of PyTorch decides.
        off = [np.abs(np.subtract(run["timesteps"], reference["timesteps"])).max() for run in (
            {"timesteps": timesteps}, expected)] if not isinstance(reference, Exception) else [math.inf, 0]
        return ("near", "", None) if off[0] <= off[1] else ("wrong", "timesteps", None)
    if found["state"] != expected["state"]:
        return "wrong", "generator", None
    off = distance(samples, expected["samples"])
    if isinstance(reference, Exception) or np.shape(reference["samples"]) != np.shape(samples):
        pair = None
    else:
        pair = (distance(samples, reference["samples"]), distance(expected["samples"], reference["samples"]))
    if off <= 1e-4:
        return "exact", "", pair
    if pair and pair[0] <= pair[1]:
        return "near", "", pair
    return "wrong", f"off by {off:.1e}, from binary64 {pair and '%.1e, PyTorch %.1e' % pair}", pair


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the built scheduler-runs")
    parser.add_argument("--cases", type=int, default=100, help="random cases of each class")
    parser.add_argument("--long", type=int, default=20, help="random cases of 50 steps of each class")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--classes", nargs="*", help="short names; all if omitted")
    parser.add_argument("--show", type=int, default=3, help="wrong cases of each class that are printed")
    options = parser.parse_args()
    diffusers.logging.set_verbosity(50)
    torch.set_num_threads(1)
    random.seed(options.seed)
    model, classes64 = Model(), doubled()
    process = subprocess.Popen([options.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    registry = json.loads(process.stdout.readline())
    names = [entry["class"] for entry in registry if entry["class"] not in LEFT_OUT]
    process.stdin.write(model.json() + "\n")

    def ask(item):
        process.stdin.write(request(item) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    def both(item):
        expected = quietly(run, item, model, lambda name: getattr(diffusers, name), torch.float32)
        with binary64():
            reference = quietly(run, item, model, classes64.__getitem__, torch.float64)
        answer = ask(item)
        verdict = judged(item, answer, expected, reference)
        if verdict[0] == "wrong" and not isinstance(expected, Exception):
            with brownian.correctly_rounded():
                rounded = quietly(run, item, model, lambda name: getattr(diffusers, name), torch.float32)
            if judged(item, answer, rounded, reference)[0] == "exact":
                return "near", "", verdict[2]
        return verdict

    def same_bits(item):
        """Whether a run equals PyTorch's with correctly rounded functions."""
        with brownian.correctly_rounded():
            rounded = quietly(run, item, model, lambda name: getattr(diffusers, name), torch.float32)
        samples = [[np.float32(value) for value in call] for call in ask(item)["run"]["samples"]]
        return not isinstance(rounded, Exception) and distance(samples, rounded["samples"]) == 0

    total, fifty = Counter(), {}
    print("| class | exact | near | refused | wrong |\n| --- | ---: | ---: | ---: | ---: |")
    for entry in registry:
        name = entry["class"]
        if name not in names or (options.classes and entry["name"] not in options.classes):
            continue
        counts, wrong, pairs, equal = Counter(), [], [], 0
        for _ in range(options.cases):
            item = case(name, names)
            verdict, why, _ = both(item)
            counts[verdict] += 1
            if verdict == "wrong":
                wrong.append((why, item))
        for _ in range(options.long):
            item = case(name, names, steps=50)
            verdict, why, pair = both(item)
            counts[verdict] += 1
            if verdict == "wrong":
                wrong.append((why, item))
            if pair and all(0 < value < 1e-2 for value in pair):
                pairs.append(np.log(pair))
                equal += same_bits(item)
        total += counts
        # Runs that Diffusers refuses give no pair.
        if pairs:
            fifty[name] = np.exp(np.mean(pairs, axis=0)), len(pairs), equal
        row = [str(counts[verdict]) for verdict in ("exact", "near", "refused", "wrong")]
        print(f"| {name} | {' | '.join(row)} |", flush=True)
        for why, item in wrong[:options.show]:
            shown = {key: value for key, value in item.items() if value not in ({}, False)}
            print(f"  {why}\n    {json.dumps(shown)}", file=sys.stderr, flush=True)
    print(f"| all | {total['exact']} | {total['near']} | {total['refused']} | {total['wrong']} |")
    print("\n| class | runs of 50 steps | from binary64 | PyTorch | ratio | bits of a correctly rounded PyTorch |\n"
          "| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, ((own, peer), count, equal) in fifty.items():
        print(f"| {name} | {count} | {own:.1e} | {peer:.1e} | {own / peer:.2f} | {equal} |")
    ratios = [np.log(own / peer) for (own, peer), _, _ in fifty.values()]
    print(f"| all | {sum(row[1] for row in fifty.values())} | | | {np.exp(np.mean(ratios)):.2f} | "
          f"{sum(row[2] for row in fifty.values())} |")
    process.stdin.close()
    sys.exit(total["wrong"] > 0)


if __name__ == "__main__":
    main()
