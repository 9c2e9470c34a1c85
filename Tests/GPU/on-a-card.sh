#!/usr/bin/env bash
# What a machine with a GPU should run, in 15 minutes: the bits of every kernel, of the fixture models and of a run of 50
# steps, PyTorch's noise on the card, and the time of a forward pass beside PyTorch's.
#
#   Tests/GPU/on-a-card.sh pack card.tar.gz    where Swift is: the program, the libraries that it needs, models, receipts
#   tar xzf card.tar.gz && card/on-a-card.sh run [opencl] [cuda]    on the machine, which needs a driver, and PyTorch for
#                                              the last two parts
#
# `run` writes card/report.txt, and ends with 1 if a bit differs. PYTHON names another Python. With POCL in place of a GPU,
# `run opencl` tries the script itself.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"

pack() {
  local root="$here/../.." target="$1" folder
  folder="$(mktemp -d)/card"
  mkdir -p "$folder/lib" "$folder/models" "$folder/receipts"
  if [[ -z "${PROGRAM:-}" ]]; then
    (cd "$root" && swift build -c release --static-swift-stdlib --product diffusion-tui)
    (cd "$root" && swift build -c release --static-swift-stdlib --product gpu-checks)
    PROGRAM="$root/.build/release/diffusion-tui"
  fi
  cp "$PROGRAM" "$(dirname "$PROGRAM")/gpu-checks" "$folder/"
  strip "$folder/diffusion-tui" "$folder/gpu-checks"
  # All but the C library, which every machine has.
  ldd "$folder/diffusion-tui" | awk '/ncursesw|tinfo|png|libz\.|stdc\+\+|gcc_s/ { print $3 }' | xargs -I{} cp -L {} "$folder/lib/"
  cp "$here/on-a-card.sh" "$here/card.py" "$folder/"
  local model name
  for model in "$root"/Tests/Fixtures/unet/*/; do
    name="$(basename "$model")"
    [[ -f "$model/unet/config.json" ]] || continue
    # Some are networks alone, of which no run can be made.
    "$PROGRAM" generate "$model" --seed 1 --steps 2 --receipt "$folder/receipts/$name.json" --progress none \
      >/dev/null 2>&1 || continue
    cp -r "$model" "$folder/models/$name"
  done
  "$PROGRAM" generate --seed 0 --steps 50 --receipt "$folder/receipts/demo-50-steps.json" --progress none >/dev/null
  "$PROGRAM" generate --prompt "a red heart" --seed 0 --steps 4 --receipt "$folder/receipts/demo-prompt.json" \
    --progress none >/dev/null
  tar czf "$target" -C "$(dirname "$folder")" card
  rm -rf "$(dirname "$folder")"
  du -h "$target"
}

failures=0
say() { printf '%s\n' "$*" | tee -a "$here/report.txt"; }

# Runs a command for at most so many seconds; its last line and its time go into the report.
try() {
  local name="$1" seconds="$2" start=$SECONDS line
  shift 2
  if line="$(timeout "$seconds" "$@" 2>&1 | tail -1; exit "${PIPESTATUS[0]}")"; then
    say "ok      $name ($((SECONDS - start)) s): $line"
  else
    say "FAILED  $name ($((SECONDS - start)) s): $line"
    failures=$((failures + 1))
  fi
}

run() {
  export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" XDG_CACHE_HOME="$here/cache"
  local device receipt name model batch python="${PYTHON:-python3}" program="$here/diffusion-tui"
  : >"$here/report.txt"
  say "$(date -u +%Y-%m-%dT%H:%MZ) $("$program" --version | head -n 1) $(uname -m)"
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null | tee -a "$here/report.txt" || true
  "$program" doctor | grep -E '^ *(opencl|cuda)' | tee -a "$here/report.txt" || true
  for device in "${@:-cuda}"; do
    try "$device operations" 200 "$here/gpu-checks" "$device" 100
    for receipt in "$here"/receipts/*.json; do
      name="$(basename "$receipt" .json)"
      model="$here/models/$name"
      if [[ -d "$model" ]]; then
        try "$device $name" 60 "$program" verify "$receipt" "$model" --device "$device"
      else
        try "$device $name" 120 "$program" verify "$receipt" --device "$device"
      fi
    done
  done
  if ! "$python" -c 'import torch' 2>/dev/null; then
    say "no PyTorch: its noise and its time are left out"
    finish
  fi
  if "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
    try "PyTorch's noise" 60 "$python" "$here/card.py" noise "$here/noise.json"
  else
    say "PyTorch sees no card: its noise and its time are left out"
    finish
  fi
  "$python" "$here/card.py" model "$here/models/cifar10-32"
  for batch in 1 64; do
    for device in "${@:-cuda}"; do
      try "$device, batch $batch" 120 "$program" bench "$here/models/cifar10-32" --device "$device" \
        --batch-size "$batch" --repeats 20 --json
    done
    try "PyTorch eager, batch $batch" 60 "$python" "$here/card.py" forward --batch "$batch"
    try "PyTorch compiled, batch $batch" 180 "$python" "$here/card.py" forward --batch "$batch" --compile
  done
  finish
}

finish() {
  say "$failures failed"
  exit "$((failures > 0))"
}

case "${1:-}" in
  pack) pack "$(realpath -m "${2:?pack wants a file}")" ;;
  run) shift && run "$@" ;;
  *) sed -n '2,12p' "$0" | cut -c3- && exit 64 ;;
esac
