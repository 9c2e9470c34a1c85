"""Records what Diffusers' schedulers do apart from their steps; generate_scheduler_steps.py runs it.

`schedulers/conversions.json`: for the configuration file of one class, opened by that class, the configuration that
another class's from_config derives from it; or the error. `schedulers/errors.json`: what is refused, when and how; null
if nothing is. `schedulers/published-loops.json`: the sums that Diffusers' own tests expect, which are checked here.
"""

import inspect
import json
import math
import tempfile
from pathlib import Path

import diffusers
import torch

import variance_exploding

# Every class but DDIM, by its short name; generate_scheduler_steps.py makes a folder for each.
CLASSES = {
    "ddpm": diffusers.DDPMScheduler, "euler": diffusers.EulerDiscreteScheduler, "pndm": diffusers.PNDMScheduler,
    "lms": diffusers.LMSDiscreteScheduler, "euler-ancestral": diffusers.EulerAncestralDiscreteScheduler,
    "heun": diffusers.HeunDiscreteScheduler, "kdpm2": diffusers.KDPM2DiscreteScheduler,
    "kdpm2-ancestral": diffusers.KDPM2AncestralDiscreteScheduler, "lcm": diffusers.LCMScheduler,
    "tcd": diffusers.TCDScheduler, "ddim-parallel": diffusers.DDIMParallelScheduler,
    "ddpm-parallel": diffusers.DDPMParallelScheduler,
    "deis": diffusers.DEISMultistepScheduler, "unipc": diffusers.UniPCMultistepScheduler,
    "dpm-multi": diffusers.DPMSolverMultistepScheduler,
    "dpm-single": diffusers.DPMSolverSinglestepScheduler, "dpm-sde": diffusers.DPMSolverSDEScheduler,
    "sasolver": diffusers.SASolverScheduler, "ddim-inverse": diffusers.DDIMInverseScheduler,
    "dpm-multi-inverse": diffusers.DPMSolverMultistepInverseScheduler,
    "cm": diffusers.CMStochasticIterativeScheduler, "edm-dpm": diffusers.EDMDPMSolverMultistepScheduler,
    "edm-euler": diffusers.EDMEulerScheduler, "flow-euler": diffusers.FlowMatchEulerDiscreteScheduler,
    "flow-heun": diffusers.FlowMatchHeunDiscreteScheduler, "ipndm": diffusers.IPNDMScheduler,
    "unclip": diffusers.UnCLIPScheduler,
    **variance_exploding.CLASSES,
}
OPTIONS = {cls.__name__: cls._get_init_keys(cls) for cls in CLASSES.values()}
NAMES = [cls.__name__ for cls in CLASSES.values()]
TARGETS = ["DDIMScheduler"] + NAMES
STABLE = {
    "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085, "num_train_timesteps": 1000,
    "trained_betas": None}
