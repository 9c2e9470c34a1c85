// Written by generate.py from the .toml files beside it; a test checks that they agree.

extension BuiltInLessons {
  static let cuda = #"""
    title = "Noise of the CPU and of a GPU"
    summary = "One seed on CPU and CUDA, and why the noise is drawn on the CPU."
    order = 5

    [[runs]]
    seed = 0
    steps = 4
    generator-device = "cpu"

    [[runs]]
    seed = 0
    steps = 4
    generator-device = "cuda"

    [[runs]]
    seed = 0
    steps = 4
    generator-device = "cpu"
    device = "cpu:portable"

    [[steps]]
    text = """
    One seed, two generators. Run 1 has the noise of PyTorch's generator for the CPU (Mersenne twister), run 2 that of its generator
    for CUDA (Philox), which this program reproduces without a GPU. Press End to run them.
    """
    keys = ["end"]
    checks = [{ position = 0 }, { different-noise = [1, 2] }, { same-noise = [1, 3] }]

    [[steps]]
    text = """
    Other noise, another image. So the image of a seed on a GPU is not found again on a laptop, and the model is not to blame, nor
    is rounding. Press 3 to turn to run 3.
    """
    keys = ["3"]
    checks = [{ position = 4 }, { different = [1, 2] }, { first-difference = { panes = [1, 2], step = 0 } }]

    [[steps]]
    text = """
    The remedy: draw the noise on the CPU, wherever the model runs, and move it there (Generator("cpu") in PyTorch). Run 3 has such
    noise and is computed by other code, plain instructions that every processor has. Press D to see the differences.
    """
    keys = ["D"]
    checks = [{ same-noise = [1, 3] }, { same-bits = [1, 3] }]

    [[steps]]
    text = """
    Run 3 equals run 1 in every bit. This engine promises that on all its devices; elsewhere the same noise on other hardware
    gives images that are close, and seldom equal. Different noise is never close.
    """
    checks = [{ same-bits = [1, 3] }, { same-so-far = [1, 3] }, { different = [1, 2] }]

    """#
}
