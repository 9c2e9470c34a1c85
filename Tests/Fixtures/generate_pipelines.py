"""Pipeline fixtures: whole runs of DDIMPipeline with the models from generate_unet.py, of Diffusers' own test, and of
the demo; and of ConsistencyModelPipeline, ScoreSdeVePipeline and KarrasVePipeline with one of these models.

`pipelines/runs.json` lists the runs; `pipelines/<run>.safetensors` holds `images` (the result with `output_type="np"`,
[batch, height, width, channels]) and `prev_sample` (the last step's, [batch, channels, height, width], not clamped).
`pipelines/published` is the pipeline of Diffusers' tests/pipelines/ddim/test_ddim.py.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # Torch's sums differ between instruction sets; before torch is imported.

import json
import pathlib
import shutil

import numpy as np
import torch
from diffusers import (
    CMStochasticIterativeScheduler, ConsistencyModelPipeline, DDIMPipeline, DDIMScheduler, KarrasVePipeline,
    KarrasVeScheduler, ScoreSdeVePipeline, ScoreSdeVeScheduler, UNet2DModel)
from safetensors.torch import save_file

# name: (folder, seeds, batch size, steps, eta). One seed: one generator; several: a list of generators.
RUNS = {
    "two-levels": ("unet/two-levels", [0], 1, 10, 0.0),
    "two-levels-eta": ("unet/two-levels", [42], 2, 10, 1.0),
    "two-levels-generators": ("unet/two-levels", [42, 0], 2, 10, 0.5),
    "v-prediction": ("unet/middle-scale", [0], 1, 10, 0.0),
    "v-prediction-batch": ("unet/middle-scale", [42], 2, 10, 0.5),
    "not-clipped": ("unet/four-levels", [0, 42], 2, 10, 0.0),
    "not-clipped-eta": ("unet/four-levels", [0], 1, 10, 1.0),
    "trailing": ("unet/three-levels", [42], 1, 10, 0.5),
    "flat-ddpm": ("unet/flat-ddpm", [0], 2, 10, 0.0),
    "flat-ddpm-eta": ("unet/flat-ddpm", [42], 1, 10, 1.0),
    "float16": ("unet/float16", [0], 1, 10, 0.0),
    "published": ("pipelines/published", [0], 1, 2, 0.0),
    "demo": ("../../Sources/DemoModel/ddpm-emoji-32", [0], 1, 10, 0.0),
    "demo-50": ("../../Sources/DemoModel/ddpm-emoji-32", [0], 1, 50, 0.0),
}
# name: (class, network, scheduler): few noise levels, so that no image is saturated, where steps call the model several
# times.
PIPELINES = {
    "consistency": (ConsistencyModelPipeline, "scale-shift", CMStochasticIterativeScheduler()),
    "score-sde-ve": (
        ScoreSdeVePipeline, "two-levels", ScoreSdeVeScheduler(sigma_max=0.6, snr=0.01, correct_steps=2)),
    "karras-ve": (KarrasVePipeline, "two-levels", KarrasVeScheduler(sigma_min=0.2, sigma_max=0.9)),
}
# name: (pipeline, seeds, batch size, steps, timesteps). With timesteps, the number of steps does not count.
PIPELINE_RUNS = {
    "consistency-onestep": ("consistency", [0], 1, 1, None),
    "consistency-multistep": ("consistency", [42], 2, 1, [22, 0]),
    "consistency-generators": ("consistency", [42, 0], 2, 4, None),
    "score-sde-ve": ("score-sde-ve", [0], 1, 10, None), "score-sde-ve-batch": ("score-sde-ve", [42], 2, 7, None),
    "karras-ve": ("karras-ve", [0], 1, 10, None), "karras-ve-generators": ("karras-ve", [42, 0], 2, 7, None),
}

# image[0, -3:, -3:, -1] of Diffusers' DDIMPipelineFastTests.test_inference, within 1e-3.
PUBLISHED = [0.0, 9.979e-01, 0.0, 9.999e-01, 9.986e-01, 9.991e-01, 7.106e-04, 0.0, 0.0]


def make_published(folder):
    """The pipeline of Diffusers' fast test, with its weights for seed 0."""
    torch.manual_seed(0)
    unet = UNet2DModel(
        block_out_channels=(4, 8), layers_per_block=1, norm_num_groups=4, sample_size=8, in_channels=3, out_channels=3,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"))
    shutil.rmtree(folder, ignore_errors=True)
    DDIMPipeline(unet=unet, scheduler=DDIMScheduler()).save_pretrained(folder)


def make_pipelines(folder):
    """A folder for each of the pipelines above."""
    for name, (pipeline, network, scheduler) in PIPELINES.items():
        unet = UNet2DModel.from_pretrained(folder / "unet" / network / "unet", low_cpu_mem_usage=False)
        shutil.rmtree(folder / "pipelines" / name, ignore_errors=True)
        # Where it was read from is not kept.
        unet.register_to_config(_name_or_path=None)
        pipeline(unet=unet, scheduler=scheduler).save_pretrained(folder / "pipelines" / name)
        # Diffusers names a module for KarrasVeScheduler where it does not find it again.
        index = folder / "pipelines" / name / "model_index.json"
        index.write_text(index.read_text().replace('"deprecated"', '"diffusers"'))


def run(pipeline, seeds, batch, **options):
    """The pipeline's images, and the sample after its last step."""
    def generators():
        made = [torch.Generator().manual_seed(seed) for seed in seeds]
        return made[0] if len(made) == 1 else made

    left = []

    def recorded(step):
        def recording(*arguments, **options):
            result = step(*arguments, **options)
            left[:] = [getattr(result, "prev_sample_mean", result[0])]
            return result

        return recording

    for name in ("step", "step_pred", "step_correct"):
        if hasattr(pipeline.scheduler, name):
            setattr(pipeline.scheduler, name, recorded(getattr(pipeline.scheduler, name)))
    images = pipeline(batch_size=batch, generator=generators(), output_type="np", **options).images
    return torch.from_numpy(np.ascontiguousarray(images)), left[0].contiguous()


@torch.no_grad()
def main(folder):
    """Writes `folder/pipelines`; `folder/unet` must exist."""
    torch.set_num_threads(1)
    folder = pathlib.Path(folder)
    (folder / "pipelines").mkdir(exist_ok=True)
    make_published(folder / "pipelines" / "published")
    listed = []
    for name, (model, seeds, batch, steps, eta) in RUNS.items():
        pipeline = DDIMPipeline.from_pretrained(folder / model, low_cpu_mem_usage=False)
        pipeline.set_progress_bar_config(disable=True)
        images, prev_sample = run(pipeline, seeds, batch, num_inference_steps=steps, eta=eta)
        inside = ((images > 0) & (images < 1)).float().mean().item()
        largest = prev_sample.abs().max().item()
        print(f"{name}: {inside:.0%} of the values inside [0, 1], largest before the clamp {largest:.2f}")
        if name == "published":
            assert np.abs(images[0, -3:, -3:, -1].flatten().numpy() - PUBLISHED).max() < 1e-3
        else:
            assert inside > 0.3 and largest < 100
        save_file({"images": images, "prev_sample": prev_sample}, folder / "pipelines" / f"{name}.safetensors")
        listed.append(dict(name=name, folder=model, seeds=seeds, batch_size=batch, steps=steps, eta=eta))
    make_pipelines(folder)
    for name, (model, seeds, batch, steps, timesteps) in PIPELINE_RUNS.items():
        pipeline = PIPELINES[model][0].from_pretrained(folder / "pipelines" / model, low_cpu_mem_usage=False)
        pipeline.set_progress_bar_config(disable=True)
        options = {"num_inference_steps": None, "timesteps": timesteps} if timesteps else {"num_inference_steps": steps}
        images, prev_sample = run(pipeline, seeds, batch, **options)
        inside = ((images > 0) & (images < 1)).float().mean().item()
        largest = prev_sample.abs().max().item()
        print(f"{name}: {inside:.0%} of the values inside [0, 1], largest before the clamp {largest:.2f}")
        assert inside > 0.3
        save_file({"images": images, "prev_sample": prev_sample}, folder / "pipelines" / f"{name}.safetensors")
        listed.append(dict(
            name=name, folder=f"pipelines/{model}", seeds=seeds, batch_size=batch, steps=steps, eta=0.0,
            pipeline=PIPELINES[model][0].__name__,
            **({"scheduler_options": {"timesteps": timesteps}} if timesteps else {})))
    (folder / "pipelines" / "runs.json").write_text(json.dumps(listed, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent)
