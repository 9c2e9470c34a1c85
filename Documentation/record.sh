#!/usr/bin/env bash
# Takes the pictures of the README and of this folder with the built program: swift build -c release, then this.
set -euo pipefail
cd "$(dirname "$0")"
program=../.build/release/diffusion-tui

# The animation: a screen for the noise and one for each step, joined.
steps=10
frames="$(mktemp -d)"
trap 'rm -rf "$frames"' EXIT
keys=""
for frame in $(seq -w 0 "$steps"); do
  "$program" snapshot --seed 0 --steps "$steps" --keys "home$keys" --output "$frames/$frame.svg"
  keys+=" right"
done
./animate.py --picture 16,32,16,32,32 --output run.svg "$frames"/*.svg

"$program" snapshot --seed 0 --keys ": g o space 4 3 enter" --output explorer.svg
"$program" snapshot --compare 0,0,1,2 --steps 20 --keys "end" --output compare.svg
"$program" snapshot --seed 0 --steps 12 --size 110x34 --keys "right right right right right right T" --output three-up.svg
"$program" snapshot --seed 0 --steps 12 --eta 0.5 --size 110x28 --keys "right right right right right right p p p p" --output update.svg
"$program" snapshot --seed 0 --steps 20 --size 110x34 --keys ": g a l l e r y space 0 - 3 1 enter" --output gallery.svg
"$program" snapshot --seed 0 --keys "L down enter c end" --output lesson.svg
"$program" snapshot sd-emoji-64 --prompt pizza --seed 0 --steps 8 --size 110x34 --keys "right right right right T" --output latents.svg
"$program" snapshot ../Tests/Fixtures/dit/old --seed 3 --steps 12 --guidance-scale 2 --size 110x34 \
  --keys ": g a l l e r y space c l a s s e s space 0 - 7 enter" --output classes.svg
