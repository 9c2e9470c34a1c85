// Written by generate.py from the .toml files beside it; a test checks that they agree.

extension BuiltInLessons {
  static let step = #"""
    # Numbers in the texts are the demo model's.
    title = "What a step does"
    summary = "From noise to image in eight steps: what the model says and foresees."
    order = 1

    [[runs]]
    seed = 0
    steps = 8

    [[steps]]
    text = """
    This is noise: 32 by 32 pixels of three colours, every number drawn from the normal distribution with mean 0 and standard
    deviation 1. Diffusers calls it x_t. In eight steps it becomes an image. Press the right arrow to take the first.
    """
    keys = ["right"]
    checks = [{ position = 0 }, { std-above = { pane = 1, value = 0.95 } }, { std-below = { pane = 1, value = 1.05 } }]

    [[steps]]
    text = """
    The model has looked at the noise once, at timestep 999, and the scheduler has taken a little of it away. To the eye x_t is
    still noise. Press v to see what the model foresees.
    """
    keys = ["v"]
    checks = [{ position = 1 }, { timestep = { pane = 1, value = 999 } }, { std-above = { pane = 1, value = 0.95 } }]

    [[steps]]
    text = """
    The predicted original: the image as this step foresees it, if it had to be finished at once. It is blurred, for out of pure
    noise almost any image could come. Press v once more.
    """
    keys = ["v"]
    checks = [{ view = "predicted" }, { std-below = { pane = 1, value = 0.6 } }]

    [[steps]]
    text = """
    The model's own output. This model is trained to say a velocity, a mixture of noise and image; many others say the noise. From
    it and from x_t the scheduler works out the predicted original, and from both the next x_t. Press v to come back to x_t.
    """
    keys = ["v"]
    checks = [{ view = "output" }]

    [[steps]]
    text = """
    Every step asks the model again, at a smaller timestep, with a little less noise in the way. Press the right arrow four times.
    """
    keys = ["right", "right", "right", "right"]
    checks = [{ view = "x_t" }, { position = 1 }]

    [[steps]]
    text = """
    Five of eight: the picture comes through. The standard deviation falls, because an image is spread less widely than noise.
    Nothing that was computed is lost: press the left arrow.
    """
    keys = ["left"]
    checks = [{ position = 5 }, { timestep = { pane = 1, value = 499 } }, { std-below = { pane = 1, value = 0.8 } }]

    [[steps]]
    text = """
    One step back, at once, from memory. So one can walk to and fro and look. Press End to take all steps that are left.
    """
    keys = ["end"]
    checks = [{ position = 4 }, { timestep = { pane = 1, value = 624 } }]

    [[steps]]
    text = """
    The image. It is made of the noise, the model and the settings, and of nothing else: the hash of its numbers begins with the same
    letters on every machine, with any number of threads.
    """
    checks = [{ position = 8 }, { std-below = { pane = 1, value = 0.7 } }, { sha256 = { pane = 1, begins = "18b23910" } }]

    """#
}
