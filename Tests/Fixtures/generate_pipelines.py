"""DDIMPipeline fixtures: whole runs of the models from generate_unet.py, of Diffusers' own test, and of the demo.

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
from diffusers import DDIMPipeline, DDIMScheduler, UNet2DModel
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


def run(pipeline, seeds, batch, steps, eta):
    """The pipeline's images, and the sample after its last step."""
    def generators():
        made = [torch.Generator().manual_seed(seed) for seed in seeds]
        return made[0] if len(made) == 1 else made

    left = []
    step = pipeline.scheduler.step

    def recorded(*arguments, **options):
        result = step(*arguments, **options)
        left[:] = [result.prev_sample]
        return result

    pipeline.scheduler.step = recorded
    images = pipeline(
        batch_size=batch, generator=generators(), eta=eta, num_inference_steps=steps, output_type="np").images
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
        images, prev_sample = run(pipeline, seeds, batch, steps, eta)
        inside = ((images > 0) & (images < 1)).float().mean().item()
        largest = prev_sample.abs().max().item()
        print(f"{name}: {inside:.0%} of the values inside [0, 1], largest before the clamp {largest:.2f}")
        if name == "published":
            assert np.abs(images[0, -3:, -3:, -1].flatten().numpy() - PUBLISHED).max() < 1e-3
        else:
            assert inside > 0.3 and largest < 100
        save_file({"images": images, "prev_sample": prev_sample}, folder / "pipelines" / f"{name}.safetensors")
        listed.append(dict(name=name, folder=model, seeds=seeds, batch_size=batch, steps=steps, eta=eta))
    (folder / "pipelines" / "runs.json").write_text(json.dumps(listed, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent)
