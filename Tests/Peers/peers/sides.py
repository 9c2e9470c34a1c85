"""The peers: each class loads one converted model with its runtime's best settings for a process
that has the machine to itself, and computes a forward of a fixed batch."""

import numpy

from . import models
from .convert import converted


class PyTorch:
    """Eager mode, channels last, oneDNN, OpenMP threads pinned by the environment."""

    packages = ("torch", "diffusers.models.unets.unet_2d")

    def __init__(self, work, name, batch, threads):
        import torch

        self.torch = torch
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self.unet = models.load_unet(work, name).to(memory_format=torch.channels_last)
        self.version = torch.__version__

    def set_input(self, sample, timestep):
        tensor = self.torch.from_numpy(sample)
        self.sample = tensor.contiguous(memory_format=self.torch.channels_last)
        self.timestep = self.torch.tensor(timestep)

    def forward(self):
        with self.torch.inference_mode():
            return self.unet(self.sample, self.timestep, return_dict=False)[0].numpy()


class ONNXRuntime:
    """All graph optimisations (blocked layouts, fused nodes), spinning threads pinned to processors."""

    packages = ("onnxruntime",)

    def __init__(self, work, name, batch, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.intra_op.allow_spinning", "1")
        if threads > 1:  # processors of all threads but the caller's, counted from 1
            others = ";".join(str(i + 1) for i in range(1, threads))
            options.add_session_config_entry("session.intra_op_thread_affinities", others)
        path = converted(work, name, batch, ".onnx")
        self.session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"])
        self.names = [value.name for value in self.session.get_inputs()]
        self.version = onnxruntime.__version__

    def set_input(self, sample, timestep):
        values = (sample, scalar(timestep))
        self.feed = dict(zip(self.names, values))

    def forward(self):
        return self.session.run(None, self.feed)[0]


class OpenVINO:
    """float32 arithmetic, the latency hint, one stream, pinned threads."""

    packages = ("openvino",)

    def __init__(self, work, name, batch, threads):
        import openvino

        core = openvino.Core()
        settings = {
            "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1",
            "INFERENCE_NUM_THREADS": str(threads), "ENABLE_CPU_PINNING": True,
        }
        model = core.read_model(converted(work, name, batch, ".xml"))
        self.request = core.compile_model(model, "CPU", settings).create_infer_request()
        self.version = openvino.__version__.split("-")[0]

    def set_input(self, sample, timestep):
        self.feed = [sample, scalar(timestep)]

    def forward(self):
        return self.request.infer(self.feed)[self.request.model_outputs[0]]


class NCNN:
    """float32 storage and arithmetic, Winograd and packed layouts on. ncnn has no batches: images are
    computed in turn, each on all threads."""

    packages = ("ncnn",)

    def __init__(self, work, name, batch, threads):
        import json

        import ncnn

        self.ncnn = ncnn
        self.net = ncnn.Net()
        options = self.net.opt
        options.num_threads = threads
        options.use_vulkan_compute = False
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
        options.use_bf16_storage = False
        options.use_winograd_convolution = options.use_sgemm_convolution = True
        options.use_packing_layout = True
        self.net.load_param(str(converted(work, name, 1, ".ncnn.param")))
        self.net.load_model(str(converted(work, name, 1, ".ncnn.bin")))
        config = models.model_folder(work, name) / "unet" / "config.json"
        self.config = json.loads(config.read_text())
        self.version = ncnn.__version__

    def set_input(self, sample, timestep):
        embedding = sinusoidal(timestep, self.config).astype(numpy.float32)
        self.samples = [self.ncnn.Mat(numpy.ascontiguousarray(image)) for image in sample]
        self.embedding = self.ncnn.Mat(embedding[None])
        self.arrays = (sample, embedding)

    def forward(self):
        images = []
        for sample in self.samples:
            extractor = self.net.create_extractor()
            extractor.input("in0", sample)
            extractor.input("in1", self.embedding)
            images.append(numpy.array(extractor.extract("out0")[1]))
        return numpy.stack(images)


def scalar(timestep):
    """A timestep as a converted model takes it."""
    return numpy.array(timestep, dtype=numpy.float32 if isinstance(timestep, float) else numpy.int64)


def sinusoidal(timestep, config):
    """Diffusers' `get_timestep_embedding` of one timestep, in float64."""
    half = config["block_out_channels"][0] // 2
    exponent = -numpy.log(10000.0) * numpy.arange(half) / (half - config["freq_shift"])
    angle = float(timestep) * numpy.exp(exponent)
    halves = [numpy.sin(angle), numpy.cos(angle)]
    return numpy.concatenate(halves[::-1] if config["flip_sin_to_cos"] else halves)


SIDES = {"pytorch": PyTorch, "onnxruntime": ONNXRuntime, "openvino": OpenVINO, "ncnn": NCNN}
