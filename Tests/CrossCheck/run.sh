#!/bin/sh
# Compiles the kernels for this machine and for arm64 and compares what they give with problems.txt, whose hashes are the scalar
# oracle's. Needs clang; for arm64, Debian's gcc-aarch64-linux-gnu (libraries and headers) and qemu-user as well.
#
#   run.sh [aarch64]     aarch64: leaves this machine's own kernels out
set -eu
cd "$(dirname "$0")"
kernels=../../Sources/CTensorKernels
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

build() { # OUTPUT OPTION...
  output=$1
  shift
  clang -std=gnu2x -O2 -I "$kernels/include" "$@" -o "$output" driver.c "$kernels"/kernels_*.c "$kernels/packing.c" -lm
}

failed=0
check() { # NAME COMMAND...
  name=$1
  shift
  status=0
  "$@" < problems.txt > "$folder/found.txt" || status=$?
  if [ "$status" = 77 ]; then
    echo "skipped  $name: this processor lacks it"
  elif [ "$status" = 0 ] && diff problems.txt "$folder/found.txt" > "$folder/difference.txt"; then
    echo "same     $name"
  else
    echo "DIFFERS  $name (status $status; <: committed, >: found)"
    cat "$folder/difference.txt"
    failed=1
  fi
}

machine=$(uname -m)
if [ "${1:-}" != aarch64 ]; then
  build "$folder/native"
  for set in avx512 avx2 portable; do check "$machine $set" "$folder/native" "$set"; done
fi
if [ "$machine" != aarch64 ]; then
  build "$folder/aarch64" --target=aarch64-linux-gnu -fuse-ld=lld -static
  check "aarch64 portable" qemu-aarch64 "$folder/aarch64" portable
fi
exit "$failed"
