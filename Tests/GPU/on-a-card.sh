#!/usr/bin/env bash
# What a machine with a GPU should run, in 9 minutes: the bits of every kernel and of whole runs, PyTorch's noise on the
# card, and the time of a forward pass beside PyTorch's.
#
#   Tests/GPU/on-a-card.sh pack card.tar.gz    where Swift is: the programs, the libraries they need, models, receipts
#   tar xzf card.tar.gz && card/on-a-card.sh run [opencl] [cuda] [bits] [noise] [speed] [models]
#                                              on the machine, which needs a driver, and PyTorch for noise and speed
#
# `run` takes both devices and all parts if none is named, the most important first. It adds to card/report.txt and ends
# with 1 if a bit differs or a command fails, with 75 if only something was left out for lack of time, which `run` with
# its part then makes up for. card/noise holds what PyTorch drew: Documentation/Contributing.md says what becomes of it.
#
# LIMIT    the seconds that `run` takes at most (540)
# REPEATS  how many forward passes are timed (20)
# PYTHON   another Python
# PROGRAM  for `pack`, a program that is built already; CHECKS, its gpu-checks (beside it if omitted)
#
# Without a GPU, `run opencl` with PoCL tries the script itself, and with TORCH_DEVICE=cpu what it does with PyTorch.
set -euo pipefail
export LC_ALL=C
here="$(cd "$(dirname "$0")" && pwd)"

pack() {
  local root="$here/../.." target="$1" program="${PROGRAM:-}" checks folder loader model name alone=""
  if [[ -z "$program" ]]; then
    (cd "$root" && swift build -c release --static-swift-stdlib --product diffusion-tui)
    (cd "$root" && swift build -c release --static-swift-stdlib --product gpu-checks)
    program="$root/.build/release/diffusion-tui"
  fi
  checks="${CHECKS:-$(dirname "$program")/gpu-checks}"
  loader="$(PATH="$PATH:/sbin" ldconfig -p | awk '/libOpenCL\.so\.1 / && !n++ { print $NF }')"
  [[ -n "$loader" ]] || { echo "libOpenCL.so.1 is missing: apt-get install ocl-icd-libopencl1" >&2 && exit 69; }
  folder="$(mktemp -d)/card"
  mkdir -p "$folder/lib" "$folder/models" "$folder/receipts"
  cp "$program" "$folder/diffusion-tui"
  cp "$checks" "$folder/gpu-checks"
  strip "$folder/diffusion-tui" "$folder/gpu-checks"
  # All but the C library, which every machine has, and OpenCL's loader, which the program opens by name.
  ldd "$program" "$checks" | awk '/=> \// && !/\/lib(c|m)\.so/ { print $3 }' | sort -u |
    xargs -I{} cp -L {} "$folder/lib/"
  cp -L "$loader" "$folder/lib/libOpenCL.so.1"
  cp "$here/on-a-card.sh" "$here/card.py" "$root/Tests/Fixtures/fnv1a.py" "$folder/"
  for model in "$root"/Tests/Fixtures/unet/*/; do
    name="$(basename "$model")"
    # Some are networks alone, of which no run can be made; others' images are NaN, with a receipt all the same.
    "$program" generate "$model" --seed 1 --steps 2 --receipt "$folder/receipts/$name.json" --progress none \
      >/dev/null 2>&1 || true
    if [[ -f "$folder/receipts/$name.json" ]]; then cp -r "$model" "$folder/models/$name"; else alone+=" $name"; fi
  done
  "$program" generate --seed 0 --steps 50 --receipt "$folder/receipts/demo-50-steps.json" --progress none >/dev/null
  "$program" generate --prompt "a red heart" --seed 0 --steps 4 --receipt "$folder/receipts/demo-prompt.json" \
    --progress none >/dev/null
  tar czf "$target" -C "$(dirname "$folder")" card
  echo "$(find "$folder/models" -mindepth 1 -maxdepth 1 | wc -l) models; networks alone, left out:$alone"
  rm -rf "$(dirname "$folder")"
  du -h "$target"
}

failures=0
left_out=()
declare -A times
say() { printf '%s\n' "$*" | tee -a "$here/report.txt"; }

# The median of what `bench --json` wrote, or the last line of anything else.
result() {
  local median
  median="$(sed -n '/"forward_ms"/,/}/s/.*"median" : \([0-9.]*\).*/\1/p' "$1")"
  if [[ -n "$median" ]]; then printf '%.3f ms\n' "$median"; else tail -n 1 "$1"; fi
}

