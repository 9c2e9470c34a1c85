// Written by generate.py from the .toml files beside it; a test checks that they agree.

extension BuiltInLessons {
  static let batch = #"""
    title = "A batch, and a list of generators"
    summary = "One generator for two images, or one for each, and why image 2 differs."
    order = 4

    [[runs]]
    seed = 0
    batch-size = 2
    image = 1
    steps = 8

    [[runs]]
    seed = 0
    batch-size = 2
    image = 2
    steps = 8

    [[runs]]
    seeds = [0, 1]
    image = 1
    steps = 8

    [[runs]]
    seeds = [0, 1]
    image = 2
    steps = 8

    [[runs]]
    seed = 1
    steps = 8

    [[steps]]
    text = """
    Two batches of two images. Runs 1 and 2 are images 1 and 2 of a batch for which one generator with seed 0 draws all noise. Runs 3
    and 4 are those of a batch with a list of generators, seeds 0 and 1, one for each image. Press End.
    """
    keys = ["end"]
    checks = [{ position = 0 }, { same-noise = [1, 3] }, { different-noise = [2, 4] }]

    [[steps]]
    text = """
    Image 1 is the same in both batches: both times it is made of the first numbers that seed 0 gives. Press 2 to turn to the
    second image of the first batch.
    """
    keys = ["2"]
    checks = [{ position = 8 }, { same-bits = [1, 3] }, { same-so-far = [1, 3] }]

    [[steps]]
    text = """
    Image 2 is not. In run 2 it has the numbers that the one generator draws next, after those of image 1. In run 4 it has the first
    numbers of a generator of its own, with seed 1. Press 5.
    """
    keys = ["5"]
    checks = [{ different = [2, 4] }, { first-difference = { panes = [2, 4], step = 0 } }]

    [[steps]]
    text = """
    Run 5 is seed 1 alone, and equals image 2 of the list. That is what a list is for: every image has a seed of its own, and can be
    made again by itself, in a batch of any size.
    """
    checks = [{ same-bits = [4, 5] }, { same-so-far = [4, 5] }]

    """#
}
