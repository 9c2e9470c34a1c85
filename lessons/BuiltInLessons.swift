// Written by generate.py from the .toml files beside it; a test checks that they agree.

/// The lessons that come with the program, as TOML text by name.
public enum BuiltInLessons {
  /// TOML by name.
  public static let all: [String: String] = [
    "batch": #"""
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

    """#,
    "cuda": #"""
    title = "Noise of the CPU and of a GPU"
    summary = "One seed on CPU and CUDA, and why the noise is drawn on the CPU."
    order = 5

    [[runs]]
    seed = 0
    steps = 4
    noise = "cpu"

    [[runs]]
    seed = 0
    steps = 4
    noise = "cuda"

    [[runs]]
    seed = 0
    steps = 4
    noise = "cpu"
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

    """#,
    "eta": #"""
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

    """#,
    "generator": #"""
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

    """#,
    "precision": #"""
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

    """#,
    "seed": #"""
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

    """#,
    "step": #"""
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

    """#,
    "steps": #"""
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

    """#,
  ]
}
