"""Records what torch's random number generators draw on the CPU, for Tests/DiffusionCoreTests/Random.

Run by hand with torch 2.13.0 on Linux x86-64: `python generate_noise.py`. It writes to noise/:

cpu.tsv       a program, one action per line, tab-separated: sequence, action, dtype, shape, memory format, bytes kept,
              their offset in cpu.bin, FNV-1a of all bytes of the tensor in row-major order, FNV-1a of the state after it.
              Actions: manual_seed (the seed in the third field), randn, rand, get_state and set_state (5056 bytes).
              Bytes kept are `all`, or `ends`: the first 8 and the last 8 elements.
cpu.bin       the bytes kept.

All values are little endian. The AVX2 path is the reference: torch's `default` path rounds differently.
"""

import os
import pathlib
import random

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"

import torch  # noqa: E402  (the variable must be set first)

from fnv1a import fnv1a  # noqa: E402

SEEDS = [0, 1, 42, -1, 2**32, 2**63, 2**64 - 1]
DTYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def bytes_of(tensor):
    return tensor.contiguous().flatten().view(torch.uint8).numpy().tobytes()


class Recorder:
    """Plays actions on one generator and records the results."""

    def __init__(self):
        self.lines = []
        self.blob = bytearray()
        self.generator = torch.Generator()
        self.sequence = ""

    def start(self, sequence, seed):
        self.sequence = sequence
        self.seed(seed)

    def keep(self, data):
        offset = len(self.blob)
        self.blob += data
        return offset

    def line(self, *fields):
        self.lines.append("\t".join(str(field) for field in (self.sequence, *fields)))

    def seed(self, seed):
        # A new generator: torch keeps no cached sample across manual_seed either, but a fresh one does not rely on
        # that.
        self.generator = torch.Generator().manual_seed(seed)
        self.line("manual_seed", seed)

    def reseed(self, seed):
        self.generator.manual_seed(seed)
        self.line("manual_seed", seed)

    def get_state(self):
        state = bytes_of(self.generator.get_state())
        self.line("get_state", "", "", "", "all", self.keep(state), fnv1a(state), fnv1a(state))

    def set_state(self):
        """Leaves the generator unchanged; a reader restores the state, whatever its own."""
        state = bytes_of(self.generator.get_state())
        self.line("set_state", "", "", "", "all", self.keep(state), fnv1a(state), fnv1a(state))

    def draw(self, action, dtype, shape, kept="all", memory_format="contiguous"):
        tensor = torch.empty(shape, dtype=DTYPES[dtype], memory_format=FORMATS[memory_format])
        if memory_format == "contiguous":
            tensor = getattr(torch, action)(shape, dtype=DTYPES[dtype], generator=self.generator)
        elif action == "randn":
            tensor.normal_(generator=self.generator)
        else:
            tensor.uniform_(generator=self.generator)
        data = bytes_of(tensor)
        size = tensor.element_size()
        stored = data if kept == "all" else data[: 8 * size] + data[-8 * size :]
        state = fnv1a(bytes_of(self.generator.get_state()))
        extents = "x".join(str(extent) for extent in shape)
        self.line(action, dtype, extents, memory_format, kept, self.keep(stored), fnv1a(data), state)


def record_sizes(recorder):
    """Every size from 1 to 33, each from a fresh generator."""
    for seed in SEEDS:
        for dtype in DTYPES:
            recorder.sequence = f"sizes {seed} {dtype}"
            for count in range(1, 34):
                recorder.seed(seed)
                recorder.draw("randn", dtype, (count,))


def record_large(recorder):
    """Large tensors in turn, so that the generator is twisted many times."""
    for seed in SEEDS:
        for dtype in DTYPES:
            recorder.start(f"large {seed} {dtype}", seed)
            recorder.draw("randn", dtype, (3,))
            for shape in [(48,), (100,), (1000,), (1, 3, 32, 32), (12288,), (12289,)]:
                small = seed == 0 and len(shape) == 1 and shape[0] <= 1000
                recorder.draw("randn", dtype, shape, "all" if small else "ends")
    recorder.start("full 42 float32", 42)
    recorder.draw("randn", "float32", (1, 3, 32, 32))
    recorder.start("huge 0 float32", 0)
    recorder.draw("randn", "float32", (300000,), "ends")
    for seed in [0, 42, 2**63]:
        recorder.start(f"batch {seed}", seed)
        for dtype in DTYPES:
            recorder.draw("randn", dtype, (4, 3, 5, 7), "ends")


