"""Records files written by diffusion-tui 0.1.0, for the tests that every later version reads them.

Run by hand, with tmux installed: `python3 generate_0_1_0.py PROGRAM`, where PROGRAM is the built program of version
0.1.0 (commit 8e58f84). It reads runs.toml, config.toml and lesson.toml in 0.1.0/, which are written by hand, and
writes to the same folder:

receipts/      the output of `generate --receipt`, one file for each kind of run
reports/       the output of `generate --json`, one file for each kind of run
commands.json  the arguments of each of these
session.json   the explorer's session after quitting with runs.toml and config.toml, and of a second model

Receipts and reports use one thread and cpu:portable, so that nothing in the files depends on the machine. The second
model is unet/two-levels, by the Hub id fixtures/two-levels.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

MODEL = "fixtures/two-levels"
COMPUTE = ["--device", "cpu:portable", "--threads", "1"]
DEMO = ["--seed", "3", "--steps", "2"]
SMALL = [MODEL, "--steps", "3"]
# CUDA noise depends on the number of multiprocessors above 40,960 elements: 256 images of 3 x 8 x 8 are 49,152.
CUDA = ["--generator-device", "cuda", "--multiprocessors", "20", "--batch-size", "256", "--steps", "2"]

RUNS = {
    "one-seed": DEMO,
    "demo-eta": DEMO + ["--eta", "0.5"],
    "demo-weights": DEMO + ["--weights", "bfloat16"],
    "seeds": SMALL + ["--seeds", "0,-1,18446744073709551615"],
    "batch": SMALL + ["--seed", "11", "--batch-size", "3", "--eta", "0.5"],
    "eta": SMALL + ["--seed", "5", "--eta", "0.5"],
    "eta-one": SMALL + ["--seed", "5", "--eta", "1"],
    "clipped": SMALL + ["--seed", "5", "--eta", "0.3", "--use-clipped-model-output"],
    "cuda": [MODEL, "--seed", "7"] + CUDA,
    "cuda-eta": SMALL + ["--seeds", "8,9", "--generator-device", "cuda", "--eta", "0.5"],
    "variation": SMALL + ["--seed", "5", "--variation-seed", "-6", "--variation-strength", "0.25"],
    "bfloat16": SMALL + ["--seed", "5", "--weights", "bfloat16"],
    "float16": SMALL + ["--seed", "5", "--weights", "float16"],
    "selection": SMALL + ["--seed", "5", "--batch-size", "4", "--call", "3", "--image", "2"],
    "everything": SMALL
    + ["--seed", "5", "--batch-size", "4", "--eta", "0.75", "--generator-device", "cuda", "--multiprocessors", "108"]
    + ["--weights", "bfloat16", "--variation-seed", "6", "--variation-strength", "0.5", "--call", "2", "--image", "4"]
    + ["--use-clipped-model-output", "--scheduler", "ddim"],
}


def environment(home):
    """Variables that keep the program from the user's files and put the small model into the Hub's cache."""
    return {
        "HOME": str(home),
        "HF_HUB_CACHE": str(home / "hub"),
        "LC_ALL": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
    }


def make_cache(home, fixtures):
    """A cache in huggingface_hub's layout, with the small model."""
    repository = home / "hub" / ("models--" + MODEL.replace("/", "--"))
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0")
    (repository / "snapshots").mkdir()
    (repository / "snapshots" / "0").symlink_to(fixtures / "unet" / "two-levels")


class Terminal:
    """The explorer in a terminal of 120 columns and 40 rows, in tmux on a socket of its own."""

    def __init__(self, home, command):
        self.socket = f"generate-0-1-0-{os.getpid()}"
        self.home = home
        variables = [f"{name}={value}" for name, value in environment(home).items()]
        self.tmux(
            "new-session", "-d", "-x", "120", "-y", "40", "-c", str(home), "env", "-u", "NO_COLOR", *variables, *command
        )
        self.tmux("set-option", "-g", "status", "off", ";", "resize-window", "-x", "120", "-y", "40")

    def tmux(self, *arguments):
        command = ["tmux", "-L", self.socket, "-f", "/dev/null", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def wait(self, *texts):
        """Waits until all of these are on the screen."""
        deadline = time.monotonic() + 60
        while True:
            screen = self.tmux("capture-pane", "-p")
            if all(text in screen for text in texts):
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"waited in vain for {texts}; the screen reads\n{screen}")
            time.sleep(0.05)

    def press(self, *keys):
        for key in keys:
            self.tmux("send-keys", key)

    def quit(self):
        """Quits, and waits until the session is saved."""
        self.press("q")
        while subprocess.run(
            ["tmux", "-L", self.socket, "has-session"], capture_output=True, check=False
        ).returncode == 0:
            time.sleep(0.05)


