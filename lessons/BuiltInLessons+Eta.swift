// Written by generate.py from the .toml files beside it; a test checks that they agree.

extension BuiltInLessons {
  static let eta = #"""
    title = "Eta: from DDIM to DDPM"
    summary = "How much fresh noise each step adds, and where it comes from."
    order = 6

    [[runs]]
    seed = 0
    steps = 16
    eta = 0

    [[runs]]
    seed = 0
    steps = 16
    eta = 0.5

    [[runs]]
    seed = 0
    steps = 16
    eta = 1

    [[runs]]
    seed = 0
    steps = 16
    eta = 1

    [[steps]]
    text = """
    All runs start from the same noise. Eta says how much fresh noise each step adds: none at 0, which is DDIM (run 1), and as much
    as DDPM does at 1 (runs 3 and 4). Press the right arrow.
    """
    keys = ["right"]
    checks = [{ position = 0 }, { same-noise = [1, 2, 3, 4] }]

    [[steps]]
    text = """
    After one step runs 1, 2 and 3 have parted. Press v twice to see what the model said in this step.
    """
    keys = ["v", "v"]
    checks = [
      { position = 1 },
      { first-difference = { panes = [1, 2], step = 1 } },
      { first-difference = { panes = [1, 3], step = 1 } },
    ]

    [[steps]]
    text = """
    The same in all of them, for all saw the same noise. What differs is the noise that was added after it. Press v to come back to
    x_t, and End.
    """
    keys = ["v", "end"]
    checks = [{ view = "output" }, { same-bits = [1, 2, 3, 4] }]

    [[steps]]
    text = """
    Three images out of one noise. With eta 0 the first noise alone decides; with more, every step draws again and has a say. Press
    4 to turn to run 4.
    """
    keys = ["4"]
    checks = [{ position = 16 }, { different = [1, 2, 3] }]

    [[steps]]
    text = """
    Fresh is not unpredictable. The noise of the steps comes from the run's own generator, so that the same seed with eta 1 draws the
    same again: run 4 equals run 3 in every bit.
    """
    checks = [{ same-bits = [3, 4] }, { same-so-far = [3, 4] }]

    """#
}
