#!/bin/sh
# A fresh package that depends on this one by its git repository and uses the product DiffusionCore alone: it must
# build, print the sum of the library's documentation, and need neither ncurses nor libpng.
#
# It compiles the engine from the last commit, which takes minutes.
#
# Usage: Tests/Packages/dependency.sh [FOLDER]     builds in FOLDER, which is kept; else in one that is removed
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${1:-}
if [ -z "$work" ]; then
  work=$(mktemp -d -t dependency-XXXXXX)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work/Sources/sum"
cat > "$work/Package.swift" <<SWIFT
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "sum",
  dependencies: [.package(url: "file://$root", revision: "$(git -C "$root" rev-parse HEAD)")],
  targets: [
    .executableTarget(
      name: "sum", dependencies: [.product(name: "DiffusionCore", package: "$(basename "$root")")])
  ])
SWIFT
cat > "$work/Sources/sum/main.swift" <<'SWIFT'
import DiffusionCore

// The example of the library's documentation, with a model in a folder.
let pipeline = try DDIMPipeline.fromPretrained(CommandLine.arguments[1])
let generator = Generator(device: .cpu).manualSeed(0)
let images = try pipeline(numInferenceSteps: 2, generator: generator).images
print(images.absoluteSum())
SWIFT
swift build -c release --package-path "$work"
sum=$(swift build -c release --package-path "$work" --show-bin-path)/sum

found=$("$sum" "$root/Sources/DemoModel/ddpm-emoji-32")
echo "np.abs(image).sum() = $found"
case "$found" in 2292.1679*) ;; *) echo "expected 2292.1679" >&2; exit 1 ;; esac
libraries=$(ldd "$sum" | awk '{ print $1 }')
echo "libraries: $(echo "$libraries" | tr '\n' ' ')"
if echo "$libraries" | grep -E 'ncurses|tinfo|png'; then echo "the engine needs libraries of the program" >&2; exit 1; fi
echo "checked out: $(ls "$work/.build/checkouts" | tr '\n' ' ')"
