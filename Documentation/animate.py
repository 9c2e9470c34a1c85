#!/usr/bin/env python3
"""Joins screens that `diffusion-tui snapshot` wrote into one SVG that plays them; the shell script beside it calls it.

    animate.py --picture X,Y,UNIT,COLUMNS,ROWS --output run.svg frame-0.svg frame-1.svg ...

Lines that frames share stand once. Every pixel of the picture is one element whose colour changes; what else changes is
shown and hidden. A viewer that does not animate shows the last frame.
"""

import argparse
import re

RECT = re.compile(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" fill="(#[0-9a-f]{6})"/>')


class Picture:
    """A grid of square pixels in a screen."""

    def __init__(self, text):
        self.x, self.y, self.unit, self.columns, self.rows = map(int, text.split(","))

    def pixels(self, line):
        """The pixels that a line of a frame paints, with their colour; None for a line that is no part of it."""
        match = RECT.fullmatch(line)
        if not match:
            return None
        x, y, width, height = map(int, match.groups()[:4])
        parts = (x - self.x, y - self.y, width, height)
        if any(part % self.unit for part in parts):
            return None
        column, row, width, height = (part // self.unit for part in parts)
        if not (0 <= column and column + width <= self.columns and 0 <= row and row + height <= self.rows):
            return None
        return [(x, y, match[5]) for y in range(row, row + height) for x in range(column, column + width)]


def animation(attribute, values, seconds):
    return (f'<animate attributeName="{attribute}" values="{";".join(values)}" dur="{seconds:g}s" calcMode="discrete"'
            ' repeatCount="indefinite"/>')


def drawn_pixels(frames, picture, page, hold, seconds):
    """The picture as elements, one for each pixel, and the lines of every frame without it."""
    colors = [[[page] * picture.columns for _ in range(picture.rows)] for _ in frames]
    rest = []
    for index, frame in enumerate(frames):
        rest.append([])
        for line in frame:
            pixels = picture.pixels(line)
            if pixels is None:
                rest[-1].append(line)
            for x, y, color in pixels or []:
                colors[index][y][x] = color
    elements = []
    for y in range(picture.rows):
        for x in range(picture.columns):
            values = [color[y][x] for color in colors]
            path = f'<path d="M{x} {y}h1v1h-1z" fill="{values[-1]}"'
            still = len(set(values)) == 1
            elements.append(path + ("/>" if still else f">{animation('fill', values + hold * values[-1:], seconds)}</path>"))
    place = f'<g transform="translate({picture.x} {picture.y}) scale({picture.unit})">'
    return [place] + elements + ["</g>"], rest


def spans(frames, hold, seconds):
    """The lines of all frames, grouped by the frames that have them."""
    shown = {}
    for index, frame in enumerate(frames):
        for line in frame:
            shown.setdefault(line, set()).add(index)
    groups = {}
    for line, indices in shown.items():
        groups.setdefault(tuple(sorted(indices)), []).append(line)
    result = []
    for indices, lines in groups.items():
        if len(indices) == len(frames):
            result += lines
            continue
        values = ["visible" if index in indices else "hidden" for index in range(len(frames))]
        result += [f'<g visibility="{values[-1]}">' + animation("visibility", values + hold * values[-1:], seconds)]
        result += lines + ["</g>"]
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Picture, required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--seconds", type=float, default=0.6, help="how long a frame stays (default: 0.6)")
    parser.add_argument("--hold", type=int, default=3, help="how many times longer the last one does (default: 3)")
    parser.add_argument("frames", nargs="+")
    given = parser.parse_args()
    frames = [open(path, encoding="utf8").read().splitlines() for path in given.frames]
    # svg, title, style and background; then a group of rectangles and one of text, each with its own first line.
    head = frames[0][:4]
    assert all(frame[:4] == head for frame in frames), "the frames have different sizes or colours"
    page = re.search(r'fill="(#[0-9a-f]{6})"', head[3])[1]
    seconds = given.seconds * (len(frames) + given.hold)
    middle = [frame.index("</g>") for frame in frames]
    rectangles = [frame[5:end] for frame, end in zip(frames, middle)]
    texts = [frame[end + 2:-2] for frame, end in zip(frames, middle)]
    pixels, rectangles = drawn_pixels(rectangles, given.picture, page, given.hold, seconds)
    lines = head + [frames[0][4]] + spans(rectangles, given.hold, seconds) + pixels + ["</g>", frames[0][middle[0] + 1]]
    lines += spans(texts, given.hold, seconds) + ["</g>", "</svg>"]
    with open(given.output, "w", encoding="utf8") as output:
        output.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
