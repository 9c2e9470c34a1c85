"""Small random models for the fixtures of Stable Diffusion, as diffusers and transformers save them.

`stable-diffusion/sd1` is a Stable Diffusion 1 in small: float16 under the variant's names, PNDM, a safety checker that
the index names, and a tokenizer of vocab.json and merges.txt. `sd2` is a Stable Diffusion 2: predicts v, linear
projections, GELU, a transformer in every level, heads by level, a tokenizer.json. `lcm` is a latent consistency model:
its UNet takes the guidance scale as a condition.
"""

import json
import shutil
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL, DDIMScheduler, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from random_weights import randomize

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


# The configurations, the seed of the weights, and the variant that the files are named after.
MODELS = {
    "sd1": dict(
        unet=unet_config(), text_encoder=text_config(), vae=dict(scaling_factor=0.18215),
        scheduler=PNDMScheduler(**BETAS, skip_prk_steps=True, steps_offset=1), seed=5100, variant="fp16"),
    "sd2": dict(
        unet=unet_config(
            use_linear_projection=True, attention_head_dim=(2, 3), layers_per_block=2, upcast_attention=True,
            down_block_types=(CROSS_DOWN, CROSS_DOWN), up_block_types=(CROSS_UP, CROSS_UP),
            transformer_layers_per_block=(1, 2)),
        text_encoder=text_config(hidden_act="gelu", num_hidden_layers=3),
        vae=dict(scaling_factor=0.5, force_upcast=True),
        scheduler=DDIMScheduler(**BETAS, prediction_type="v_prediction", steps_offset=1, clip_sample=False),
        seed=5200, variant=None),
    "lcm": dict(
        unet=unet_config(time_cond_proj_dim=12, sample_size=12), text_encoder=text_config(),
        vae=dict(scaling_factor=0.3), scheduler=DDIMScheduler(**BETAS, steps_offset=1, clip_sample=False),
        seed=5304, variant=None),
}


def gain(usual):
    """The gain of a weight by its name: more where texts and timesteps enter. Embeddings are normals as they are."""
    def of(name):
        if "embedding" in name and "time" not in name:
            return None
        return 1.5 if "attn" in name or "time_emb" in name else usual

    return of


def replace_tokenizer(folder, demo, unwanted):
    """Puts the demo model's tokenizer in the place of the one saved, without some of its files."""
    shutil.rmtree(folder)
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns(*unwanted))


@torch.no_grad()
def main(folder, demo):
    """Writes the folders of `MODELS` into `folder`; `demo` is the folder of sd-emoji-64."""
    for name, model in MODELS.items():
        generator = torch.Generator().manual_seed(model["seed"])
        shutil.rmtree(folder / name, ignore_errors=True)
        vae = AutoencoderKL(
            block_out_channels=(8, 12), down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2, layers_per_block=1, norm_num_groups=4, latent_channels=4,
            sample_size=16, **model["vae"])
        text_encoder = CLIPTextModel(CLIPTextConfig(**model["text_encoder"]))
        pipeline = StableDiffusionPipeline(
            unet=randomize(UNet2DConditionModel(**model["unet"]), generator, gain(1.0)).eval(),
            text_encoder=randomize(text_encoder, generator, gain(1.2)).eval(),
            vae=randomize(vae, generator, gain(0.8)).eval(), scheduler=model["scheduler"],
            tokenizer=CLIPTokenizer.from_pretrained(demo / "tokenizer"), safety_checker=None, feature_extractor=None,
            requires_safety_checker=False)
        pipeline.to(torch.float16).save_pretrained(folder / name, variant=model["variant"])
        replace_tokenizer(
            folder / name / "tokenizer", demo / "tokenizer",
            ["tokenizer.json"] if name == "sd1" else ["vocab.json", "merges.txt"])
        if name == "sd1":
            index = folder / name / "model_index.json"
            values = json.loads(index.read_text())
            values["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
            index.write_text(json.dumps(values, indent=2) + "\n")