def record_uniforms(recorder):
    for seed in SEEDS:
        recorder.start(f"uniforms {seed}", seed)
        for dtype in DTYPES:
            for count in [1, 15, 16, 33]:
                recorder.draw("rand", dtype, (count,))
            recorder.draw("rand", dtype, (3072,), "ends")


def record_memory_order(recorder):
    """Channels-last tensors; the large ones hit the double rounding of float16 (one in 16,384)."""
    for seed in [0, 7]:
        recorder.start(f"memory order {seed}", seed)
        for dtype in DTYPES:
            for shape in [(1, 2, 2, 2), (2, 3, 4, 5), (2, 1, 4, 4), (2, 16, 1, 1), (1, 17, 3, 1)]:
                for action in ["randn", "rand"]:
                    recorder.draw(action, dtype, shape, "all", "channels_last")
            recorder.draw("randn", dtype, (1, 3, 128, 128), "ends", "channels_last")


def record_mixtures(recorder):
    """Small and large calls of all types in turn: the cached sample survives all of them."""
    chooser = random.Random(20240229)
    for number in range(16):
        recorder.start(f"mixture {number}", chooser.choice(SEEDS + [number, 123456789 * number]))
        for step in range(30):
            action = chooser.choice(["randn"] * 4 + ["rand"])
            dtype = chooser.choice(list(DTYPES))
            if chooser.random() < 0.15:
                shape = tuple(chooser.randint(1, 4) for _ in range(4))
                recorder.draw(action, dtype, shape, "all", "channels_last")
            else:
                count = chooser.choice([0, 1, 1, 2, 3, 5, 7, 15, 16, 17, 31, 32, 40, 100, 700])
                recorder.draw(action, dtype, (count,), "all" if count <= 40 else "ends")
            if step == 12 and number % 4 == 0:
                recorder.get_state()
            if step == 20 and number % 4 == 0:
                recorder.set_state()
            if step == 25 and number % 4 == 1:
                recorder.reseed(number)


def record_zeros(recorder):
    """Seeds with a 0 among their first eight uniforms: its logarithm gives a -0, which torch turns into +0."""
    for seed in [1753191, 2934939, 3109716]:
        recorder.start(f"zero uniform {seed}", seed)
        for dtype in DTYPES:
            recorder.reseed(seed)
            recorder.draw("randn", dtype, (16,))


def record_states(recorder):
    """States before any draw, with and without a cached sample, and at both ends of the word array."""
    recorder.start("states", 0)
    recorder.get_state()
    recorder.draw("randn", "float32", (1,))
    recorder.get_state()
    recorder.set_state()
    recorder.draw("randn", "float64", (2,))
    recorder.reseed(-1)
    recorder.draw("rand", "float32", (624,), "ends")
    recorder.get_state()
    recorder.set_state()
    recorder.draw("randn", "float32", (17,))
    recorder.reseed(2**64 - 1)
    recorder.set_state()
    recorder.draw("randn", "float16", (33,))
    recorder.get_state()


def main(folder):
    """Writes the fixtures to `folder`/noise."""
    capability = torch.backends.cpu.get_cpu_capability()
    assert capability == "AVX2", f"torch runs its {capability} path; set ATEN_CPU_CAPABILITY=avx2 before importing it"
    folder = pathlib.Path(folder) / "noise"
    folder.mkdir(parents=True, exist_ok=True)
    recorder = Recorder()
    for record in [
        record_sizes, record_large, record_uniforms, record_memory_order, record_mixtures, record_zeros, record_states,
    ]:
        record(recorder)
    (folder / "cpu.tsv").write_text("\n".join(recorder.lines) + "\n")
    (folder / "cpu.bin").write_bytes(recorder.blob)


if __name__ == "__main__":
    main(pathlib.Path(__file__).parent)
