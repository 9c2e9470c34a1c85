"""The UNets to compare, as folders in Diffusers' layout, and their inputs."""

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

# google/ddpm-celebahq-256's (113.7 M parameters).
CELEBAHQ_CONFIG = CIFAR_CONFIG | {
    "block_out_channels": [128, 128, 256, 256, 512, 512],
    "down_block_types": ["DownBlock2D"] * 4 + ["AttnDownBlock2D", "DownBlock2D"],
    "sample_size": 256,
    "up_block_types": ["UpBlock2D", "AttnUpBlock2D"] + ["UpBlock2D"] * 4,
}
# google/ncsnpp-celebahq-256's, whose norms have as many groups as a quarter of the channels, at most 32.
NCSNPP_CONFIG = {
    "act_fn": "silu",
    "attention_head_dim": None,
    "block_out_channels": [128, 128, 256, 256, 256, 256, 256],
    "center_input_sample": False,
    "down_block_types": ["SkipDownBlock2D"] * 4 + ["AttnSkipDownBlock2D"] + ["SkipDownBlock2D"] * 2,
    "downsample_padding": 1,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "in_channels": 3,
    "layers_per_block": 2,
    "mid_block_scale_factor": 1.41421356237,
    "norm_eps": 1e-06,
    "norm_num_groups": None,
    "out_channels": 3,
    "sample_size": 256,
    "time_embedding_type": "fourier",
    "up_block_types": ["SkipUpBlock2D"] * 2 + ["AttnSkipUpBlock2D"] + ["SkipUpBlock2D"] * 4,
}
CONFIGS = {"cifar10-32": CIFAR_CONFIG, "celebahq-256": CELEBAHQ_CONFIG, "ncsnpp-256": NCSNPP_CONFIG}

DEMO_MODEL = Path(__file__).resolve().parents[3] / "Sources/DemoModel/ddpm-emoji-32"
# Those that are compared unless others are asked for.
MODELS = ("cifar10-32", "demo")


def model_folder(work, name):
    """The folder of model `name`; all but the demo model are made by `make` below `work`."""
    return DEMO_MODEL if name == "demo" else Path(work) / name


def make(work, name):
    """Writes a configuration with torch's own initial weights, seed 0."""
    import torch
    from diffusers import DDPMPipeline, DDPMScheduler, ScoreSdeVePipeline, ScoreSdeVeScheduler, UNet2DModel

    folder = model_folder(work, name)
    if name not in CONFIGS or (folder / "model_index.json").exists():
        return
    torch.manual_seed(0)
    if CONFIGS[name].get("time_embedding_type") == "fourier":
        scheduler = ScoreSdeVeScheduler(num_train_timesteps=2000, sigma_min=0.01, sigma_max=1348)
        return ScoreSdeVePipeline(UNet2DModel(**CONFIGS[name]), scheduler).save_pretrained(folder)
    scheduler = DDPMScheduler(
        num_train_timesteps=1000, beta_start=1e-4, beta_end=0.02, beta_schedule="linear",
        variance_type="fixed_large", clip_sample=True)
    DDPMPipeline(UNet2DModel(**CONFIGS[name]), scheduler).save_pretrained(folder)


def example(work, name, batch):
    """An input to convert the model with: a sample and a timestep, whole or not as the model takes it."""
    import torch

    config = load_unet(work, name).config
    timestep = 3.5 if config.time_embedding_type == "fourier" else 500
    return torch.randn(batch, config.in_channels, config.sample_size, config.sample_size), torch.tensor(timestep)


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
        timestep = report["steps"][0]["timestep"]
        config = json.loads((model_folder(work, name) / "unet/config.json").read_text())
        self.timestep = float(timestep) if config.get("time_embedding_type") == "fourier" else int(timestep)


def input_folder(work, name, batch):
    """The trace of seed 0 at `batch`; its `model_output_0.npy` is our engine's forward."""
    return Path(work) / "traces" / f"{name}-{batch}"
