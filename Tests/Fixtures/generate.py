"""Generates every fixture again. Run by hand, never by the tests: see README.md."""

import pathlib

import brownian
import generate_autoencoder
import generate_branches
import generate_noise
import generate_pictures
import generate_pipelines
import generate_scheduler_steps
import generate_schedulers
import generate_serialization
import generate_stable_diffusion
import generate_text_encoders
import generate_tokenizers
import generate_torch
import generate_unet
import generate_unet_condition

if __name__ == "__main__":
    folder = pathlib.Path(__file__).resolve().parent
    for part in (
        generate_noise, brownian, generate_schedulers, generate_scheduler_steps, generate_serialization, generate_unet,
        generate_unet_condition, generate_autoencoder, generate_text_encoders, generate_tokenizers,
        generate_pipelines, generate_pictures, generate_branches, generate_stable_diffusion, generate_torch,
    ):
        part.main(folder)
