// Written by generate.py from the .toml files beside it; a test checks that they agree.

extension BuiltInLessons {
  static let generator = #"""
    title = "A generator is a state"
    summary = "One generator used twice gives two images; seeded again it gives the first."
    order = 3

    [[runs]]
    seed = 0
    steps = 8

    [[runs]]
    seed = 0
    call = 2
    steps = 8

    [[runs]]
    seed = 0
    steps = 8

    [[steps]]
    text = """
    A generator is no number but a state, and every draw moves it on. Run 1 starts from the first noise that a generator with seed 0
    draws. Run 2 starts from what the same generator draws when it is called again. Press End to run them.
    """
    keys = ["end"]
    checks = [{ position = 0 }, { different-noise = [1, 2] }]

    [[steps]]
    text = """
    Two images, though both times it was the generator with seed 0. It happens to everyone who passes one generator to a pipeline
    twice. Press 3 to turn to run 3.
    """
    keys = ["3"]
    checks = [{ position = 8 }, { different = [1, 2] }]

    [[steps]]
    text = """
    The generator of run 3 was seeded with 0 again just before the call (manual_seed in PyTorch). That puts its state back to the
    start, and run 3 equals run 1. Press D to see the differences.
    """
    keys = ["D"]
    checks = [{ same-noise = [1, 3] }, { same-bits = [1, 3] }, { same-so-far = [1, 3] }]

    [[steps]]
    text = """
    Run 3 is plain white: no bit differs. Run 2 is another image. To make an image again, make a new generator, or seed it again
    before every call.
    """
    checks = [{ same-bits = [1, 3] }, { different = [1, 2] }]

    """#
}
