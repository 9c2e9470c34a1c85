// Written by generate.py from the .toml files beside it; a test checks that they agree.

extension BuiltInLessons {
  static let steps = #"""
    title = "Few steps or many"
    summary = "Why step 16 of 32 is not step 16 of 16, and what more steps change."
    order = 7

    [[runs]]
    seed = 0
    steps = 16

    [[runs]]
    seed = 0
    steps = 32

    [[steps]]
    text = """
    The same noise and two schedules: run 1 goes from noise to image in 16 steps, run 2 in 32. Press the right arrow four times.
    """
    keys = ["right", "right", "right", "right"]
    checks = [{ position = 0 }, { same-noise = [1, 2] }]

    [[steps]]
    text = """
    Both have taken four steps, and are not at the same place: run 1 has come down to timestep 811, run 2 only to 905. A step of
    16 is about twice as long as one of 32. Press u to link the runs by timestep.
    """
    keys = ["u"]
    checks = [
      { position = [4, 4] },
      { timestep = { pane = 1, value = 811 } },
      { timestep = { pane = 2, value = 905 } },
      { different = [1, 2] },
    ]

    [[steps]]
    text = """
    Now run 2 has followed to where run 1 is on the schedule, with seven steps instead of four. Here the two can be compared. Press
    End.
    """
    keys = ["end"]
    checks = [{ link = "timestep" }, { position = [4, 7] }]

    [[steps]]
    text = """
    Two images that are relatives and not the same: each step is a guess, and shorter steps guess otherwise. A number of steps belongs
    to an image as its seed does. Press u twice, to link by step again.
    """
    keys = ["u", "u"]
    checks = [{ position = [16, 32] }, { different = [1, 2] }, { first-difference = { panes = [1, 2], step = 1 } }]

    [[steps]]
    text = """
    Step 16 of 16 is the image. Step 16 of 32 is half of the way, at timestep 530, with much noise left. Stopping a long run early is
    not a short run.
    """
    checks = [
      { link = "step" },
      { position = [16, 16] },
      { timestep = { pane = 2, value = 530 } },
      { std-below = { pane = 1, value = 0.7 } },
      { std-above = { pane = 2, value = 0.75 } },
    ]

    """#
}