# Runs a command for at most so many seconds, and not beyond the limit of all; what it says goes into the report, and
# into `line` if it succeeds.
try() {
  local name="$1" seconds="$2" start=$SECONDS left=$((LIMIT - SECONDS)) status=0
  shift 2
  line=""
  if ((left < 5)); then
    left_out+=("$name")
    return
  fi
  local granted=$((seconds < left ? seconds : left))
  timeout -k 5 "$granted" "$@" >"$here/output.txt" 2>&1 || status=$?
  # Killed before its time is up: for want of memory.
  if ((status == 137 && SECONDS - start < granted)); then status=1; fi
  case "$status" in
    0)
      line="$(result "$here/output.txt")"
      say "ok      $name ($((SECONDS - start)) s): $line"
      ;;
    124 | 137)
      say "SLOW    $name: stopped after $((SECONDS - start)) s"
      left_out+=("$name")
      ;;
    *)
      say "FAILED  $name ($((SECONDS - start)) s): $(tail -n 1 "$here/output.txt")"
      failures=$((failures + 1))
      ;;
  esac
}

verify() {
  local device="$1" name="$2" model="$here/models/$2"
  [[ -d "$model" ]] || model=""
  try "$device $name" 60 "${ours[@]}" "$here/diffusion-tui" verify "$here/receipts/$name.json" ${model:+"$model"} \
    --device "$device"
}

bits() {
  local device
  for device in "${devices[@]}"; do
    try "$device operations" 120 "${ours[@]}" "$here/gpu-checks" "$device" 100
    verify "$device" demo-50-steps
    verify "$device" demo-prompt
  done
}

models() {
  local device receipt
  for device in "${devices[@]}"; do
    for receipt in "$here"/receipts/*.json; do
      [[ "$receipt" == */demo-* ]] || verify "$device" "$(basename "$receipt" .json)"
    done
  done
}

noise() {
  try "PyTorch's noise" 90 "$python" "$here/card.py" --device "$torch_device" noise "$here/noise" "${ours[@]}" \
    "$here/diffusion-tui"
  if [[ -n "$line" ]]; then sed 's/^/        /' "$here/output.txt" | tee -a "$here/report.txt"; fi
}

# Makes images on the processor and again on every device, which `verify` compares with all tensors on the way; then
# times forward passes of the same network.
speed() {
  local device batch model="$here/models/cifar10-32" receipt="$here/cifar10-32.json"
  local forward=("$python" "$here/card.py" --device "$torch_device" --repeats "$REPEATS")
  try "a model of cifar10-32's shape" 60 "$python" "$here/card.py" model "$model"
  [[ -n "$line" ]] || return 0
  for batch in 1 5; do
    try "cpu cifar10-32, batch $batch" 60 "${ours[@]}" "$here/diffusion-tui" generate "$model" --seed 0 --steps 2 \
      --batch-size "$batch" --receipt "$receipt" --progress none
    [[ -n "$line" ]] || continue
    for device in "${devices[@]}"; do
      try "$device cifar10-32, batch $batch" 60 "${ours[@]}" "$here/diffusion-tui" verify "$receipt" "$model" \
        --device "$device"
    done
  done
  for batch in 1 64; do
    for device in "${devices[@]}"; do
      measure "$device" "$batch" "${ours[@]}" "$here/diffusion-tui" bench "$model" --device "$device" \
        --batch-size "$batch" --repeats "$REPEATS" --json
    done
    measure eager "$batch" "${forward[@]}" --batch "$batch" forward
  done
  # Compiling takes longest and has no goal.
  for batch in 1 64; do
    measure compiled "$batch" "${forward[@]}" --batch "$batch" --compile forward
  done
  table
}

measure() {
  local name="$1" batch="$2" seconds=120
  if [[ "$name" == compiled ]]; then seconds=180; fi
  shift 2
  try "$name, batch $batch" "$seconds" "$@"
  times["$name $batch"]="${line% ms}"
}