def record_runs(program, home, folder):
    """Receipts, reports and their arguments."""
    for name in ("receipts", "reports"):
        (folder / name).mkdir(exist_ok=True)

    def run(arguments):
        return subprocess.run(
            [program, *arguments], check=True, cwd=home, env=environment(home), stdout=subprocess.PIPE
        ).stdout

    for name, arguments in RUNS.items():
        run(["generate", *arguments, *COMPUTE, "--receipt", f"{name}.json"])
        (folder / "receipts" / f"{name}.json").write_bytes((home / f"{name}.json").read_bytes())
        (folder / "reports" / f"{name}.json").write_bytes(run(["generate", "--json", *arguments, *COMPUTE]))
    commands = {name: arguments + COMPUTE for name, arguments in RUNS.items()}
    lines = [f"  {json.dumps(name)}: {json.dumps(arguments)}" for name, arguments in commands.items()]
    (folder / "commands.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def record_session(program, home, folder):
    """The demo model's session, then one of several runs."""
    (home / "config" / "diffusion-tui").mkdir(parents=True)
    terminal = Terminal(home, [program, "--seed", "3", "--steps", "2", *COMPUTE])
    terminal.wait("step 0/2")
    terminal.press("Right", "t")
    terminal.wait("step 1/2", "light")
    terminal.quit()

    (home / "config" / "diffusion-tui" / "config.toml").write_bytes((folder / "config.toml").read_bytes())
    (home / "runs.toml").write_bytes((folder / "runs.toml").read_bytes())
    options = ["--seed", "5", "--steps", "4", "--compare", "runs.toml", "--threads", "1"]
    terminal = Terminal(home, [program, "explore", MODEL, *options])
    terminal.wait("step 0/2")
    # With unlinked cursors, a different number of steps for each run.
    terminal.press("u", "u", "F5")
    terminal.wait("step 1/2")
    terminal.press("Tab", "F5", "F5")
    terminal.wait("step 2/4")
    terminal.press("Tab", "Tab", "F5")
    terminal.wait("step 1/3")
    terminal.press("BTab", "F5", "Right", "F5")
    terminal.wait("step 3/4")
    # The others are compared with the third run; the renderer and the view.
    terminal.press("=", "D", "v", "C-t", "C-t", "m", ">", "p", "p", "T", "o", "]", "z", "S-Right", "S-Down")
    # A gallery of it: two seeds marked, the third under the cursor.
    terminal.press(":")
    terminal.tmux("send-keys", "-l", "gallery 40-45")
    terminal.press("Enter")
    terminal.wait("45")
    terminal.press("Space", "Right", "Space", "Right", "-")
    terminal.wait("2 marked", "6 of 6")
    terminal.quit()
    (folder / "session.json").write_bytes((home / "state" / "diffusion-tui" / "session.json").read_bytes())


def check_lesson(program, home, folder):
    """0.1.0 opens the lesson."""
    (home / "lesson.toml").write_bytes((folder / "lesson.toml").read_bytes())
    terminal = Terminal(home, [program, "lesson", "lesson.toml"])
    terminal.wait("Every key of a lesson")
    terminal.quit()


def main(program):
    fixtures = pathlib.Path(__file__).resolve().parent
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    if version.strip() != "0.1.0":
        raise SystemExit(f"{program}: its version is {version.strip()}: expected 0.1.0")
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)
        make_cache(home, fixtures)
        record_runs(program, home, fixtures / "0.1.0")
        record_session(program, home, fixtures / "0.1.0")
        check_lesson(program, home, fixtures / "0.1.0")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: generate_0_1_0.py PROGRAM")
    main(str(pathlib.Path(sys.argv[1]).resolve()))
