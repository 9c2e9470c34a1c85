"""The cases of generate_scheduler_steps.py: each option of each class in turn, then in combination."""

import itertools
from collections.abc import Callable
from typing import NamedTuple

TRAINED = [0.002 + 0.03 * (i / 40) ** 2 for i in range(40)]
SPACINGS = ["leading", "trailing", "linspace"]
ZERO_SNR = {"rescale_betas_zero_snr": True}
# The numbers of steps in lists of timesteps.
COUNTS = [1, 2, 3, 5, 12, 50]
# Kinds of sigmas.
SIGMAS = [
    {}, {"interpolation_type": "log_linear"}, {"use_karras_sigmas": True}, {"use_exponential_sigmas": True},
    {"use_beta_sigmas": True},
]
SCHEDULES = ["linear", "scaled_linear", "squaredcos_cap_v2"]
# The trailing timesteps of 7 steps of 61 are 8, and end with -1, by a rounding error of np.arange.
MINUS_ONE = {"timestep_spacing": "trailing"}


def betas():
    """The beta options of every class."""
    return [
        {"num_train_timesteps": 500}, {"beta_start": 0.01}, {"beta_end": 0.03}, {"beta_schedule": "scaled_linear"},
        {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
        {"beta_schedule": "squaredcos_cap_v2"}, {"num_train_timesteps": 40, "trained_betas": TRAINED},
    ]


def spacings():
    """The timestep options."""
    offsets = [{"timestep_spacing": "leading", "steps_offset": 7}, {"timestep_spacing": "trailing", "steps_offset": 1}]
    return [{"steps_offset": 1}] + [{"timestep_spacing": spacing} for spacing in SPACINGS] + offsets


def ddpm_chains():
    variances = ["fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log", "learned", "learned_range"]
    predictions = ["epsilon", "sample", "v_prediction"]
    limit = {"thresholding": True, "sample_max_value": 50.0}
    for change in [{}] + betas() + spacings() + [
        {"beta_schedule": "sigmoid"}, {"beta_schedule": "laplace"}, {"clip_sample": False}, {"clip_sample_range": 1.6},
        {"clip_sample_range": 0.5}, {"thresholding": True, "sample_max_value": 1.7}, limit,
        {"thresholding": True, "sample_max_value": 0.8}, {**limit, "dynamic_thresholding_ratio": 0.8},
        {**limit, "dynamic_thresholding_ratio": 1.0}, ZERO_SNR, {**ZERO_SNR, "timestep_spacing": "trailing"},
        {**ZERO_SNR, "timestep_spacing": "trailing", "prediction_type": "v_prediction"},
    ]:
        yield {"config": change}
    for variance, spacing in itertools.product(variances, ["leading", "trailing"]):
        yield {"config": {"variance_type": variance, "timestep_spacing": spacing}}
    for prediction, clip in itertools.product(predictions, [True, False]):
        yield {"config": {"prediction_type": prediction, "clip_sample": clip}}
    for variance in variances:
        yield {"config": {"variance_type": variance}, "seeds": (3, 4)}
    for number, (prediction, variance, spacing) in enumerate(itertools.product(predictions, variances, SPACINGS)):
        schedules = ["linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid"]
        yield {
            "config": {
                "prediction_type": prediction, "variance_type": variance, "timestep_spacing": spacing,
                "beta_schedule": schedules[number % 4], "clip_sample": number % 5 < 2, "steps_offset": number % 2,
                "thresholding": number % 5 == 4, "rescale_betas_zero_snr": number % 7 == 6},
            "steps": 3, "seeds": (number,)}
    for steps in (1, 2, 50):
        yield {"config": {"timestep_spacing": "trailing"}, "steps": steps}
    # All timesteps, and trailing ones that end with -1.
    yield {"config": {"num_train_timesteps": 12, "timestep_spacing": "linspace"}}
    yield {"config": {**MINUS_ONE, "num_train_timesteps": 61}, "steps": 7}


def ddim_parallel_chains():
    """Of DDIM under another name; generate_schedulers.py has DDIM's own, more of them."""
    for change in [{}] + betas() + spacings() + [
        {"prediction_type": "sample"}, {"prediction_type": "v_prediction"}, {"set_alpha_to_one": False}, ZERO_SNR,
        {"clip_sample": False}, {"clip_sample_range": 1.6}, {"thresholding": True, "sample_max_value": 1.7},
    ]:
        for eta in (0.0, 0.7):
            yield {"config": change, "eta": eta}
    yield {"config": {}, "eta": 1.0, "use_clipped_model_output": True, "seeds": (3, 4)}


def euler_chains():
    predictions = ["epsilon", "sample", "v_prediction"]
    for change in [{}] + betas() + spacings() + [
        {"prediction_type": "sample"}, {"prediction_type": "original_sample"}, {"prediction_type": "v_prediction"},
        ZERO_SNR, {**ZERO_SNR, "prediction_type": "v_prediction", "timestep_spacing": "trailing"},
    ]:
        yield {"config": change}
    for kind in SIGMAS:
        for change in [{}, {"sigma_min": 0.05, "sigma_max": 100.0}, {"final_sigmas_type": "sigma_min"}]:
            yield {"config": {**kind, **change}}
    for kind, prediction in itertools.product(SIGMAS, predictions):
        yield {"config": {**kind, "prediction_type": prediction, "timestep_type": "continuous"}}
    churns = [
        {"s_churn": 1.5}, {"s_churn": 40.0}, {"s_churn": 3.0, "s_tmin": 0.5, "s_tmax": 20.0},
        {"s_churn": 3.0, "s_noise": 1.007}, {"s_tmin": 0.5, "s_noise": 1.007},
    ]
    for churn, prediction in itertools.product(churns, predictions):
        yield {"config": {"prediction_type": prediction}, **churn}
    for kind in SIGMAS:
        yield {"config": kind, "s_churn": 3.0, "seeds": (5,)}
    yield {"config": {"timestep_spacing": "trailing"}, "s_churn": 3.0, "seeds": (3, 4)}
    combinations = itertools.product(predictions, SIGMAS, SPACINGS, ["zero", "sigma_min"])
    for number, (prediction, kind, spacing, final) in enumerate(combinations):
        schedules = ["linear", "scaled_linear", "squaredcos_cap_v2"]
        yield {
            "config": {
                "prediction_type": prediction, **kind, "timestep_spacing": spacing, "final_sigmas_type": final,
                "beta_schedule": schedules[number % 3], "steps_offset": number % 2,
                "rescale_betas_zero_snr": number % 7 == 6},
            "steps": 3, "seeds": (number,), "s_churn": [0.0, 1.0][number % 2]}
    for steps in (1, 2, 50):
        yield {"config": {"use_karras_sigmas": True}, "steps": steps}
    # Several sigmas above those of training: the first timestep occurs more than once.
    yield {"config": {"use_karras_sigmas": True, "sigma_max": 500.0}, "begin_index": 0}
    yield {"config": {**MINUS_ONE, "num_train_timesteps": 61}, "steps": 7}


def pndm_chains():
    changes = [{}] + betas() + spacings() + [
        {"set_alpha_to_one": True}, {"set_alpha_to_one": True, "beta_start": 0.01}, {"prediction_type": "v_prediction"},
        {"prediction_type": "v_prediction", "timestep_spacing": "trailing", "set_alpha_to_one": True},
    ]
    for change, skips in itertools.product(changes, [False, True]):
        yield {"config": {**change, "skip_prk_steps": skips}}
    for steps in (1, 2, 3, 4, 5, 50):
        yield {"config": {"skip_prk_steps": True}, "steps": steps}
    for steps in (4, 5, 50):
        yield {"config": {}, "steps": steps}
    for skips in (False, True):
        yield {"config": {**MINUS_ONE, "num_train_timesteps": 61, "skip_prk_steps": skips}, "steps": 7}


def lms_chains():
    for change in [{}] + betas() + spacings() + [{"prediction_type": "v_prediction"}] + SIGMAS[2:]:
        yield {"config": change}
    for order in (1, 2, 3, 6):
        yield {"config": {}, "order": order}
    for order, steps in ((17, 20), (24, 30), (33, 40)):
        yield {"config": {}, "order": order, "steps": steps}
    for kind, prediction, spacing in itertools.product([{}] + SIGMAS[2:], ["epsilon", "sample", "v_prediction"], SPACINGS):
        yield {"config": {**kind, "prediction_type": prediction, "timestep_spacing": spacing}, "seeds": (1,)}
    for steps in (1, 2, 50):
        yield {"config": {"use_karras_sigmas": True}, "steps": steps}


def euler_ancestral_chains():
    for change in [{}] + betas() + spacings() + [
        {"prediction_type": "v_prediction"}, ZERO_SNR,
        {**ZERO_SNR, "prediction_type": "v_prediction", "timestep_spacing": "trailing"},
    ]:
        yield {"config": change}
    for prediction, spacing, schedule in itertools.product(["epsilon", "v_prediction"], SPACINGS, SCHEDULES):
        yield {
            "config": {"prediction_type": prediction, "timestep_spacing": spacing, "beta_schedule": schedule,
                       "steps_offset": 1}, "seeds": (3, 4)}
    for steps in (1, 2, 5, 25, 50):
        yield {"config": {"timestep_spacing": "trailing"}, "steps": steps}
    yield {"config": {**MINUS_ONE, "num_train_timesteps": 61}, "steps": 7}


def two_call_chains(predictions, more):
    """Of the classes that call the model twice in a step, which share their options."""
    for change in [{}] + betas() + spacings() + [{"prediction_type": "v_prediction"}] + SIGMAS[2:] + more:
        yield {"config": change}
    for kind, prediction, spacing in itertools.product([{}] + SIGMAS[2:], predictions, SPACINGS):
        yield {
            "config": {**kind, "prediction_type": prediction, "timestep_spacing": spacing,
                       "beta_schedule": "scaled_linear"}, "steps": 6, "seeds": (1,)}
    for steps in (1, 2, 25):
        yield {"config": {"use_karras_sigmas": True}, "steps": steps}
    yield {"config": {"beta_start": 0.0001, "beta_end": 0.02}, "seeds": (3, 4)}


def heun_chains():
    return two_call_chains(["epsilon", "sample", "v_prediction"], [
        {"beta_schedule": "exp"}, {"prediction_type": "sample"}, {"clip_sample": True},
        {"clip_sample": True, "clip_sample_range": 2.5, "prediction_type": "v_prediction"}])


def dpm_sde_chains():
    yield from two_call_chains(["epsilon", "v_prediction"], [
        {"noise_sampler_seed": 3}, {"noise_sampler_seed": 2 ** 40 + 1, "use_karras_sigmas": True},
        {"beta_schedule": "squaredcos_cap_v2", "use_exponential_sigmas": True},
        {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction", "timestep_spacing": "trailing"}])
    for factor, prediction in itertools.product([0.0, 0.5, 1.007], ["epsilon", "v_prediction"]):
        yield {"config": {"prediction_type": prediction, "beta_schedule": "scaled_linear"}, "s_noise": factor}
    # One tree for all images, and one for each.
    for kind, seeds in itertools.product(SIGMAS[2:], [(5,), (3, 4)]):
        yield {"config": {**kind, "timestep_spacing": "leading"}, "steps": 5, "seeds": seeds}
    yield {"config": {"noise_sampler_seed": 3}, "seeds": (3, 4)}


def kdpm2_chains():
    return two_call_chains(["epsilon", "v_prediction"], [
        {"beta_schedule": "squaredcos_cap_v2", "use_exponential_sigmas": True},
        {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction", "timestep_spacing": "trailing"}])


def distilled_chains(steps):
    """Of LCM and TCD, which share their options; with arguments of the step."""
    changes = [{}] + betas()[:-1] + [
        {"original_inference_steps": 20}, {"original_inference_steps": 300, "timestep_scaling": 0.05},
        {"timestep_scaling": 0.01}, {"prediction_type": "sample"}, {"prediction_type": "v_prediction"}, ZERO_SNR,
        {"clip_sample": True}, {"clip_sample": True, "clip_sample_range": 2.5, "timestep_scaling": 0.05},
        {"thresholding": True, "sample_max_value": 1.7, "timestep_scaling": 0.05},
        {"thresholding": True, "sample_max_value": 50.0, "dynamic_thresholding_ratio": 0.8}, {"set_alpha_to_one": False},
        {"num_train_timesteps": 40, "trained_betas": TRAINED, "original_inference_steps": 13},
    ]
    for change, more in itertools.product(changes, steps):
        yield {"config": change, **more}
    for count, more in itertools.product((1, 2, 4, 50), steps):
        yield {"config": {"timestep_scaling": 0.1}, "steps": count, "seeds": (3, 4), **more}
    for original, count in itertools.product((25, 30, 100), (3, 7, 25)):
        yield {"config": {"original_inference_steps": original, "timestep_scaling": 0.05}, "steps": count, **steps[0]}
    for prediction, schedule, more in itertools.product(["epsilon", "sample", "v_prediction"], SCHEDULES, steps):
        yield {
            "config": {"prediction_type": prediction, "beta_schedule": schedule, "timestep_scaling": 0.02},
            "steps": 8, "seeds": (5,), **more}
def solver_sigmas():
    """Kinds of sigmas of the solvers."""
    return [{}] + SIGMAS[2:] + [{"use_flow_sigmas": True}, {"use_flow_sigmas": True, "flow_shift": 3.0}]


def dpm_multi_chains():
    predictions = ["epsilon", "sample", "v_prediction", "flow_prediction"]
    sigma_min = {"final_sigmas_type": "sigma_min"}
    algorithms = [
        {"algorithm_type": "dpmsolver++"}, {"algorithm_type": "sde-dpmsolver++"},
        {"algorithm_type": "dpmsolver", **sigma_min}, {"algorithm_type": "sde-dpmsolver", **sigma_min},
    ]
    limit = {"thresholding": True, "sample_max_value": 2.0}
    for change in [{}] + betas() + spacings() + [
        limit, {**limit, "dynamic_thresholding_ratio": 0.8}, {"thresholding": True, "sample_max_value": 0.8},
        {"lower_order_final": False}, {"euler_at_final": True}, {**sigma_min, "euler_at_final": True},
        {**sigma_min, "lower_order_final": False}, {"lambda_min_clipped": -2.0}, {"lambda_min_clipped": -5.1},
        {"lambda_min_clipped": -2.0, "timestep_spacing": "leading"},
        {"lambda_min_clipped": -2.0, "timestep_spacing": "trailing"}, {"use_lu_lambdas": True, "use_karras_sigmas": True},
        {"algorithm_type": "deis", "solver_type": "logrho", **sigma_min}, {"solver_type": "bh2"}, {"solver_order": 5},
        {"variance_type": "fixed_small"}, {"variance_type": "learned"}, {"variance_type": "learned_range"},
        {"variance_type": "learned", "algorithm_type": "dpmsolver", **sigma_min}, {"use_dynamic_shifting": True},
        ZERO_SNR, {**ZERO_SNR, "prediction_type": "v_prediction", "timestep_spacing": "trailing"},
    ]:
        yield {"config": change}
    for algorithm, order, kind in itertools.product(algorithms, [1, 2, 3], ["midpoint", "heun"]):
        if order < 3 or algorithm["algorithm_type"] != "sde-dpmsolver":
            yield {"config": {**algorithm, "solver_order": order, "solver_type": kind}, "steps": 16}
    for algorithm, prediction in itertools.product(algorithms, predictions):
        if prediction != "flow_prediction" or "++" in algorithm["algorithm_type"]:
            yield {"config": {**algorithm, "prediction_type": prediction}}
            yield {"config": {**algorithm, **limit, "prediction_type": prediction, "solver_order": 1}, "steps": 5}
    kinds = solver_sigmas() + [{"use_lu_lambdas": True}]
    for kind, final, schedule in itertools.product(kinds, ["zero", "sigma_min"], ["linear", "squaredcos_cap_v2"]):
        yield {"config": {**kind, "final_sigmas_type": final, "beta_schedule": schedule, "solver_order": 3},
               "begin_index": 0}
    for seeds in ((5,), (3, 4)):
        yield {"config": algorithms[1], "seeds": seeds}
        yield {"config": algorithms[3], "seeds": seeds}
    combinations = itertools.product(predictions, kinds, SPACINGS, [True, False])
    for number, (prediction, kind, spacing, lowers) in enumerate(combinations):
        schedules = ["linear", "scaled_linear", "squaredcos_cap_v2"]
        algorithm = algorithms[number % (2 if prediction == "flow_prediction" else 4)]
        order = 1 + number % 3 if algorithm["algorithm_type"] != "sde-dpmsolver" else 2
        yield {
            "config": {
                **algorithm, **kind, "prediction_type": prediction, "timestep_spacing": spacing,
                "lower_order_final": lowers, "beta_schedule": schedules[number % 3], "steps_offset": number % 2,
                "solver_order": order, "solver_type": ["midpoint", "heun"][number % 2],
                "euler_at_final": number % 5 == 4, "rescale_betas_zero_snr": number % 7 == 6},
            "steps": 4, "seeds": (number,), "begin_index": 0}
    for steps in (1, 2, 3, 14, 15, 50):
        yield {"config": {"solver_order": 3}, "steps": steps}
    yield {"config": {**MINUS_ONE, "num_train_timesteps": 61}, "steps": 7}


def ddim_inverse_chains():
    predictions = ["epsilon", "sample", "v_prediction"]
    spacings = ["leading", "trailing"]
    for change in [{}] + betas() + [
        {"steps_offset": 1}, {"timestep_spacing": "trailing"}, {"timestep_spacing": "leading", "steps_offset": 7},
        {"clip_sample": False}, {"clip_sample_range": 1.6}, {"clip_sample_range": 0.5}, {"set_alpha_to_one": False},
        ZERO_SNR, {**ZERO_SNR, "timestep_spacing": "trailing", "prediction_type": "v_prediction"},
    ]:
        yield {"config": change}
    combinations = itertools.product(predictions, [True, False], spacings, [True, False])
    for number, (prediction, clip, spacing, is_one) in enumerate(combinations):
        yield {
            "config": {
                # The image has no noise that a predicted image could leave.
                "prediction_type": prediction, "clip_sample": clip, "timestep_spacing": spacing,
                "set_alpha_to_one": is_one and prediction != "sample", "steps_offset": number % 2,
                "beta_schedule": SCHEDULES[number % 3]},
            "steps": 7 + number % 6, "seeds": (number,)}
    for steps in (1, 2, 3, 50):
        yield {"config": {}, "steps": steps}
    yield {"config": {}, "seeds": (3, 4)}
    yield {"config": {**MINUS_ONE, "num_train_timesteps": 61}, "steps": 7}


def dpm_multi_inverse_chains():
    predictions = ["epsilon", "sample", "v_prediction"]
    algorithms = ["dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver"]
    limit = {"thresholding": True, "sample_max_value": 2.0}
    for change in [{}] + betas() + spacings() + [
        limit, {**limit, "dynamic_thresholding_ratio": 0.8}, {"thresholding": True, "sample_max_value": 0.8},
        {"lower_order_final": False}, {"euler_at_final": True}, {"lambda_min_clipped": -2.0},
        {"lambda_min_clipped": -5.1}, {"lambda_min_clipped": -2.0, "timestep_spacing": "trailing"},
        {"solver_type": "logrho"}, {"variance_type": "learned"},
        {"variance_type": "learned", "algorithm_type": "dpmsolver"},
        {"use_flow_sigmas": True, "prediction_type": "flow_prediction"},
    ]:
        yield {"config": change}
    for algorithm, order, kind in itertools.product(algorithms[:2], [1, 2, 3], ["midpoint", "heun"]):
        yield {"config": {"algorithm_type": algorithm, "solver_order": order, "solver_type": kind}, "steps": 16}
    for algorithm, prediction in itertools.product(algorithms, predictions):
        # Diffusers takes the root of the negative variance of noise that a step would have to remove.
        yield {"config": {"algorithm_type": algorithm, "prediction_type": prediction}}
    for kind, schedule in itertools.product(SIGMAS[2:], ["linear", "squaredcos_cap_v2"]):
        yield {"config": {**kind, "beta_schedule": schedule}}
    combinations = itertools.product(predictions, [{}] + SIGMAS[2:4], SPACINGS, [True, False])
    for number, (prediction, kind, spacing, lowers) in enumerate(combinations):
        yield {
            "config": {
                **kind, "algorithm_type": algorithms[number % 2], "prediction_type": prediction,
                "timestep_spacing": spacing, "lower_order_final": lowers, "beta_schedule": SCHEDULES[number % 3],
                "steps_offset": number % 2, "solver_order": 1 + number % 3,
                "solver_type": ["midpoint", "heun"][number % 2], "euler_at_final": number % 5 == 4},
            "steps": 4, "seeds": (number,)}
    for steps in (1, 2, 3, 14, 15, 50):
        yield {"config": {"solver_order": 3}, "steps": steps}
    yield {"config": {**MINUS_ONE, "num_train_timesteps": 61}, "steps": 7}


def deis_chains():
    predictions = ["epsilon", "sample", "v_prediction", "flow_prediction"]
    limit = {"thresholding": True, "sample_max_value": 2.0}
    for change in [{}] + betas() + spacings() + [
        limit, {**limit, "dynamic_thresholding_ratio": 0.8}, {"thresholding": True, "sample_max_value": 0.8},
        {"lower_order_final": False}, {"algorithm_type": "dpmsolver++"}, {"solver_type": "bh2"}, {"solver_order": 5},
    ]:
        yield {"config": change}
    for order, prediction in itertools.product([1, 2, 3], predictions):
        yield {"config": {"solver_order": order, "prediction_type": prediction}, "steps": 16}
    for kind, schedule in itertools.product(solver_sigmas(), ["linear", "squaredcos_cap_v2"]):
        yield {"config": {**kind, "beta_schedule": schedule, "solver_order": 3}, "begin_index": 0}
    combinations = itertools.product(predictions, solver_sigmas(), SPACINGS, [True, False])
    for number, (prediction, kind, spacing, lowers) in enumerate(combinations):
        schedules = ["linear", "scaled_linear", "squaredcos_cap_v2"]
        yield {
            "config": {
                **kind, "prediction_type": prediction, "timestep_spacing": spacing, "lower_order_final": lowers,
                "beta_schedule": schedules[number % 3], "steps_offset": number % 2,
                "solver_order": [2, 3, 1][number % 3]},
            "steps": 4, "seeds": (number,), "begin_index": 0}
    for steps in (1, 2, 3, 14, 15, 50):
        yield {"config": {"solver_order": 3}, "steps": steps}
    yield {"config": {**MINUS_ONE, "num_train_timesteps": 61}, "steps": 7}


def dpm_single_chains():
    predictions = ["epsilon", "sample", "v_prediction", "flow_prediction"]
    sigma_min = {"final_sigmas_type": "sigma_min"}
    algorithms = [
        {"algorithm_type": "dpmsolver++"}, {"algorithm_type": "sde-dpmsolver++"},
        {"algorithm_type": "dpmsolver", **sigma_min},
    ]
    limit = {"thresholding": True, "sample_max_value": 2.0}
    for change in [{}] + betas() + [
        limit, {**limit, "dynamic_thresholding_ratio": 0.8}, {"thresholding": True, "sample_max_value": 0.8},
        {"lower_order_final": True}, {**sigma_min, "lower_order_final": True}, sigma_min,
        {"lambda_min_clipped": -2.0}, {"lambda_min_clipped": -5.1}, {"solver_type": "bh2"},
        {"algorithm_type": "deis", "solver_type": "logrho", **sigma_min}, {"variance_type": "fixed_small"},
        {"variance_type": "learned"}, {"variance_type": "learned_range", "algorithm_type": "dpmsolver", **sigma_min},
    ]:
        yield {"config": change}
    for algorithm, order, kind in itertools.product(algorithms, [1, 2, 3], ["midpoint", "heun"]):
        for steps in (12, 13, 14):
            yield {"config": {**algorithm, "solver_order": order, "solver_type": kind}, "steps": steps}
            yield {"config": {**algorithm, "solver_order": order, "solver_type": kind, **sigma_min}, "steps": steps}
    for algorithm, prediction in itertools.product(algorithms, predictions):
        if prediction != "flow_prediction" or "++" in algorithm["algorithm_type"]:
            yield {"config": {**algorithm, "prediction_type": prediction}}
    for kind, final, schedule in itertools.product(
        solver_sigmas(), ["zero", "sigma_min"], ["linear", "squaredcos_cap_v2"]):
        yield {"config": {**kind, "final_sigmas_type": final, "beta_schedule": schedule, "solver_order": 3},
               "begin_index": 0}
    yield {"config": algorithms[1], "seeds": (3, 4)}
    combinations = itertools.product(predictions, solver_sigmas(), algorithms, [True, False])
    for number, (prediction, kind, algorithm, lowers) in enumerate(combinations):
        if prediction == "flow_prediction" and "++" not in algorithm["algorithm_type"]:
            continue
        yield {
            "config": {
                **algorithm, **kind, "prediction_type": prediction, "lower_order_final": lowers,
                "beta_schedule": ["linear", "scaled_linear"][number // 2 % 2], "solver_order": 1 + number // 4 % 3, "solver_type": ["midpoint", "heun"][number // 3 % 2]},
            "steps": 4 + number % 3, "seeds": (number,), "begin_index": 0}
    for steps in (1, 2, 3, 50):
        yield {"config": {"solver_order": 3}, "steps": steps}


def sasolver_chains():
    predictions = ["epsilon", "sample", "v_prediction", "flow_prediction"]
    algorithms = ["data_prediction", "noise_prediction"]
    limit = {"thresholding": True, "sample_max_value": 2.0}
    for change in [{}] + betas() + spacings() + [
        limit, {**limit, "dynamic_thresholding_ratio": 0.8}, {"thresholding": True, "sample_max_value": 0.8},
        {"lower_order_final": False}, {"lambda_min_clipped": -2.0}, {"lambda_min_clipped": -5.1},
        {"lambda_min_clipped": -2.0, "timestep_spacing": "trailing"}, {"variance_type": "fixed_small"},
    ]:
        yield {"config": change}
    for algorithm, predictor, corrector in itertools.product(algorithms, [1, 2, 3], [1, 2, 3]):
        yield {"config": {
            "algorithm_type": algorithm, "predictor_order": predictor, "corrector_order": corrector}, "steps": 10}
    for algorithm, prediction in itertools.product(algorithms, predictions[:3]):
        # Of 12 steps, the last multiplies the last bits of PyTorch's square roots by a thousand.
        yield {"config": {"algorithm_type": algorithm, "prediction_type": prediction}, "steps": 10}
    for kind, schedule in itertools.product(solver_sigmas(), ["linear", "squaredcos_cap_v2"]):
        yield {"config": {**kind, "beta_schedule": schedule}, "begin_index": 0}
    yield {"config": {}, "seeds": (3, 4)}
    combinations = itertools.product(predictions, solver_sigmas(), SPACINGS, [True, False])
    for number, (prediction, kind, spacing, lowers) in enumerate(combinations):
        # Shifted flow sigmas begin with alphas near 0: with predicted noise, the last bits of PyTorch's logarithms decide.
        of_image = prediction == "flow_prediction" or "flow_shift" in kind
        yield {
            "config": {
                "algorithm_type": algorithms[0 if of_image else number % 2], **kind,
                "prediction_type": prediction, "timestep_spacing": spacing, "lower_order_final": lowers,
                "beta_schedule": ["linear", "scaled_linear", "squaredcos_cap_v2"][number % 3],
                "steps_offset": number % 2, "predictor_order": 1 + number % 2, "corrector_order": 1 + number // 2 % 2},
            "steps": 4, "seeds": (number,), "begin_index": 0}
    for steps in (1, 2, 3, 14, 15):
        yield {"config": {}, "steps": steps}
    yield {"config": {**MINUS_ONE, "num_train_timesteps": 61}, "steps": 7}


def unipc_chains():
    predictions = ["epsilon", "sample", "v_prediction", "flow_prediction"]
    sigma_min = {"final_sigmas_type": "sigma_min"}
    limit = {"thresholding": True, "sample_max_value": 2.0}
    flow = {"use_flow_sigmas": True}
    for change in [{}] + betas() + spacings() + [
        limit, {**limit, "dynamic_thresholding_ratio": 0.8}, {**limit, "predict_x0": False},
        {"thresholding": True, "sample_max_value": 0.8}, {"lower_order_final": False}, sigma_min,
        {**sigma_min, "lower_order_final": False, "solver_order": 3}, {"disable_corrector": [0, 1, 5]},
        {"disable_corrector": [0, 1, 2], "solver_order": 3}, {"solver_type": "midpoint"}, {"solver_type": "bh1"},
        {"use_karras_sigmas": True, "sigma_min": 0.05, "sigma_max": 100.0}, {"use_beta_sigmas": True, "sigma_max": 50.0},
        {"use_exponential_sigmas": True, "sigma_min": 0.05}, {**flow, "use_karras_sigmas": True},
        {**flow, "use_karras_sigmas": True, **sigma_min}, {**flow, "shift_terminal": 0.05},
        {**flow, "shift_terminal": 0.05, "flow_shift": 3.0, **sigma_min}, {**flow, "shift_terminal": 0.0},
        ZERO_SNR, {**ZERO_SNR, "prediction_type": "v_prediction", "timestep_spacing": "trailing"},
    ]:
        yield {"config": change}
    for image, order, kind in itertools.product([True, False], [1, 2, 3, 4], ["bh1", "bh2"]):
        yield {"config": {"predict_x0": image, "solver_order": order, "solver_type": kind, **sigma_min}, "steps": 16}
    for image, prediction in itertools.product([True, False], predictions[:3]):
        yield {"config": {"predict_x0": image, "prediction_type": prediction, "solver_order": 3}}
    for kind, final, schedule in itertools.product(
        solver_sigmas(), ["zero", "sigma_min"], ["linear", "squaredcos_cap_v2"]):
        # The first beta sigmas are so close that order 3 multiplies the last bits of PyTorch's logarithms.
        order = 2 if "use_beta_sigmas" in kind else 3
        yield {"config": {**kind, "final_sigmas_type": final, "beta_schedule": schedule, "solver_order": order},
               "begin_index": 0}
    combinations = itertools.product(predictions, solver_sigmas(), SPACINGS, [True, False])
    for number, (prediction, kind, spacing, lowers) in enumerate(combinations):
        schedules = ["linear", "scaled_linear", "squaredcos_cap_v2"]
        yield {
            "config": {
                **kind, "prediction_type": prediction, "timestep_spacing": spacing, "lower_order_final": lowers,
                "predict_x0": prediction == "flow_prediction" or number % 3 > 0, "beta_schedule": schedules[number % 3],
                "steps_offset": number % 2, "solver_order": [1, 3, 2][number % 3],
                "solver_type": ["bh1", "bh2"][number // 2 % 2], "final_sigmas_type": "zero" if lowers else "sigma_min"},
            "steps": 4, "seeds": (number,), "begin_index": 0}
    for steps in (1, 2, 3, 14, 15, 50):
        yield {"config": {"solver_order": 3}, "steps": steps}
    yield {"config": {**MINUS_ONE, "num_train_timesteps": 61}, "steps": 7}


def score_sde_ve_chains():
    small = {"sigma_max": 10.0}
    for change in [
        {}, {"num_train_timesteps": 37}, {"snr": 0.3}, {"snr": 0.0}, {"sigma_min": 0.05}, {"sigma_max": 50.0}, small,
        {"sampling_eps": 1e-3}, {"sampling_eps": 0.1}, {"sampling_eps": 0.0}, {"sampling_eps": -0.01},
        {"correct_steps": 0}, {"correct_steps": 2}, {"correct_steps": 3}, {"correct_steps": -1},
    ]:
        yield {"config": change}
    for seeds in ((5,), (3, 4)):
        yield {"config": small, "seeds": seeds}
        yield {"config": {**small, "correct_steps": 2}, "seeds": seeds}
    combinations = itertools.product([0.01, 0.3], [1.5, 90.0, 1348.0], [1e-5, 0.05], [0, 1, 2])
    for number, (low, high, eps, calls) in enumerate(combinations):
        yield {
            "config": {
                "sigma_min": low, "sigma_max": high, "sampling_eps": eps, "correct_steps": calls,
                "snr": [0.15, 0.05][number % 2]},
            "steps": 4 + number % 3, "seeds": (number,)}
    for steps in (1, 2, 3, 50):
        yield {"config": {}, "steps": steps}
        yield {"config": small, "steps": steps}


def karras_ve_chains():
    small = {"sigma_max": 5.0}
    for change in [
        {}, {"sigma_min": 0.2}, {"sigma_min": 0.0}, small, {"s_noise": 1.0}, {"s_churn": 0.0}, {"s_churn": 2.0},
        {"s_min": 1.0}, {"s_max": 5.0}, {"s_max": 1000.0}, {**small, "s_churn": 500.0}, {"s_churn": -0.5},
        {"sigma_min": 3.0, "sigma_max": 3.0}, {"sigma_max": -4.0},
    ]:
        # NaN begins where a level is 0.
        if change != {"sigma_min": 0.0}:
            yield {"config": change}
    for seeds in ((5,), (3, 4)):
        yield {"config": small, "seeds": seeds}
    combinations = itertools.product([0.02, 0.3], [2.0, 9.0, 100.0], [0.0, 3.0, 80.0], [(0.05, 50.0), (0.0, 1e5)])
    for number, (low, high, churn, (least, most)) in enumerate(combinations):
        yield {
            "config": {
                "sigma_min": low, "sigma_max": high, "s_churn": churn, "s_min": least, "s_max": most,
                "s_noise": [1.007, 1.0, 0.9][number % 3]},
            "steps": 4 + number % 3, "seeds": (number,)}
    for steps in (2, 3, 50):
        yield {"config": {}, "steps": steps}
        yield {"config": small, "steps": steps}


def churns():
    """Noise that is added before a step."""
    return [
        {"s_churn": 1.5}, {"s_churn": 40.0}, {"s_churn": 3.0, "s_tmin": 0.5, "s_tmax": 20.0},
        {"s_churn": 3.0, "s_noise": 1.007}, {"s_tmin": 0.5, "s_noise": 1.007},
    ]


def karras_changes():
    """The options of sigmas that are given by their ends."""
    return [
        {}, {"sigma_min": 0.01}, {"sigma_max": 14.6}, {"sigma_data": 1.0}, {"sigma_min": 0.03, "sigma_max": 120.0},
        {"rho": 5.0}, {"rho": 1.0},
    ]


def edm_changes():
    """The options of EDM's sigmas and preconditioning."""
    more = [
        {"sigma_schedule": "exponential"}, {"prediction_type": "v_prediction"}, {"final_sigmas_type": "sigma_min"},
        {"num_train_timesteps": 500}, {"sigma_schedule": "exponential", "sigma_min": 0.3, "sigma_max": 500.0},
    ]
    return karras_changes() + more


def edm_euler_chains():
    for change in edm_changes():
        yield {"config": change}
    for churn, prediction, schedule in itertools.product(
        churns(), ["epsilon", "v_prediction"], ["karras", "exponential"]):
        yield {"config": {"prediction_type": prediction, "sigma_schedule": schedule}, **churn}
    combinations = itertools.product(
        ["epsilon", "v_prediction"], ["karras", "exponential"], ["zero", "sigma_min"], [{}, {"sigma_data": 2.0}])
    for number, (prediction, schedule, final, data) in enumerate(combinations):
        yield {
            "config": {"prediction_type": prediction, "sigma_schedule": schedule, "final_sigmas_type": final, **data},
            "steps": 5, "seeds": (number, number + 1)}
    for steps in (1, 2, 3, 50):
        yield {"config": {}, "steps": steps}


def edm_dpm_chains():
    limit = {"thresholding": True, "sample_max_value": 2.0}
    for change in edm_changes() + [
        limit, {**limit, "dynamic_thresholding_ratio": 0.8}, {"thresholding": True, "sample_max_value": 0.8},
        {"lower_order_final": False}, {"euler_at_final": True}, {"solver_type": "bh2"}, {"solver_order": 5},
        {"algorithm_type": "deis", "solver_type": "logrho", "final_sigmas_type": "sigma_min"},
    ]:
        yield {"config": change}
    algorithms = ["dpmsolver++", "sde-dpmsolver++"]
    for algorithm, order, kind in itertools.product(algorithms, [1, 2, 3], ["midpoint", "heun"]):
        if order < 3 or algorithm == "dpmsolver++":
            for steps in (6, 16):
                yield {
                    "config": {"algorithm_type": algorithm, "solver_order": order, "solver_type": kind}, "steps": steps}
    yield {"config": {"algorithm_type": "sde-dpmsolver++"}, "seeds": (3, 4)}
    combinations = itertools.product(
        ["epsilon", "v_prediction"], ["karras", "exponential"], [True, False], algorithms)
    for number, (prediction, schedule, lowers, algorithm) in enumerate(combinations):
        yield {
            "config": {
                "prediction_type": prediction, "sigma_schedule": schedule, "lower_order_final": lowers,
                "algorithm_type": algorithm, "solver_order": [1, 2, 3][number % 3] if "sde" not in algorithm else 2,
                "solver_type": ["midpoint", "heun"][number // 3 % 2]},
            "steps": 5, "seeds": (number,)}
    for steps in (1, 2, 3, 14, 15, 50):
        yield {"config": {"solver_order": 3}, "steps": steps}


def ipndm_chains():
    for steps in range(1, 36):
        yield {"config": {}, "steps": steps, "seeds": (steps,)}
    for steps in (50, 100):
        yield {"config": {"num_train_timesteps": 500}, "steps": steps, "seeds": (3, 4)}
    shares = [0.999, 0.9, 0.7, 0.42, 0.2, 0.05, 0.0]
    for steps in (3, 12):
        yield {"config": {"trained_betas": shares}, "steps": steps}
        yield {"config": {"trained_betas": [1.0] + shares[1:]}, "steps": steps}


def flow_shifts():
    """Ways to shift sigmas, with arguments of `set_timesteps`."""
    dynamic = {"use_dynamic_shifting": True}
    return [
        {}, {"shift": 3.0}, {"shift": 0.5}, {**dynamic, "schedule": {"mu": 0.8}},
        {**dynamic, "time_shift_type": "linear", "schedule": {"mu": 2.5}}, {"shift_terminal": 0.02},
        {**dynamic, "shift_terminal": 0.1, "schedule": {"mu": 1.15}},
    ]


def flow_euler_chains():
    kinds = [{}] + SIGMAS[2:]
    changes = flow_shifts() + kinds[1:] + [
        {"num_train_timesteps": 500}, {"invert_sigmas": True}, {"stochastic_sampling": True},
        {"base_shift": 0.4, "max_shift": 1.0, "base_image_seq_len": 128, "max_image_seq_len": 1024},
    ]
    for change in changes:
        yield {"config": change}
    combinations = itertools.product(flow_shifts(), kinds, [True, False], [True, False])
    for number, (shift, kind, inverts, stochastic) in enumerate(combinations):
        if number % 2 == 0 or kind == {}:
            yield {
                "config": {**shift, **kind, "invert_sigmas": inverts, "stochastic_sampling": stochastic},
                "steps": 5, "seeds": (number, number + 1) if number % 3 == 0 else (number,)}
    for steps in (1, 2, 3, 50):
        yield {"config": {"shift": 3.0}, "steps": steps}


def flow_heun_chains():
    for shift in (1.0, 0.5, 2.0, 3.0, 7.0):
        for churn in [{}] + churns():
            yield {"config": {"shift": shift}, **churn}
            yield {"config": {"shift": shift, "num_train_timesteps": 500}, "steps": 5, "seeds": (3, 4), **churn}
    for steps in (1, 2, 3, 25):
        yield {"config": {"shift": 3.0}, "steps": steps}


def unclip_chains():
    variances, predictions = ["fixed_small_log", "learned_range"], ["epsilon", "sample"]
    for variance, prediction, clip in itertools.product(
        variances, predictions, [{}, {"clip_sample": False}, {"clip_sample_range": 1.6}, {"clip_sample_range": 0.5}]):
        for train in (1000, 500):
            yield {
                "config": {"variance_type": variance, "prediction_type": prediction, "num_train_timesteps": train,
                           **clip}}
        yield {"config": {"variance_type": variance, "prediction_type": prediction, **clip}, "seeds": (3, 4)}
    for steps in (2, 3, 25, 50):
        yield {"config": {}, "steps": steps}
    # Every timestep, and some twice.
    for steps in (12, 20):
        yield {"config": {"num_train_timesteps": 12}, "steps": steps}


def cm_chains():
    changes = karras_changes() + [
        {"num_train_timesteps": 201}, {"s_noise": 1.007}, {"s_noise": 0.0}, {"clip_denoised": False}]
    for change, seeds in itertools.product(changes, [(0,), (3, 4)]):
        yield {"config": change, "seeds": seeds}
    for change, clip in itertools.product(karras_changes(), [True, False]):
        yield {"config": {**change, "clip_denoised": clip, "num_train_timesteps": 60}, "steps": 7, "seeds": (5,)}
    for steps in (1, 2, 3, 20, 40):
        yield {"config": {}, "steps": steps}
    for places in ([22, 0], [39, 30, 12, 1], [17], [35, -3]):
        yield {"config": {"schedule": {"timesteps": places}}, "steps": 1}


class Class(NamedTuple):
    """What is recorded of a class."""
    # The arguments of every chain.
    chains: Callable
    # Configurations whose tables are kept, beside those of betas().
    schedules: list
    # Changes under which the timesteps are kept.
    kinds: list
    # Whether it has a table of betas and spacings by the common options.
    has_betas: bool = True


SIGMOIDS = [
    {"beta_schedule": schedule, **change}
    for schedule in ("sigmoid", "laplace") for change in ({}, {"num_train_timesteps": 37})
]
RESCALED = {**ZERO_SNR, "num_train_timesteps": 37, "beta_schedule": "scaled_linear"}
CONTINUOUS = {"timestep_type": "continuous", "prediction_type": "v_prediction"}
DISTILLED = [{}, {"original_inference_steps": 30}]
EDM = [
    {"num_train_timesteps": 37, "sigma_schedule": "exponential", "final_sigmas_type": final}
    for final in ("zero", "sigma_min")
]
CLASSES = {
    "cm": Class(cm_chains, [{}, {"num_train_timesteps": 37, "rho": 3.0}], karras_changes(), has_betas=False),
    "ddim-inverse": Class(ddim_inverse_chains, [RESCALED], [{}]),
    "ddim-parallel": Class(ddim_parallel_chains, [RESCALED], [{}]),
    "ddpm-parallel": Class(ddpm_chains, SIGMOIDS + [RESCALED], [{}]),
    "ddpm": Class(ddpm_chains, SIGMOIDS + [RESCALED], [{}]),
    "deis": Class(deis_chains, [{"num_train_timesteps": 37, "timestep_spacing": "leading"}], solver_sigmas()),
    "dpm-multi": Class(
        dpm_multi_chains, [RESCALED], solver_sigmas() + [{"use_lu_lambdas": True}, {"lambda_min_clipped": -3.0}]),
    "dpm-multi-inverse": Class(
        dpm_multi_inverse_chains, [], [{}] + SIGMAS[2:] + [{"lambda_min_clipped": -3.0}]),
    "dpm-sde": Class(dpm_sde_chains, [{"num_train_timesteps": 37, "timestep_spacing": "leading"}], [{}] + SIGMAS[2:]),
    "dpm-single": Class(dpm_single_chains, [{"num_train_timesteps": 37, "lower_order_final": True}], solver_sigmas()),
    "edm-dpm": Class(edm_dpm_chains, [{}] + EDM, edm_changes(), has_betas=False),
    "edm-euler": Class(edm_euler_chains, [{}] + EDM, edm_changes(), has_betas=False),
    "euler": Class(
        euler_chains, [
            RESCALED, {"num_train_timesteps": 37, **CONTINUOUS},
            {"num_train_timesteps": 37, "timestep_spacing": "leading"},
        ], SIGMAS + [CONTINUOUS]),
    "euler-ancestral": Class(
        euler_ancestral_chains, [RESCALED, {"num_train_timesteps": 37, "timestep_spacing": "leading"}], [{}]),
    "flow-euler": Class(
        flow_euler_chains, [{}, {"num_train_timesteps": 37, "shift": 3.0}],
        flow_shifts() + [{**shift, **kind} for shift in flow_shifts() for kind in SIGMAS[2:]]
        + [{"invert_sigmas": True}],
        has_betas=False),
    "flow-heun": Class(
        flow_heun_chains, [{}, {"num_train_timesteps": 37, "shift": 3.0}], [{}, {"shift": 3.0}, {"shift": 0.5}],
        has_betas=False),
    "heun": Class(
        heun_chains, [{"num_train_timesteps": 37, "beta_schedule": "exp"}], [{}] + SIGMAS[2:]),
    "ipndm": Class(ipndm_chains, [{}, {"num_train_timesteps": 37}], [{}], has_betas=False),
    "karras-ve": Class(karras_ve_chains, [], []),
    "kdpm2": Class(kdpm2_chains, [], [{}] + SIGMAS[2:]),
    "kdpm2-ancestral": Class(kdpm2_chains, [], [{}] + SIGMAS[2:]),
    "lcm": Class(lambda: distilled_chains([{}]), [RESCALED], DISTILLED),
    "lms": Class(lms_chains, [{"num_train_timesteps": 37, "timestep_spacing": "leading"}], [{}] + SIGMAS[2:]),
    "pndm": Class(
        pndm_chains, [{"num_train_timesteps": 37, "set_alpha_to_one": True}],
        [{"skip_prk_steps": False}, {"skip_prk_steps": True}]),
    "sasolver": Class(
        sasolver_chains, [{"num_train_timesteps": 37, "timestep_spacing": "leading"}],
        solver_sigmas() + [{"lambda_min_clipped": -3.0}]),
    "score-sde-ve": Class(score_sde_ve_chains, [], []),
    "tcd": Class(lambda: distilled_chains([{"eta": 0.3}, {"eta": 0.0}, {"eta": 1.0}]), [RESCALED], DISTILLED),
    "unclip": Class(unclip_chains, [{}, {"num_train_timesteps": 37}], [{}], has_betas=False),
    "unipc": Class(unipc_chains, [RESCALED], solver_sigmas()),
}


def chains(name):
    """The arguments of every chain."""
    return CLASSES[name].chains()


def schedules(name):
    """Configurations whose tables are recorded, mostly short ones."""
    if not CLASSES[name].has_betas:
        return CLASSES[name].schedules
    short = [{**change, "num_train_timesteps": 37} for change in betas()[1:-1]] + [betas()[-1], {}]
    return short + CLASSES[name].schedules


def timesteps(name):
    """Configurations and numbers of steps whose timesteps are recorded."""
    if name in ("karras-ve", "score-sde-ve"):
        # A single step of KarrasVe is NaN.
        counts = [count for count in COUNTS + [2000] if name == "score-sde-ve" or count > 1]
        yield from itertools.product([{}, {"sigma_min": 0.05, "sigma_max": 20.0}], counts)
        return
    places = [
        {"timestep_spacing": spacing, "steps_offset": offset, "num_train_timesteps": train}
        for spacing, offset, train in itertools.product(SPACINGS, [0, 1], [1000, 37])]
    if name == "ddim-inverse":
        places = [place for place in places if place["timestep_spacing"] != "linspace"]
    if name == "dpm-single" or not CLASSES[name].has_betas:
        # It has no options for places.
        places = [{"num_train_timesteps": 1000}, {"num_train_timesteps": 37}]
    for place, kind, count in itertools.product(places, CLASSES[name].kinds, COUNTS):
        # One place is enough for each kind of sigmas.
        if kind in SIGMAS[1:] + solver_sigmas()[1:] + [CONTINUOUS] and (place["num_train_timesteps"] != 1000 or place.get("steps_offset") == 1):
            continue
        # LCM and TCD choose among the steps of another schedule.
        distilled = 50 if kind == {} else kind.get("original_inference_steps")
        if name in ("lcm", "tcd") and (place["num_train_timesteps"] < distilled or count > distilled):
            continue
        # Runge-Kutta steps take four timesteps at least.
        least = 4 if kind == {"skip_prk_steps": False} else 2 if name == "unclip" else 1
        if not least <= count <= place["num_train_timesteps"]:
            continue
        yield {**place, **kind}, count
