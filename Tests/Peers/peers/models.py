"""The two UNets to compare, as folders in Diffusers' layout, and their inputs."""

from pathlib import Path

# google/ddpm-cifar10-32's published unet/config.json (35.7 M parameters).
CIFAR_CONFIG = {
    "act_fn": "silu",
    "attention_head_dim": None,
    "block_out_channels": [128, 256, 256, 256],
    "center_input_sample": False,
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"],
    "downsample_padding": 0,
    "flip_sin_to_cos": False,
    "freq_shift": 1,
    "in_channels": 3,
    "layers_per_block": 2,
    "mid_block_scale_factor": 1,
    "norm_eps": 1e-06,
    "norm_num_groups": 32,
    "out_channels": 3,
    "sample_size": 32,
    "time_embedding_type": "positional",
    "up_block_types": ["UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
}

DEMO_MODEL = Path(__file__).resolve().parents[3] / "Sources/DemoModel/ddpm-emoji-32"
MODELS = ("cifar10-32", "demo")


def model_folder(work, name):
    """The folder of model `name`; the cifar10-32 one is made by `make_cifar` below `work`."""
    return DEMO_MODEL if name == "demo" else Path(work) / "cifar10-32"


def make_cifar(work):
    """Writes the cifar10-32 configuration with torch's own initial weights, seed 0."""
    import torch
    from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel

    folder = model_folder(work, "cifar10-32")
    if (folder / "model_index.json").exists():
        return
    torch.manual_seed(0)
    scheduler = DDPMScheduler(
        num_train_timesteps=1000, beta_start=1e-4, beta_end=0.02, beta_schedule="linear",
        variance_type="fixed_large", clip_sample=True)
    DDPMPipeline(UNet2DModel(**CIFAR_CONFIG), scheduler).save_pretrained(folder)


def load_unet(work, name):
    """The UNet2DModel of `name` in evaluation mode."""
    from diffusers import UNet2DModel

    return UNet2DModel.from_pretrained(model_folder(work, name), subfolder="unet").eval()


class Inputs:
    """A sample (B, C, H, W) float32 and its timestep, from `generate --trace`."""

    def __init__(self, work, name, batch):
        import json

        import numpy

        folder = input_folder(work, name, batch)
        self.sample = numpy.load(folder / "sample_0.npy")
        report = json.loads((folder / "report.json").read_text())
        self.timestep = int(report["steps"][0]["timestep"])


def input_folder(work, name, batch):
    """The trace of seed 0 at `batch`; its `model_output_0.npy` is our engine's forward."""
    return Path(work) / "traces" / f"{name}-{batch}"