# Files as on the Hub, and files with nothing but their class.
FILES = [
    {"_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", **STABLE, "clip_sample": False,
     "set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1},
    {"_class_name": "DDIMScheduler", "_diffusers_version": "0.8.0", **STABLE, "clip_sample": False,
     "prediction_type": "v_prediction", "set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1},
    {"_class_name": "EulerDiscreteScheduler", "_diffusers_version": "0.19.0", **STABLE, "clip_sample": False,
     "interpolation_type": "linear", "prediction_type": "epsilon", "sample_max_value": 1.0, "set_alpha_to_one": False,
     "skip_prk_steps": True, "steps_offset": 1, "timestep_spacing": "leading", "use_karras_sigmas": False},
    {"_class_name": "EulerDiscreteScheduler", "_diffusers_version": "0.42.1", "sigma_max": 700.0, "sigma_min": 0.002,
     "timestep_type": "continuous", "prediction_type": "v_prediction", "use_karras_sigmas": True,
     "rescale_betas_zero_snr": False},
    {"_class_name": "DPMSolverMultistepScheduler", "_diffusers_version": "0.30.0", **STABLE, "algorithm_type":
     "dpmsolver++", "use_karras_sigmas": True, "solver_order": 2, "thresholding": False, "sample_max_value": 2.0,
     "final_sigmas_type": "zero", "lower_order_final": True, "variance_type": None},
    {"_class_name": "UniPCMultistepScheduler", "_diffusers_version": "0.30.0", **STABLE, "solver_type": "bh2",
     "timestep_spacing": "linspace", "thresholding": True, "dynamic_thresholding_ratio": 0.9},
    {"_class_name": "DDPMScheduler", "_diffusers_version": "0.1.1", "beta_end": 0.02, "beta_schedule": "linear",
     "beta_start": 0.0001, "clip_sample": True, "num_train_timesteps": 1000, "trained_betas": None,
     "variance_type": "fixed_large"},
    {"_class_name": "DDPMScheduler", "beta_schedule": "sigmoid", "variance_type": "learned_range"},
    {"_class_name": "DDPMScheduler", "num_train_timesteps": 3, "trained_betas": [0.1, 0.25, 0.5]},
    {"_class_name": "EulerAncestralDiscreteScheduler", **STABLE, "steps_offset": 1, "prediction_type": "v_prediction"},
    {"_class_name": "LMSDiscreteScheduler", **STABLE, "timestep_spacing": "trailing"},
    {"_class_name": "HeunDiscreteScheduler", **STABLE, "clip_sample_range": 2.0, "use_exponential_sigmas": True},
    {"_class_name": "DEISMultistepScheduler", **STABLE, "prediction_type": "sample"},
] + [
    {"_class_name": name} for name in TARGETS + ["DPMSolverMultistepScheduler", "UniPCMultistepScheduler"]
]

NOISE = {"algorithm_type": "sde-dpmsolver", "final_sigmas_type": "sigma_min"}
# Class, configuration, and the number of steps and the channels of the model output for the later stages.
REFUSALS = [
    (name, config, steps, channels)
    for name in NAMES
    for config, steps, channels in [
        ({"beta_schedule": "cosine"}, None, 3), ({"beta_schedule": "sigmoid"}, None, 3),
        ({"beta_schedule": "laplace"}, None, 3), ({"timestep_spacing": "log"}, 4, 3),
        ({"prediction_type": "flow"}, 4, 3), ({"prediction_type": "sample"}, 4, 3), ({}, 0, 3), ({}, -1, 3),
        ({}, 1001, 3), ({"timestep_spacing": "trailing"}, 1001, 3), ({"timestep_spacing": "linspace"}, 1001, 3),
        ({}, 1, 3), ({}, 2, 3), ({}, 3, 3), ({}, 4, 6),
        ({"beta_start": -0.01, "beta_schedule": "scaled_linear"}, None, 3),
    ]
    # Some have no such option.
    if OPTIONS[name].issuperset(config)
] + [
    ("CMStochasticIterativeScheduler", {}, 41, 3), ("CMStochasticIterativeScheduler", {}, 40, 3),
    ("CMStochasticIterativeScheduler", {"rho": 0.0}, None, 3),
    ("DPMSolverSDEScheduler", {"noise_sampler_seed": -1}, 4, 3),
    ("DPMSolverSDEScheduler", {"noise_sampler_seed": 3}, 4, 3), ("DPMSolverSDEScheduler", {"noise_sampler_seed": -1}, 1, 3),
    ("DPMSolverSDEScheduler", {"use_karras_sigmas": True, "use_beta_sigmas": True}, None, 3),
    ("EDMDPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver"}, None, 3),
    ("EDMDPMSolverMultistepScheduler", {"algorithm_type": "deis"}, None, 3),
    ("EDMDPMSolverMultistepScheduler", {"solver_type": "other"}, None, 3),
    ("EDMDPMSolverMultistepScheduler", {"sigma_schedule": "other"}, None, 3),
    ("EDMDPMSolverMultistepScheduler", {"sigma_schedule": "exponential", "sigma_min": 0.0}, 4, 3),
    ("EDMDPMSolverMultistepScheduler", {"final_sigmas_type": "other"}, 4, 3),
    ("EDMDPMSolverMultistepScheduler", {"solver_order": 0}, 4, 3),
    ("EDMDPMSolverMultistepScheduler", {"solver_order": 6}, 20, 3),
    ("EDMDPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}, 20, 3),
    ("EDMDPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}, 3, 3),
    ("EDMDPMSolverMultistepScheduler", {"thresholding": True, "dynamic_thresholding_ratio": 1.5}, 4, 3),
    ("EDMDPMSolverMultistepScheduler", {"rho": 0.0}, None, 3),
    ("EDMEulerScheduler", {"sigma_schedule": "other"}, None, 3),
    ("EDMEulerScheduler", {"final_sigmas_type": "other"}, None, 3),
    ("EDMEulerScheduler", {"sigma_schedule": "exponential", "sigma_min": 0.0}, None, 3),
    ("EDMEulerScheduler", {"rho": 0.0}, None, 3),
    ("FlowMatchEulerDiscreteScheduler", {"use_karras_sigmas": True, "use_beta_sigmas": True}, None, 3),
    ("FlowMatchEulerDiscreteScheduler", {"use_dynamic_shifting": True}, 4, 3),
    ("FlowMatchEulerDiscreteScheduler", {"time_shift_type": "other"}, None, 3),
    ("FlowMatchEulerDiscreteScheduler", {"shift": 0.0, "use_exponential_sigmas": True}, 4, 3),
    ("UnCLIPScheduler", {"prediction_type": "v_prediction"}, 4, 3),
] + [
    ("UnCLIPScheduler", {"variance_type": variance}, 4, channels)
    for variance in ("fixed_small", "fixed_small_log", "fixed_large", "learned", "learned_range", None)
    for channels in (3, 6)
] + [
    ("DDPMScheduler", {"variance_type": "other"}, 4, 3), ("DDPMScheduler", {"variance_type": "learned"}, 4, 3),
    ("DDPMScheduler", {"variance_type": "learned_range"}, 4, 3), ("DDPMScheduler", {"variance_type": "learned"}, 4, 6),
    ("DDPMScheduler", {"variance_type": "learned_range"}, 4, 6),
    ("DDPMScheduler", {"thresholding": True, "dynamic_thresholding_ratio": 1.5}, 4, 3),
    ("DDPMScheduler", {"steps_offset": 999}, 4, 3),
    ("EulerDiscreteScheduler", {"use_karras_sigmas": True, "use_beta_sigmas": True}, None, 3),
    ("EulerDiscreteScheduler", {"use_exponential_sigmas": True, "use_beta_sigmas": True}, None, 3),
    ("EulerDiscreteScheduler", {"interpolation_type": "cubic"}, 4, 3),
    ("EulerDiscreteScheduler", {"final_sigmas_type": "one"}, 4, 3),
    ("EulerDiscreteScheduler", {"timestep_type": "other"}, 4, 3),
    ("EulerDiscreteScheduler", {"use_karras_sigmas": True, "sigma_max": 500.0}, 12, 3),
    ("EulerDiscreteScheduler", {"use_exponential_sigmas": True, "sigma_min": 0.0}, 4, 3),
    ("LCMScheduler", {"original_inference_steps": 4}, 5, 3), ("LCMScheduler", {"original_inference_steps": 1001}, 5, 3),
    ("LCMScheduler", {"original_inference_steps": 0}, 5, 3), ("LCMScheduler", {}, 51, 3), ("TCDScheduler", {}, 51, 3),
    ("DEISMultistepScheduler", {"solver_type": "other"}, None, 3),
    ("DEISMultistepScheduler", {"solver_type": "heun"}, 4, 3),
    ("DEISMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}, None, 3),
    ("DEISMultistepScheduler", {"algorithm_type": "dpmsolver++"}, 4, 3),
    ("DEISMultistepScheduler", {"use_karras_sigmas": True, "use_beta_sigmas": True}, None, 3),
    ("DEISMultistepScheduler", {"solver_order": 0}, 4, 3), ("DEISMultistepScheduler", {"solver_order": 6}, 20, 3),
    ("DEISMultistepScheduler", {"prediction_type": "flow_prediction"}, 4, 3),
    ("DEISMultistepScheduler", {"thresholding": True, "dynamic_thresholding_ratio": 1.5}, 4, 3),
    ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver"}, None, 3),
    ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver"}, None, 3),
    ("DPMSolverMultistepScheduler", {"algorithm_type": "other"}, None, 3),
    ("DPMSolverMultistepScheduler", {"algorithm_type": "deis"}, None, 3),
    ("DPMSolverMultistepScheduler", {"solver_type": "other"}, None, 3),
    ("DPMSolverMultistepScheduler", {"final_sigmas_type": "other"}, 4, 3),
    ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True, "use_exponential_sigmas": True}, None, 3),
    ("DPMSolverMultistepScheduler", {"solver_order": 0}, 4, 3), ("DPMSolverMultistepScheduler", {"solver_order": 3}, 20, 3),
    ("DPMSolverMultistepScheduler", {"solver_order": 5}, 20, 3),
    ("DPMSolverMultistepScheduler", {**NOISE, "solver_order": 3}, 20, 3),
    ("DPMSolverMultistepScheduler", {**NOISE, "solver_order": 3}, 3, 3),
    ("DPMSolverMultistepScheduler", {**NOISE, "solver_order": 2}, 20, 3),
    ("DPMSolverMultistepScheduler", {**NOISE, "prediction_type": "flow_prediction"}, 4, 3),
    ("DPMSolverMultistepScheduler", {"prediction_type": "flow_prediction"}, 4, 3),
    ("DPMSolverMultistepScheduler", {"variance_type": "learned"}, 4, 6),
    ("DPMSolverMultistepScheduler", {"variance_type": "learned"}, 4, 3),
    ("DPMSolverMultistepScheduler", {"variance_type": "fixed_small"}, 4, 6),
    ("DPMSolverMultistepScheduler", {"variance_type": "learned", "prediction_type": "sample"}, 4, 6),
    ("DPMSolverMultistepScheduler", {"thresholding": True, "dynamic_thresholding_ratio": 1.5}, 4, 3),
    ("DPMSolverMultistepScheduler", {"steps_offset": 999, "timestep_spacing": "leading"}, 4, 3),
    ("UniPCMultistepScheduler", {"solver_type": "other"}, None, 3),
    ("UniPCMultistepScheduler", {"solver_type": "heun"}, 4, 3),
    ("UniPCMultistepScheduler", {"final_sigmas_type": "other"}, 4, 3),
    ("UniPCMultistepScheduler", {"use_karras_sigmas": True, "use_beta_sigmas": True}, None, 3),
    ("UniPCMultistepScheduler", {"use_dynamic_shifting": True}, 4, 3),
    ("UniPCMultistepScheduler", {"shift_terminal": 0.02}, None, 3),
    ("UniPCMultistepScheduler", {"solver_order": 0}, 4, 3), ("UniPCMultistepScheduler", {"solver_order": 6}, 20, 3),
    ("UniPCMultistepScheduler", {"solver_order": 3, "lower_order_final": False}, 6, 3),
    ("UniPCMultistepScheduler", {"solver_order": 2, "lower_order_final": False}, 6, 3),
    ("UniPCMultistepScheduler", {"solver_type": "bh1"}, 6, 3),
    ("UniPCMultistepScheduler", {"predict_x0": False, "prediction_type": "flow_prediction"}, 4, 3),
    ("UniPCMultistepScheduler", {"predict_x0": False}, 4, 3),
    ("UniPCMultistepScheduler", {"thresholding": True, "dynamic_thresholding_ratio": 1.5}, 4, 3),
    ("UniPCMultistepScheduler", {"use_exponential_sigmas": True, "sigma_min": 0.0}, 4, 3),
    ("DPMSolverSinglestepScheduler", {"algorithm_type": "dpmsolver"}, None, 3),
    ("DPMSolverSinglestepScheduler", {"algorithm_type": "sde-dpmsolver", "final_sigmas_type": "sigma_min"}, 4, 3),
    ("DPMSolverSinglestepScheduler", {"algorithm_type": "deis"}, None, 3),
    ("DPMSolverSinglestepScheduler", {"solver_type": "other"}, None, 3),
    ("DPMSolverSinglestepScheduler", {"final_sigmas_type": "other"}, 4, 3),
    ("DPMSolverSinglestepScheduler", {"use_karras_sigmas": True, "use_exponential_sigmas": True}, None, 3),
    ("DPMSolverSinglestepScheduler", {"solver_order": 0}, None, 3), ("DPMSolverSinglestepScheduler", {"solver_order": 4}, None, 3),
    ("DPMSolverSinglestepScheduler", {"solver_order": 3}, 20, 3), ("DPMSolverSinglestepScheduler", {"solver_order": 3}, 2, 3),
    ("DPMSolverSinglestepScheduler",
     {"algorithm_type": "dpmsolver", "final_sigmas_type": "sigma_min", "prediction_type": "flow_prediction"}, 4, 3),
    ("DPMSolverSinglestepScheduler",
     {"algorithm_type": "dpmsolver", "final_sigmas_type": "sigma_min", "thresholding": True}, 4, 3),
    ("DPMSolverSinglestepScheduler", {"variance_type": "learned"}, 4, 6),
    ("DPMSolverSinglestepScheduler", {"thresholding": True, "dynamic_thresholding_ratio": 1.5}, 4, 3),
    ("SASolverScheduler", {"algorithm_type": "other"}, None, 3),
    ("SASolverScheduler", {"use_karras_sigmas": True, "use_exponential_sigmas": True}, None, 3),
    ("SASolverScheduler", {"predictor_order": 0}, 4, 3), ("SASolverScheduler", {"corrector_order": 0}, 4, 3),
    ("SASolverScheduler", {"predictor_order": 5}, 20, 3), ("SASolverScheduler", {"corrector_order": 5}, 20, 3),
    ("SASolverScheduler", {"predictor_order": 4, "corrector_order": 4}, 20, 3),
    ("SASolverScheduler", {"predictor_order": 5, "corrector_order": 5}, 3, 3),
    ("SASolverScheduler", {"algorithm_type": "noise_prediction", "prediction_type": "flow_prediction"}, 4, 3),
    ("SASolverScheduler", {"algorithm_type": "noise_prediction", "thresholding": True}, 4, 3),
    ("SASolverScheduler", {"variance_type": "learned"}, 4, 6),
    ("SASolverScheduler", {"thresholding": True, "dynamic_thresholding_ratio": 1.5}, 4, 3),
    ("DDIMInverseScheduler", {"steps_offset": 999}, 4, 3), ("DDIMInverseScheduler", {"steps_offset": 1}, 1000, 3),
    ("DDIMInverseScheduler", {"thresholding": True}, 4, 3), ("DDIMInverseScheduler", {"set_alpha_to_one": False}, 4, 3),
    ("DPMSolverMultistepInverseScheduler", {"algorithm_type": "dpmsolver"}, 4, 3),
    ("DPMSolverMultistepInverseScheduler", {"algorithm_type": "other"}, None, 3),
    ("DPMSolverMultistepInverseScheduler", {"algorithm_type": "deis"}, 4, 3),
    ("DPMSolverMultistepInverseScheduler", {"solver_type": "other"}, None, 3),
    ("DPMSolverMultistepInverseScheduler", {"use_karras_sigmas": True, "use_exponential_sigmas": True}, None, 3),
    ("DPMSolverMultistepInverseScheduler", {"solver_order": 0}, 4, 3),
    ("DPMSolverMultistepInverseScheduler", {"solver_order": 5}, 20, 3),
    ("DPMSolverMultistepInverseScheduler", {"algorithm_type": "sde-dpmsolver", "solver_order": 3}, 20, 3),
    ("DPMSolverMultistepInverseScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}, 20, 3),
    ("DPMSolverMultistepInverseScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 2}, 20, 3),
    ("DPMSolverMultistepInverseScheduler", {"prediction_type": "flow_prediction"}, 4, 3),
    ("DPMSolverMultistepInverseScheduler", {"algorithm_type": "dpmsolver", "prediction_type": "flow_prediction"}, 4, 3),
    ("DPMSolverMultistepInverseScheduler", {"variance_type": "learned"}, 4, 6),
    ("DPMSolverMultistepInverseScheduler", {"thresholding": True, "dynamic_thresholding_ratio": 1.5}, 4, 3),
    ("KarrasVeScheduler", {"sigma_max": 0.0}, 4, 3), ("KarrasVeScheduler", {"sigma_min": 0.0}, 4, 3),
    ("KarrasVeScheduler", {"sigma_max": -2.0}, 4, 3), ("KarrasVeScheduler", {"s_churn": -1.0}, 4, 3),
    ("ScoreSdeVeScheduler", {"sigma_min": 0.0}, None, 3), ("ScoreSdeVeScheduler", {"sigma_max": 0.0}, None, 3),
    ("ScoreSdeVeScheduler", {"sigma_min": -0.5}, None, 3), ("ScoreSdeVeScheduler", {"sigma_max": -0.5}, None, 3),
    ("ScoreSdeVeScheduler", {"sigma_min": 2.0, "sigma_max": 1.0}, 4, 3),
    ("ScoreSdeVeScheduler", {"sampling_eps": 0.0}, 4, 3), ("ScoreSdeVeScheduler", {"sampling_eps": -0.5}, 4, 3),
    ("ScoreSdeVeScheduler", {"sampling_eps": -1.0}, 4, 3), ("ScoreSdeVeScheduler", {"sampling_eps": -1.5}, 4, 3),
    ("ScoreSdeVeScheduler", {"sampling_eps": 1.5}, 4, 3), ("ScoreSdeVeScheduler", {"correct_steps": -1}, 4, 3),
    ("ScoreSdeVeScheduler", {"correct_steps": 0}, 4, 3), ("ScoreSdeVeScheduler", {"snr": -1.0}, 4, 3),
    ("PNDMScheduler", {"skip_prk_steps": True}, 1, 3), ("PNDMScheduler", {"skip_prk_steps": True}, 1001, 3),
    ("PNDMScheduler", {"steps_offset": 999}, 12, 3),
]

SOURCE = "huggingface/diffusers, tests/schedulers/test_scheduler_"
# Where a test file is not named after the short name.
FILES_OF_TESTS = {"cm": "consistency_model", "edm-dpm": "edm_dpmsolver_multistep"}
# What the tests of EulerDiscrete and SASolver set.
EULER = {"num_train_timesteps": 1100}
# What the tests of the classes with two model calls in a step set.
STANDARD = {**EULER, "beta_start": 0.0001, "beta_end": 0.02}
# What those of DPMSolverSDE set.
SDE = {**STANDARD, "noise_sampler_seed": 0}
# What the tests of DPMSolverMultistep set.
DPM = {"lower_order_final": False, "final_sigmas_type": "sigma_min"}
# What the tests of DPMSolverSinglestep and UniPCMultistep set.
SINGLE = UNIPC = {"final_sigmas_type": "sigma_min"}
# What the tests of DPMSolverMultistepInverse set.
INVERSE = {"lower_order_final": False}
# What the tests of CMStochasticIterative set.
CM = {"num_train_timesteps": 201}
# Class, test, configuration, steps (None: set_timesteps is not called), first step, sum (None: not published), mean,
# and what else a loop differs in:
# - scales: what scale_model_input is for: "sample", which the step gets as well, "input" for the model's alone, or
#   "nothing", which leaves out init_noise_sigma too
# - schedule: the arguments of set_timesteps
# - repeats: how often the loop is taken, with the history of the time before
# - tolerance: that of the mean
LOOPS = [
    ("cm", "test_full_loop_no_noise_onestep", CM, 1, None, 192.7614, 0.2510, {"scales": "input"}),
    ("cm", "test_full_loop_no_noise_multistep", CM, None, None, 347.6357, 0.4527,
     {"scales": "input", "schedule": {"timesteps": [106, 0]}}),
    ("edm-dpm", "test_full_loop_no_noise", DPM, 10, None, None, 0.0001, {"scales": "nothing"}),
    ("edm-dpm", "test_full_loop_with_noise", DPM, 10, 5, 8.1661, 0.0106, {"scales": "nothing"}),
    ("edm-dpm", "test_full_loop_no_noise_thres",
     {**DPM, "thresholding": True, "dynamic_thresholding_ratio": 0.87, "sample_max_value": 0.5}, 10, None, None, 0.0080,
     {"scales": "nothing"}),
    ("edm-dpm", "test_full_loop_with_v_prediction", {**DPM, "prediction_type": "v_prediction"}, 10, None, None, 0.0092,
     {"scales": "nothing"}),
    ("edm-euler", "test_full_loop_no_noise", {"num_train_timesteps": 256}, 10, None, 34.1855, 0.044,
     {"scales": "input"}),
    ("ipndm", "test_full_loop_no_noise", {}, 10, None, None, 2540529, {"repeats": 2, "tolerance": 10}),
    ("unclip", "test_full_loop", {}, None, None, 252.2682495, 0.3284743),
    ("unclip", "test_full_loop_skip_timesteps", {}, 25, None, 258.2044983, 0.3362038),
    ("ddpm", "test_full_loop_no_noise", {}, None, None, 258.9606, 0.3372),
    ("ddpm", "test_full_loop_with_v_prediction", {"prediction_type": "v_prediction"}, None, None, 202.0296, 0.2631),
    ("ddpm", "test_full_loop_with_noise", {}, None, 998, 387.9466, 0.5051),
    ("deis", "test_full_loop_no_noise", {}, 10, None, None, 0.23916),
    ("deis", "test_full_loop_with_v_prediction", {"prediction_type": "v_prediction"}, 10, None, None, 0.091),
    ("deis", "test_full_loop_with_noise", {}, 10, 8, 315.3016, 0.41054),
    ("ddim-inverse", "test_full_loop_no_noise", {}, 10, None, 671.6816, 0.8746),
    ("ddim-inverse", "test_full_loop_with_v_prediction", {"prediction_type": "v_prediction"}, 10, None, 1394.2185, 1.8154),
    ("ddim-inverse", "test_full_loop_with_set_alpha_to_one", {"set_alpha_to_one": True, "beta_start": 0.01}, 10, None,
     539.9622, 0.7031),
    ("ddim-inverse", "test_full_loop_with_no_set_alpha_to_one", {"set_alpha_to_one": False, "beta_start": 0.01}, 10, None,
     542.6722, 0.7066),
    ("dpm-multi-inverse", "test_full_loop_no_noise", INVERSE, 10, None, None, 0.7047),
    ("dpm-multi-inverse", "test_full_loop_no_noise_thres",
     {**INVERSE, "thresholding": True, "dynamic_thresholding_ratio": 0.87, "sample_max_value": 0.5}, 10, None, None,
     19.8933),
    ("dpm-multi-inverse", "test_full_loop_with_v_prediction", {**INVERSE, "prediction_type": "v_prediction"}, 10, None,
     None, 1.5194),
    ("dpm-multi", "test_full_loop_no_noise", DPM, 10, None, None, 0.3301),
    ("dpm-multi", "test_full_loop_no_noise_thres",
     {**DPM, "thresholding": True, "dynamic_thresholding_ratio": 0.87, "sample_max_value": 0.5}, 10, None, None, 1.1364),
    ("dpm-multi", "test_full_loop_with_v_prediction", {**DPM, "prediction_type": "v_prediction"}, 10, None, None, 0.2251),
    ("dpm-single", "test_full_loop_no_noise", SINGLE, 10, None, None, 0.2791),
    ("dpm-single", "test_full_loop_with_v_prediction", {**SINGLE, "prediction_type": "v_prediction"}, 10, None, None, 0.1453),
    ("dpm-sde", "test_full_loop_no_noise", SDE, 10, None, 162.52383422851562, 0.211619570851326),
    ("dpm-sde", "test_full_loop_with_v_prediction", {**SDE, "prediction_type": "v_prediction"}, 10, None,
     119.8487548828125, 0.1560530662536621),
    ("dpm-sde", "test_full_loop_device_karras_sigmas", {**SDE, "use_karras_sigmas": True}, 10, None,
     170.3135223388672, 0.23003872730981811, {"tolerance": 1e-2}),
    ("euler", "test_full_loop_no_noise", EULER, 10, None, 10.0807, 0.0131),
    ("euler", "test_full_loop_with_v_prediction", {**EULER, "prediction_type": "v_prediction"}, 10, None, 0.0002,
     2.2676e-06),
    ("euler", "test_full_loop_device_karras_sigmas", {**EULER, "use_karras_sigmas": True}, 10, None,
     124.52299499511719, 0.16213932633399963),
    ("euler", "test_full_loop_with_noise", EULER, 10, 8, 57062.9297, 74.3007),
    ("euler-ancestral", "test_full_loop_no_noise", EULER, 10, None, 152.3192, 0.1983),
    ("euler-ancestral", "test_full_loop_with_v_prediction", {**EULER, "prediction_type": "v_prediction"}, 10, None,
     108.4439, 0.1412),
    ("euler-ancestral", "test_full_loop_with_noise", EULER, 10, 8, 56163.0508, 73.1290),
    ("heun", "test_full_loop_no_noise", STANDARD, 10, None, 0.1233, 0.0002),
    ("heun", "test_full_loop_with_noise", STANDARD, 10, 16, 75074.8906, 97.7538),
    ("kdpm2", "test_full_loop_no_noise", STANDARD, 10, None, 20.4125, 0.0266),
    ("kdpm2", "test_full_loop_with_noise", STANDARD, 10, 16, 70408.4062, 91.6776),
    ("kdpm2-ancestral", "test_full_loop_no_noise", STANDARD, 10, None, 13979.9433, 18.2030),
    ("kdpm2-ancestral", "test_full_loop_with_v_prediction", {**STANDARD, "prediction_type": "v_prediction"}, 10, None,
     331.8133, 0.4320),
    ("kdpm2-ancestral", "test_full_loop_with_noise", STANDARD, 10, 16, 93087.3437, 121.2074),
    ("lcm", "test_full_loop_onestep", {}, 1, None, 18.7097, 0.0244),
    ("lcm", "test_full_loop_multistep", {}, 10, None, 197.7616, 0.2575),
    ("lms", "test_full_loop_no_noise", EULER, 10, None, 1006.388, 1.31),
    ("lms", "test_full_loop_with_v_prediction", {**EULER, "prediction_type": "v_prediction"}, 10, None, 0.0017, 2.2676e-06),
    ("lms", "test_full_loop_device_karras_sigmas", {**EULER, "use_karras_sigmas": True}, 10, None, 3812.9927, 4.9648),
    ("lms", "test_full_loop_with_noise", EULER, 10, 8, 27663.6895, 36.0204),
    ("score-sde-ve", "test_full_loop_no_noise", {}, 3, None, 14372758528.0, 18714530.0),
    ("tcd", "test_full_loop_onestep_deter", {}, 1, None, 29.8715, 0.0389),
    ("tcd", "test_full_loop_multistep_deter", {}, 10, None, 181.2040, 0.2359),
    ("pndm", "test_full_loop_no_noise", {}, 10, None, 198.1318, 0.2580),
    ("pndm", "test_full_loop_with_v_prediction", {"prediction_type": "v_prediction"}, 10, None, 67.3986, 0.0878),
    ("pndm", "test_full_loop_with_set_alpha_to_one", {"set_alpha_to_one": True, "beta_start": 0.01}, 10, None, 230.0399,
     0.2995),
    ("sasolver", "test_full_loop_device", EULER, 10, None, 337.394287109375, 0.43931546807289124),
    ("sasolver", "test_full_loop_device_karras_sigmas", {**EULER, "use_karras_sigmas": True}, 10, None, 837.2554931640625,
     1.0901764631271362),
    ("unipc", "test_full_loop_no_noise", UNIPC, 10, None, None, 0.2464),
    ("unipc", "test_full_loop_with_v_prediction", {**UNIPC, "prediction_type": "v_prediction"}, 10, None, None, 0.1014),
    ("unipc", "test_full_loop_with_karras", {**UNIPC, "use_karras_sigmas": True}, 10, None, None, 0.2925),
    ("unipc", "test_full_loop_with_karras_and_v_prediction",
     {**UNIPC, "use_karras_sigmas": True, "prediction_type": "v_prediction"}, 10, None, None, 0.1966),
    ("unipc", "test_full_loop_with_noise", UNIPC, 10, 8, 315.5757, 0.4109),
    ("pndm", "test_full_loop_with_no_set_alpha_to_one", {"set_alpha_to_one": False, "beta_start": 0.01}, 10, None,
     186.9482, 0.2434),
]


def finite(value):
    """The same with the names of infinities, which JSON lacks."""
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def lines(value):
    """JSON with one line for each entry of the outer lists."""
    def text(entry):
        return json.dumps(finite(entry), separators=(",", ":"))

    if isinstance(value, list):
        return "[\n" + ",\n".join(text(entry) for entry in value) + "\n]\n"
    parts = []
    for key, part in value.items():
        is_list = isinstance(part, list) and part and isinstance(part[0], dict)
        parts.append(f"{text(key)}:{lines(part).rstrip()}" if is_list else f"{text(key)}:{text(part)}")
    return "{" + ",\n".join(parts) + "}\n"


def failure(error):
    return {"error": type(error).__name__, "message": str(error)}


def conversion(file, target):
    """The configuration that a class derives from a file, through the file's own class."""
    case = {"from": file["_class_name"], "to": target, "json": file}
    cls = getattr(diffusers, target)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "scheduler_config.json").write_text(json.dumps(file))
        try:
            config = cls.from_config(getattr(diffusers, file["_class_name"]).from_pretrained(folder).config).config
        except Exception as error:
            return {**case, **failure(error)}
        keys = sorted(cls._get_init_keys(cls) - {"self", "kwargs"})
        made = {key: config[key] for key in keys}
        # Opening the folder with the class itself gives the same.
        direct = cls.from_pretrained(folder).config
        assert made == {key: direct[key] for key in keys}, (file, target)
    return {**case, "config": made}


def refusal(name, config, steps, channels):
    """The stage that refuses a configuration: creating the scheduler, setting its timesteps, or a step."""
    case = {"class": name, "config": config, "steps": steps, "output_channels": channels, "when": "init"}
    sample, output = torch.ones(1, 3, 2, 2), torch.full((1, channels, 2, 2), 0.5)
    try:
        scheduler = getattr(diffusers, name)(**config)
        if steps is not None:
            case["when"] = "set_timesteps"
            several = isinstance(scheduler, tuple(variance_exploding.CLASSES.values()))
            variance_exploding.begin(scheduler, steps) if several else scheduler.set_timesteps(steps)
            case["when"] = "step"
            if several:
                for index in range(len(scheduler.timesteps)):
                    sample = variance_exploding.take(
                        scheduler, index, sample, lambda *_: output, torch.Generator().manual_seed(0))
                return {**case, "when": None, "error": None, "message": None, "finite": bool(sample.isfinite().all())}
            for timestep in scheduler.timesteps:
                if hasattr(scheduler, "scale_model_input"):
                    scheduler.scale_model_input(sample, timestep)
                sample = scheduler.step(output, timestep, sample).prev_sample
    except Exception as error:
        return {**case, **failure(error)}
    return {**case, "when": None, "error": None, "message": None, "finite": bool(torch.isfinite(sample).all())}


def model(sample, timestep):
    """dummy_model of Diffusers' tests."""
    return sample * timestep / (timestep + 1)


def loop(name, test, config, steps, first, expected_sum, expected_mean, more={}):
    """A full loop of Diffusers' tests, and that it gives what they publish."""
    if name in variance_exploding.CLASSES:
        return loop_of_calls(name, test, config, steps, expected_sum, expected_mean)
    scheduler = CLASSES[name](**config)
    if "schedule" in more:
        scheduler.set_timesteps(**more["schedule"])
    elif steps is not None:
        scheduler.set_timesteps(steps)
    scales = more.get("scales", "sample")
    sample = (torch.arange(768).reshape(3, 8, 8, 4) / 768).permute(3, 0, 1, 2)
    if scales != "nothing":
        sample = sample * scheduler.init_noise_sigma
    generator = torch.Generator().manual_seed(0)
    arguments = inspect.signature(scheduler.step).parameters
    options = {"generator": generator} if "generator" in arguments else {}
    if "eta" in arguments:
        options["eta"] = 0.0
    timesteps = scheduler.timesteps[first or 0:]
    if first is not None:
        # dummy_noise_deter: the same numbers in reverse.
        noise = (torch.arange(768).flip(-1).reshape(3, 8, 8, 4) / 768).permute(3, 0, 1, 2)
        sample = scheduler.add_noise(sample, noise, timesteps[:1])
    for _ in range(more.get("repeats", 1)):
        scheduler._step_index = None
        for index, timestep in enumerate(timesteps):
            # Many of their tests, Euler's too, pass the scaled sample to the step.
            model_input = sample if scales == "nothing" else scheduler.scale_model_input(sample, timestep)
            sample = model_input if scales == "sample" else sample
            if "prev_timestep" in arguments:
                options["prev_timestep"] = (*timesteps[index + 1:index + 2], None)[0]
            sample = scheduler.step(model(model_input, timestep), timestep, sample, **options).prev_sample
    total, mean_tolerance = float(sample.abs().sum()), more.get("tolerance", 1e-3)
    tolerance = 1e-2 if expected_sum else 768 * mean_tolerance
    expected_sum = expected_sum or 768 * expected_mean
    file = FILES_OF_TESTS.get(name, name.replace("-", "_"))
    assert abs(total - expected_sum) < tolerance, (test, total)
    assert abs(float(sample.abs().mean()) - expected_mean) < mean_tolerance, (test, total)
    return {
        "class": CLASSES[name].__name__, "test": test, "source": f"{SOURCE}{file}.py", "config": config,
        "steps": steps, "first": first, "seed": 0, "sum": expected_sum, "mean": expected_mean,
        "sum_tolerance": tolerance, "mean_tolerance": mean_tolerance,
        **{key: value for key, value in more.items() if key != "tolerance"}}


def loop_of_calls(name, test, config, steps, expected_sum, expected_mean):
    """The same for a class whose steps call the model several times; its test begins with the numbers as they are,
    and chooses the noise levels that the model is told before the timesteps: those of the first of all timesteps."""
    scheduler = CLASSES[name](**config)
    scheduler.set_sigmas(steps)
    scheduler.set_timesteps(steps)
    sample = (torch.arange(768).reshape(3, 8, 8, 4) / 768).permute(3, 0, 1, 2)
    generator = torch.Generator().manual_seed(0)
    for index in range(steps):
        sample = variance_exploding.take(scheduler, index, sample, model, generator)
    total, mean = float(sample.abs().sum()), float(sample.abs().mean())
    assert abs(total / expected_sum - 1) < 1e-5 and abs(mean / expected_mean - 1) < 1e-5, (test, total, mean)
    return {
        "class": CLASSES[name].__name__, "test": test, "source": f"{SOURCE}{name.replace('-', '_')}.py",
        "config": config, "steps": steps, "first": None, "seed": 0, "sum": expected_sum, "mean": expected_mean,
        "sum_tolerance": 1e-5 * expected_sum, "mean_tolerance": 1e-5 * expected_mean, "scales": "nothing",
        "told": "training"}


def main(folder):
    """Writes the three files into `folder`/schedulers."""
    diffusers.logging.set_verbosity_error()
    target = Path(folder) / "schedulers"
    conversions = [conversion(file, name) for file in FILES for name in TARGETS if file["_class_name"] != name]
    (target / "conversions.json").write_text(lines(conversions))
    (target / "errors.json").write_text(lines([refusal(*case) for case in REFUSALS]))
    (target / "published-loops.json").write_text(lines([loop(*case) for case in LOOPS]))


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