# The goals: at batch 1 half of the time of PyTorch without compilation, at batch 64 no more than its time.
table() {
  local batch device goal
  say "batch  device       ms  eager ms  ratio  goal  met  compiled ms  ratio"
  for batch in 1 64; do
    goal="$([[ "$batch" == 1 ]] && echo 0.5 || echo 1.0)"
    for device in "${devices[@]}"; do
      say "$(awk -v batch="$batch" -v device="$device" -v goal="$goal" -v own="${times["$device $batch"]:-}" \
        -v eager="${times["eager $batch"]:-}" -v compiled="${times["compiled $batch"]:-}" '
        function known(time) { return time == "" ? "-" : time }
        function ratio(time) { return own == "" || time == "" ? "-" : sprintf("%.2f", own / time) }
        BEGIN {
          met = ratio(eager) == "-" ? "-" : own / eager <= goal ? "yes" : "no"
          printf "%5s  %-6s %8s  %8s  %5s  %4s  %3s  %11s  %5s", batch, device, known(own), known(eager), \
            ratio(eager), goal, met, known(compiled), ratio(compiled)
        }')"
    done
  done
}

run() {
  local argument device wanted=() parts=() python="${PYTHON:-python3}" torch_device="${TORCH_DEVICE:-cuda}" doctor
  local devices=()
  # Python keeps the libraries of its own machine.
  local ours=(env "LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}")
  SECONDS=0
  LIMIT="${LIMIT:-540}" REPEATS="${REPEATS:-20}"
  for argument in "$@"; do
    case "$argument" in
      opencl | cuda) wanted+=("$argument") ;;
      bits | noise | speed | models) parts+=("$argument") ;;
      *) echo "$argument is neither a device nor a part" >&2 && exit 64 ;;
    esac
  done
  [[ "${#wanted[@]}" -gt 0 ]] || wanted=(cuda opencl)
  [[ "${#parts[@]}" -gt 0 ]] || parts=(bits noise speed models)
  # Kernels are compiled once, here.
  export XDG_CACHE_HOME="$here/cache" CUDA_CACHE_PATH="$here/cache/cuda"
  # A machine may have NVIDIA's OpenCL driver without the file that names it to the loader.
  export OCL_ICD_VENDORS="$here/vendors"
  mkdir -p "$here/vendors"
  cp /etc/OpenCL/vendors/*.icd "$here/vendors/" 2>/dev/null || true
  echo libnvidia-opencl.so.1 >"$here/vendors/nvidia.icd"

  say "$(date -u +%Y-%m-%dT%H:%MZ) $("${ours[@]}" "$here/diffusion-tui" --version | head -n 1) $(uname -m)"
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null |
    tee -a "$here/report.txt" || true
  doctor="$(timeout -k 5 60 "${ours[@]}" "$here/diffusion-tui" doctor | grep -E '^ *(opencl|cuda)' || true)"
  say "$doctor"
  for device in "${wanted[@]}"; do
    if grep -qE "^ *$device +yes" <<<"$doctor"; then
      devices+=("$device")
    else
      say "FAILED  $device cannot be used"
      failures=$((failures + 1))
    fi
  done
  if [[ "${#devices[@]}" == 0 ]]; then finish; fi

  local pytorch="there is no PyTorch"
  if timeout 60 "$python" -c 'import torch' 2>/dev/null; then
    pytorch="PyTorch sees no card"
    if [[ "$torch_device" == cpu ]] ||
      timeout 60 "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
      pytorch=""
    fi
  fi
  for argument in "${parts[@]}"; do
    if [[ -n "$pytorch" && "$argument" == @(noise|speed) ]]; then
      say "without $argument: $pytorch"
    else
      "$argument"
    fi
  done
  finish
}

finish() {
  local name
  for name in "${left_out[@]}"; do say "left out for lack of time: $name"; done
  say "$failures failed, ${#left_out[@]} left out, $SECONDS s"
  if ((failures > 0)); then exit 1; fi
  if ((${#left_out[@]} > 0)); then exit 75; fi
  exit 0
}

case "${1:-}" in
  pack) pack "$(realpath -m "${2:?pack wants a file}")" ;;
  run) shift && run "$@" ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" && exit 64 ;;
esac
