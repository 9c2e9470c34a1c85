#!/bin/sh
# Writes the man pages of a built program into a folder: one for the program and one for each command.
#
# The pages are those of swift-argument-parser's generate-manual, named as man looks for them (man diffusion-tui
# generate finds diffusion-tui-generate), with manual.mdoc as further sections of the first.
#
# Usage: [SOURCE_DATE_EPOCH=N] Packaging/manual.sh PROGRAM FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:?the program}")
folder=${2:?a folder}
root=$(dirname "$here")
date=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%d)

# The generator comes with the parser that the program was built with.
parser=
for checkouts in "$root/.build/package/checkouts" "$root/.build/checkouts"; do
  [ -n "$parser" ] || [ ! -d "$checkouts/swift-argument-parser" ] || parser="$checkouts/swift-argument-parser"
done
if [ -z "$parser" ]; then
  echo "manual.sh: build the program first: there are no sources of swift-argument-parser" >&2
  exit 1
fi
swift build --quiet -Xswiftc -suppress-warnings --package-path "$parser" --scratch-path "$root/.build/manual" \
  --product generate-manual

mkdir -p "$folder"
work=$(mktemp -d -t manual-XXXXXX)
trap 'rm -rf "$work"' EXIT
"$root/.build/manual/debug/generate-manual" "$program" --multi-page --date "$date" --output-directory "$work"
rm -f "$work"/diffusion-tui*help.1

for page in "$work"/*.1; do
  name=$(basename "$page" .1 | tr . -)
  # Commands are named with a hyphen, and what a page is about is no sentence. The first page has more sections, the
  # others refer to it. Each sentence begins a line, as mdoc wants it.
  awk -v name="$name" -v more="$here/manual.mdoc" '
    /^\.Dt / { $2 = toupper(name) }
    /^\.Sh / { section = $0 }
    section == ".Sh NAME" && /^\.Nm / { $0 = ".Nm " name }
    /^\.Nd / { gsub(/^\.Nd "?|\.?"?$/, ""); $0 = ".Nd " tolower(substr($0, 1, 1)) substr($0, 2) }
    /^\.Xr .*help 1/ { next }
    /^\.Xr / { gsub(/\./, "-", $2) }
    section == ".Sh \"EXIT STATUS\"" && name == "diffusion-tui" {
      while ((getline line < more) > 0) print line
      next
    }
    /^\.Sh "SEE ALSO"/ && name != "diffusion-tui" { print; print ".Xr diffusion-tui 1 ,"; seen = 1; next }
    { print }
    END { if (!seen && name != "diffusion-tui") print ".Sh \"SEE ALSO\"\n.Xr diffusion-tui 1" }
  ' "$page" | sed '/^[^.]/s/\([.!?]\) \([A-Z]\)/\1\n\2/g' > "$folder/$name.1"
done
