"""Recomputes the figures of `generate --precision-report` in numpy, from the tensors of `--trace`.

Each variant is run once more with `--trace`; the RMSE, the largest difference, the shares of equal elements and of
equal bits, and the histogram of distances in ulps must then be those of the report, for x_t and the model's output at
every step.

    Tests/Peers/precision.py .build/release/diffusion-tui [MODEL] [OPTIONS of generate]
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

VARIANTS = {
    "bfloat16": ["--weights", "bfloat16"],
    "float16": ["--weights", "float16"],
    "reassociated": ["--device", "cpu:reassociated"],
}


def ordered(tensor):
    """The place of each float among all floats, so that neighbours differ by 1; both zeros are one."""
    bits = tensor.view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)


def figures(exact, other):
    difference = other.astype(np.float64) - exact.astype(np.float64)
    ulps = np.abs(ordered(exact) - ordered(other))
    different = exact.view(np.uint32) ^ other.view(np.uint32)
    buckets = np.where(ulps == 0, 0, np.floor(np.log2(np.maximum(ulps, 1))).astype(int) + 1)
    return {
        "rmse": np.sqrt(np.mean(difference**2)),
        "max_abs_diff": np.abs(difference).max(),
        "equal_elements": np.mean(different == 0),
        "equal_bits": 1 - np.unpackbits(different.reshape(-1).view(np.uint8)).mean(),
        "ulp_histogram": np.bincount(buckets.reshape(-1), minlength=33),
    }


def main():
    program, *run = sys.argv[1:]
    compared = 0
    with tempfile.TemporaryDirectory() as folder:
        def trace(name, options):
            subprocess.run([program, "generate", *run, *options, "--trace", f"{folder}/{name}", "--output",
                            f"{folder}/{name}.npy"], check=True, capture_output=True)
            return pathlib.Path(folder, name)

        text = subprocess.run([program, "generate", *run, "--precision-report", "--json"], check=True,
                              capture_output=True).stdout
        exact = trace("exact", [])
        for variant in json.loads(text)["variants"]:
            other = trace(variant["name"], VARIANTS[variant["name"]])
            steps = variant["steps"]
            for step, after in zip(steps, steps[1:] + [None]):
                files = {"model_output": f"model_output_{step['index']}.npy"}
                # A step's sample is the one that it leads to, with which the next step of its stage begins.
                if after and after.get("stage") == step.get("stage"):
                    files["sample"] = f"sample_{after['index']}.npy"
                for key, file in files.items():
                    found = figures(np.load(exact / file), np.load(other / file))
                    for name, value in found.items():
                        stated = np.asarray(step[key][name], dtype=float)
                        place = f"{variant['name']}, step {step['index']}, {key}, {name}"
                        is_equal = np.allclose(stated, value, rtol=1e-12, atol=1e-15)
                        assert is_equal, f"{place}: {stated}, numpy has {value}"
                        compared += 1
    print(f"{compared} figures are those of numpy")


if __name__ == "__main__":
    main()
