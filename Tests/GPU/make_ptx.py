#!/usr/bin/env python3
"""Compiles the kernels of Sources/CGPU to PTX, which the program embeds.

    python3 -m pip install nvidia-cuda-nvrtc-cu11==11.8.89
    Tests/GPU/make_ptx.py            writes Sources/CGPU/kernels.ptx
    Tests/GPU/make_ptx.py --check    says whether it is what is there

NVRTC 11.8 emits PTX 7.8, which every driver since CUDA 11.8 reads; newer releases emit what older drivers refuse.
compute_50 is compiled by the driver for each card since Maxwell. No option may change a bit: products and sums are not
fused, denormals are kept, division and square root are rounded correctly.
"""

import ctypes
import glob
import os
import re
import sys

FILES = [
    "kernels/dialect.cl", "include/cgpu_problems.h", "kernels/arithmetic.cl", "kernels/convolution.cl",
    "kernels/winograd.cl", "kernels/normalization.cl", "kernels/elements.cl", "kernels/attention.cl",
    "kernels/quantization.cl", "kernels/probe.cl",
]
OPTIONS = [
    "--gpu-architecture=compute_50", "--std=c++17", "--fmad=false", "--ftz=false", "--prec-div=true",
    "--prec-sqrt=true",
]
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Sources/CGPU")


def compile_ptx(source):
    places = [path for folder in sys.path for path in glob.glob(folder + "/nvidia/cuda_nvrtc/lib/libnvrtc.so.11*")]
    if not places:
        sys.exit("NVRTC 11.8 is missing: python3 -m pip install nvidia-cuda-nvrtc-cu11==11.8.89")
    nvrtc = ctypes.CDLL(places[0])

    def text(size_of, copy):
        size = ctypes.c_size_t()
        size_of(program, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        copy(program, buffer)
        return buffer.value.decode()

    major, minor = ctypes.c_int(), ctypes.c_int()
    nvrtc.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
    if (major.value, minor.value) != (11, 8):
        sys.exit(f"NVRTC is {major.value}.{minor.value}: expected 11.8")
    program = ctypes.c_void_p()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None)
    options = (ctypes.c_char_p * len(OPTIONS))(*[option.encode() for option in OPTIONS])
    if nvrtc.nvrtcCompileProgram(program, len(OPTIONS), options):
        sys.exit(text(nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog))
    return text(nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX)


def main():
    source = "".join(open(os.path.join(FOLDER, name)).read() for name in FILES)
    # Comments and empty lines are a fifth of the text, and mean nothing to a driver.
    lines = [re.sub(r"\s*//.*", "", line) for line in compile_ptx(source).splitlines()]
    ptx = "// NVRTC 11.8 " + " ".join(OPTIONS) + "\n" + "\n".join(line for line in lines if line.strip()) + "\n"
    path = os.path.normpath(os.path.join(FOLDER, "kernels.ptx"))
    if sys.argv[1:] == ["--check"]:
        if open(path).read() != ptx:
            sys.exit("Sources/CGPU/kernels.ptx is not what the kernels give: run Tests/GPU/make_ptx.py")
        print("Sources/CGPU/kernels.ptx is what the kernels give")
    else:
        open(path, "w").write(ptx)


main()
