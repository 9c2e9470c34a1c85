"""Small random models for the fixtures of Stable Diffusion, as diffusers and transformers save them.

`stable-diffusion/sd1` is a Stable Diffusion 1 in small: float16 under the variant's names, PNDM, a safety checker that
the index names, and a tokenizer of vocab.json and merges.txt. `sd2` is a Stable Diffusion 2: predicts v, linear
projections, GELU, a transformer in every level, heads by level, a tokenizer.json. `lcm` is a latent consistency model:
its UNet takes the guidance scale as a condition.
"""

import json
import math
import shutil
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL, DDIMScheduler, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

CROSS_DOWN, CROSS_UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
BETAS = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


def unet_config(**others):
    values = dict(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(16, 24), layers_per_block=1,
        down_block_types=(CROSS_DOWN, "DownBlock2D"), up_block_types=("UpBlock2D", CROSS_UP), norm_num_groups=4,
        attention_head_dim=4, cross_attention_dim=24)
    return values | others


def text_config(**others):
    values = dict(
        vocab_size=1024, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=16, hidden_act="quick_gelu", bos_token_id=1022, eos_token_id=1023, pad_token_id=1023)
    return values | others


# Name: the UNet, the text encoder, the autoencoder, the scheduler, the seed, whether it is a variant of float16.
MODELS = {
    "sd1": (
        unet_config(), text_config(), dict(scaling_factor=0.18215),
        PNDMScheduler(**BETAS, skip_prk_steps=True, steps_offset=1), 5100, True),
    "sd2": (
        unet_config(
            use_linear_projection=True, attention_head_dim=(2, 3), layers_per_block=2, upcast_attention=True,
            down_block_types=(CROSS_DOWN, CROSS_DOWN), up_block_types=(CROSS_UP, CROSS_UP),
            transformer_layers_per_block=(1, 2)),
        text_config(hidden_act="gelu", num_hidden_layers=3), dict(scaling_factor=0.5, force_upcast=True),
        DDIMScheduler(**BETAS, prediction_type="v_prediction", steps_offset=1, clip_sample=False), 5200, False),
    "lcm": (
        unet_config(time_cond_proj_dim=12, sample_size=12), text_config(), dict(scaling_factor=0.3),
        DDIMScheduler(**BETAS, steps_offset=1, clip_sample=False), 5304, False),
}


def randomize(model, generator, gain):
    """Weights that hide no part of the model, and biases and norms far from their first values."""
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if "norm" in name:
            noise = 0.3 * noise + (1 if name.endswith("weight") else 0)
        elif name.endswith("bias"):
            noise = 0.2 * noise
        elif "embedding" not in name or "time" in name:
            stronger = 1.5 if "attn" in name or "time_emb" in name else gain
            noise = stronger * noise / math.sqrt(parameter[0].numel())
        parameter.data.copy_(noise)
    return model.eval()


def tokenizer(folder, demo, vocabulary_only):
    """The demo model's tokenizer, as older or newer folders hold it."""
    shutil.copytree(demo / "tokenizer", folder / "tokenizer", dirs_exist_ok=True)
    names = ("tokenizer.json",) if vocabulary_only else ("vocab.json", "merges.txt")
    for name in names:
        (folder / "tokenizer" / name).unlink()


@torch.no_grad()
def main(folder, demo):
    """Writes the folders of `MODELS` into `folder`; `demo` is the folder of sd-emoji-64."""
    for name, (unet, text, vae, scheduler, seed, is_variant) in MODELS.items():
        generator = torch.Generator().manual_seed(seed)
        shutil.rmtree(folder / name, ignore_errors=True)
        autoencoder = AutoencoderKL(
            block_out_channels=(8, 12), down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2, layers_per_block=1, norm_num_groups=4, latent_channels=4,
            sample_size=16, **vae)
        pipeline = StableDiffusionPipeline(
            unet=randomize(UNet2DConditionModel(**unet), generator, 1.0),
            text_encoder=randomize(CLIPTextModel(CLIPTextConfig(**text)), generator, 1.2),
            vae=randomize(autoencoder, generator, 0.8), scheduler=scheduler,
            tokenizer=CLIPTokenizer.from_pretrained(demo / "tokenizer"), safety_checker=None, feature_extractor=None,
            requires_safety_checker=False)
        pipeline.to(torch.float16).save_pretrained(folder / name, variant="fp16" if is_variant else None)
        shutil.rmtree(folder / name / "tokenizer")
        tokenizer(folder / name, demo, vocabulary_only=name == "sd1")
        if name == "sd1":
            index = folder / name / "model_index.json"
            values = json.loads(index.read_text())
            values["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
            index.write_text(json.dumps(values, indent=2) + "\n")
