#!/usr/bin/env bash
# Builds the documentation of DiffusionCore into .build/documentation; a warning is an error, and so is a public
# declaration without documentation. DocC comes with the toolchain, and the symbols come from a build's modules, so
# nothing is downloaded and nothing is built twice.
#
#   build-docc.sh [OPTIONS]     options of `swift build` that say which build; without any, the release build
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ $# == 0 ]]; then set -- -c release; fi

# A build for tests has other flags, but its modules will do: building again would take minutes.
build="$(swift build "$@" --show-bin-path)"
module="$build/Modules/DiffusionCore.swiftmodule"
newer() { find Sources/*Kernels Sources/DiffusionCore -newer "$module" -name '*.swift' -print -quit; }
if [[ ! -e "$module" || -n "$(newer)" ]]; then
  swift build "$@" --target DiffusionCore
fi
symbols="$(mktemp -d)"
trap 'rm -rf "$symbols"' EXIT

# The C modules that the engine imports are found by their maps: SwiftPM's, and those beside the sources.
maps=()
for map in "$build"/*.build/module.modulemap {.,.build/checkouts/*}/Sources/*/include/module.modulemap; do
  if [[ -e "$map" ]]; then maps+=(-Xcc "-fmodule-map-file=$map"); fi
done
swift symbolgraph-extract -module-name DiffusionCore -I "$build/Modules" "${maps[@]}" \
  -target "$(swift -print-target-info | sed -n 's/.*"triple" *: *"\([^"]*\)".*/\1/p' | head -n 1)" \
  -minimum-access-level public -output-dir "$symbols"
python3 - "$symbols" <<'PYTHON'
import json, pathlib, sys

symbols = [
    symbol
    for path in pathlib.Path(sys.argv[1]).glob("*.symbols.json")
    for symbol in json.loads(path.read_text())["symbols"]
    if "::SYNTHESIZED::" not in symbol["identifier"]["precise"]
]
bare = sorted(".".join(symbol["pathComponents"]) for symbol in symbols if "docComment" not in symbol)
print(f"{len(symbols)} public declarations, {len(bare)} without documentation")
sys.exit("\n".join(bare) if bare else 0)
PYTHON
docc convert Sources/DiffusionCore/DiffusionCore.docc --additional-symbol-graph-dir "$symbols" \
  --fallback-display-name DiffusionCore --fallback-bundle-identifier DiffusionCore \
  --warnings-as-errors --output-path .build/documentation
