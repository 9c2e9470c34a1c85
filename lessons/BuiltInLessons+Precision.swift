// Written by generate.py from the .toml files beside it; a test checks that they agree.

extension BuiltInLessons {
  static let precision = #"""
    title = "Where precision goes"
    summary = "Weights in float32, float16 and bfloat16, step by step."
    order = 8

    [[runs]]
    seed = 0
    steps = 8
    weights = "float32"

    [[runs]]
    seed = 0
    steps = 8
    weights = "float16"

    [[runs]]
    seed = 0
    steps = 8
    weights = "bfloat16"

    [[steps]]
    text = """
    Run 1 takes the model's weights as they are. Run 2 rounds them to float16, run 3 to bfloat16, which keeps 8 significant bits of
    float16's 11. All compute in float32 and start from the same noise. Press the right arrow.
    """
    keys = ["right"]
    checks = [{ position = 0 }, { same-noise = [1, 2, 3] }]

    [[steps]]
    text = """
    Run 2 has the same bits: this model's file holds float16 already, so that nothing was left to round. Run 3 differs from the
    first step on, by very little. Press D to see how it differs from run 1.
    """
    keys = ["D"]
    checks = [
      { position = 1 },
      { same-bits = [1, 2] },
      { first-difference = { panes = [1, 3], step = 1 } },
      { difference-below = { panes = [1, 3], value = 0.0014 } },
    ]

    [[steps]]
    text = """
    Too little to see. But every step starts from what the one before left, errors and all. Press End.
    """
    keys = ["end"]
    checks = [{ position = 1 }, { difference-below = { panes = [1, 3], value = 0.0014 } }]

    [[steps]]
    text = """
    At the end the largest difference is more than twenty times what it was. Press D to see the images.
    """
    keys = ["D"]
    checks = [{ position = 8 }, { same-bits = [1, 2] }, { difference-above = { panes = [1, 3], value = 0.028 } }]

    [[steps]]
    text = """
    To the eye they are one image; in bits they are not. bfloat16 halves the memory of float32 weights and keeps their range, and
    costs the last digits: enough that nobody gets the same image to the bit.
    """
    checks = [{ position = 8 }, { same-so-far = [1, 2] }, { different = [1, 3] }]

    """#
}
