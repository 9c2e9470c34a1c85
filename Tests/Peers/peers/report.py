"""The measurements as Markdown."""

import datetime
import platform
import statistics

NAMES = {
    "ours": "diffusion-tui", "ncnn": "ncnn (Winograd)", "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO f32", "pytorch": "PyTorch eager, channels last",
}
TITLES = {
    "cifar10-32": "UNet of the google/ddpm-cifar10-32 configuration (35.7 M parameters)",
    "celebahq-256": "UNet of the google/ddpm-celebahq-256 configuration (113.7 M parameters), random weights",
    "ncsnpp-256": "UNet of the google/ncsnpp-celebahq-256 configuration (65.6 M parameters), random weights",
    "demo": "UNet of the demo model, ddpm-emoji-32 (6.3 M parameters)",
}
# Issue 3: the largest ratio ours / peer allowed, by (batch, threads).
TARGETS = {
    ("cifar10-32", "ncnn"): {(1, 2): 0.72, (4, 2): 0.65, (1, 1): 0.78},
    ("cifar10-32", "onnxruntime"): {(1, 2): 0.45, (4, 2): 0.45, (1, 1): 0.48},
    ("cifar10-32", "openvino"): {(1, 2): 0.52, (4, 2): 0.50, (1, 1): 0.52},
    ("demo", "onnxruntime"): {(1, 2): 0.50, (4, 2): 0.50, (1, 1): 0.52},
}


class Measurement:
    """One side at one (model, batch, threads): every round's (shortest, median), and its load time and memory."""

    def __init__(self, side):
        self.side, self.rounds = side, []
        self.load_ms = self.memory_mb = float("nan")
        self.clock_ms = None

    @property
    def shortest(self):
        return min(shortest for shortest, _ in self.rounds)

    @property
    def median(self):
        return statistics.median(median for _, median in self.rounds)


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def head(*cells):
    return [row(*cells), "|" + "---|" * len(cells)]


def setting_name(setting):
    batch, threads = setting
    return f"batch {batch}, {threads} thread{'s' if threads > 1 else ''}"


def times(measured, settings):
    """Milliseconds per forward, load time and peak memory of each side. `measured[setting][side]`."""
    lines = head("ms a forward, min / median", *map(setting_name, settings),
                 "load, prepare, ms", "peak RSS, MB")
    for side in measured[settings[0]]:
        cells = [measured[setting][side] for setting in settings]
        lines.append(row(
            NAMES[side], *(f"{cell.shortest:.1f} / {cell.median:.1f}" for cell in cells),
            f"{cells[0].load_ms:.0f}", f"{cells[0].memory_mb:.0f}"))
    return lines


def verdict(ratio, target):
    return f"{ratio:.2f}" if target is None else f"{ratio:.2f} (<= {target:.2f}: {'met' if ratio <= target else 'missed'})"


def ratios(model, measured, settings):
    """Ours over each peer, of medians and of minima, next to issue 3's target."""
    lines = head("ours / peer, medians; minima", *map(setting_name, settings))
    for side in measured[settings[0]]:
        if side == "ours" or "ours" not in measured[settings[0]]:
            continue
        cells = []
        for setting in settings:
            ours, peer = measured[setting]["ours"], measured[setting][side]
            target = TARGETS.get((model, side), {}).get(setting)
            cells.append(f"{verdict(ours.median / peer.median, target)}; {ours.shortest / peer.shortest:.2f}")
        lines.append(row(NAMES[side], *cells))
    return lines


def outside(measured, settings):
    """Whether `bench` agrees with `generate` at 40 steps less 20, by an outside clock."""
    lines = []
    for setting in settings:
        ours = measured[setting].get("ours")
        if ours is not None and ours.clock_ms is not None:
            bench, generate = ours.clock_ms
            lines.append(
                f"- {setting_name(setting)}: bench {bench:.1f} ms, generate's 40 steps less 20: "
                f"{generate:.1f} ms a forward ({generate / bench - 1:+.0%}; issue 3: within 15 %)")
    return lines


def accuracy(errors):
    """Largest absolute errors; `errors[side]` as peers.accuracy prints them."""
    baseline = errors["pytorch-contiguous"]
    lines = head("largest absolute error", "against PyTorch float32", "against float64",
                 "of PyTorch's own", "the same, time embedding shared")
    for side, error in errors.items():
        lines.append(row(
            NAMES.get(side, "PyTorch eager, contiguous"), f"{error['pytorch']:.1e}", f"{error['float64']:.1e}",
            f"{error['float64'] / baseline['float64']:.2f}x",
            f"{error['float64_shared_embedding'] / baseline['float64_shared_embedding']:.2f}x"))
    return lines


def requirements(measured, settings, model, errors):
    """Issue 3's limits for one side alone."""
    lines, ours = [], measured[settings[0]].get("ours")
    if model == "cifar10-32" and ours is not None:
        lines.append(f"- Peak memory {ours.memory_mb:.0f} MB (issue 3: <= 450)")
        lines.append(f"- Load and prepare {ours.load_ms:.0f} ms (issue 3: <= 500)")
    if "ours" in errors:
        own = errors["ours"]["float64"] / errors["pytorch-contiguous"]["float64"]
        lines.append(f"- Error {errors['ours']['pytorch']:.1e} of PyTorch's forward (issue 3: <= 2e-5)")
        lines.append(f"- {own:.2f}x PyTorch's own error against float64 (issue 3: <= 8x)")
    return lines


def pngs(runs):
    """Process start to PNG; `runs[side]` is a list of (seconds, megabytes)."""
    lines = head("process start to PNG, 2 steps, demo model", "s, min / median", "peak RSS, MB", "issue 3")
    for side, values in runs.items():
        seconds = [value for value, _ in values]
        lines.append(row(
            NAMES.get(side, side), f"{min(seconds):.2f} / {statistics.median(seconds):.2f}",
            f"{max(memory for _, memory in values):.0f}", "<= 0.25 s" if side == "ours" else ""))
    return lines


def heading(machine, versions, arguments):
    """The place, the time and the versions."""
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    named = ", ".join(f"{NAMES.get(side, side)} {version}" for side, version in versions.items())
    return [
        f"{machine}; {date}; Python {platform.python_version()}; {platform.system()} {platform.release()}",
        "", f"{named}. float32; {arguments.rounds} rounds of {arguments.forwards} forwards, sides alternating; "
        "median of the rounds' medians, minimum of all.",
    ]
