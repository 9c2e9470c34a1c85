// Written by generate.py from the .toml files beside it; a test checks that they agree.

extension BuiltInLessons {
  static let seed = #"""
    title = "A seed is a starting point"
    summary = "Two seeds give two images; one seed gives the same bits again."
    order = 2

    [[runs]]
    seed = 0
    steps = 8

    [[steps]]
    text = """
    A seed is no image. It says where a generator of random numbers starts, and this noise is what seed 0 leads to. Press c to put
    the next seed beside it.
    """
    keys = ["c"]
    checks = [{ position = 0 }, { panes = 1 }]

    [[steps]]
    text = """
    Seed 1. Its noise is not close to that of seed 0: neighbouring seeds are as unlike as any two. Press End to run both.
    """
    keys = ["end"]
    checks = [{ panes = 2 }, { different-noise = [1, 2] }, { difference-above = { panes = [1, 2], value = 1 } }]

    [[steps]]
    text = """
    Two seeds, two images. The model and all settings are the same; only the noise that they start from differs. Now give run 2
    the seed 0 as well: press s, then 0, then Enter.
    """
    keys = ["s", "0", "enter"]
    checks = [{ position = 8 }, { different = [1, 2] }]

    [[steps]]
    text = """
    The same seed, the same bits: not alike, but equal in every bit of every step. Press D to see the difference to run 1.
    """
    keys = ["D"]
    checks = [{ position = 8 }, { same-bits = [1, 2] }, { same-so-far = [1, 2] }]

    [[steps]]
    text = """
    Plain white: no difference anywhere. So a seed is worth writing down. R starts from a random one, and the screen always shows
    which it was.
    """
    checks = [{ same-bits = [1, 2] }, { sha256 = { pane = 2, begins = "18b23910" } }]

    """#
}
