#!/bin/bash
# Tries the Debian package in a bare Debian 12: installs it with apt, runs it, shows its man pages, completes words in
# bash, zsh and fish, and removes it without a trace.
#
# Needs root, debootstrap and a mirror of Debian. Nothing outside a temporary folder is touched: mounts are in a
# namespace of its own.
#
# Usage: [DEBIAN_MIRROR=URL | DEBIAN_BASE=FOLDER] Tests/Packages/debian.sh [PACKAGE.deb]
# DEBIAN_BASE is a root that debootstrap made before (--variant=minbase), which is copied.
set -euo pipefail
if [ -z "${OWN_MOUNTS:-}" ]; then OWN_MOUNTS=1 exec unshare --mount "$0" "$@"; fi
here=$(cd "$(dirname "$0")" && pwd)
package=$(realpath "${1:-$(ls "$here"/../../.build/packages/*.deb)}")
root=$(mktemp -d -t bare-debian-XXXXXX)
chmod 755 "$root" # users of the bare system have to reach it
trap 'umount -R "$root/proc" "$root/dev" 2>/dev/null || true; rm -rf --one-file-system "$root"' EXIT

say() { printf '\n== %s\n' "$*"; }
# Prints a command, and runs it in the bare root, as a user who logged in there.
bare() {
  printf '$ %s\n' "$*"
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=xterm-256color \
    DEBIAN_FRONTEND=noninteractive bash -c "$*"
}
quietly() {
  bare "$@" > "$root/tmp/log" 2>&1 || { cat "$root/tmp/log"; return 1; }
  tail -n "${lines:-3}" "$root/tmp/log"
}
# Every file but those of apt, dpkg and man themselves, which keep records of what they did.
files() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./var/log \
    -o -path ./var/cache/apt -o -path ./var/cache/man -o -path ./var/lib/apt -o -path './var/lib/dpkg/*-old' \) \
    -prune -o -print | sort)
}

say "a bare Debian 12"
if [ -n "${DEBIAN_BASE:-}" ]; then
  cp -a "$DEBIAN_BASE/." "$root/"
else
  debootstrap --variant=minbase bookworm "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" > "$root.log" 2>&1 \
    || { tail "$root.log"; exit 1; }
  rm "$root.log"
fi
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
lines=1 quietly 'apt-get update && apt-get install -y --no-install-recommends man-db bash-completion zsh fish'
bare 'cat /etc/debian_version; dpkg-query -W | wc -l'
bare 'ls -d /usr/share/doc/libncursesw6 /usr/share/doc/libpng16-16 2>&1 | tail -n 1'
files > "$root/tmp/before"

say "install"
mkdir "$root/tmp/package"
cp "$package" "$root/tmp/package/"
lines=8 quietly "apt-get install -y --no-install-recommends /tmp/package/$(basename "$package")"
bare 'dpkg -s diffusion-tui | grep -E "^(Status|Version|Installed-Size|Depends)"'
bare 'du -ch --apparent-size $(dpkg -L diffusion-tui | while read -r f; do [ -f "$f" ] && echo "$f"; done) | tail -n 1'

say "run"
bare 'diffusion-tui --version'
bare 'diffusion-tui doctor > /tmp/doctor; status=$?; tail -n 6 /tmp/doctor; exit $status'
bare 'cd /tmp && diffusion-tui generate --seed 0 --steps 2 --output image.png --receipt run.json > run.txt'
tail -n 3 "$root/tmp/run.txt"
golden=$(sed -n 's/.*ddpm-emoji-32 --seed 0 --steps 2 --eta 0.0" : "\([0-9a-f]*\)".*/\1/p' \
  "$here/../Fixtures/golden-hashes.json")
grep -o "${golden:?}" "$root/tmp/run.txt" | sed 's/$/ is the golden hash of this run/'
bare 'cd /tmp && diffusion-tui verify run.json | tail -n 1'

say "first frame"
python3 "$here/first-frame.py" chroot "$root" env -i HOME=/tmp LANG=C.UTF-8 TERM=xterm-256color diffusion-tui --seed 0

say "man pages"
bare 'man -w diffusion-tui diffusion-tui-generate diffusion-tui-models-pull'
bare 'man diffusion-tui 2>&1 | head -n 8'
bare 'for page in /usr/share/man/man1/diffusion-tui*; do man --warnings -l $page 2>&1 >/dev/null; done | wc -l'
bare 'whatis diffusion-tui-verify || { mandb -q && whatis diffusion-tui-verify; }'

say "completions"
mkdir -p "$root/tmp/repository/Tests/Packages"
cp "$here/completions.sh" "$root/tmp/repository/Tests/Packages/"
cp -r "$here/../../themes" "$root/tmp/repository/"
bare '/tmp/repository/Tests/Packages/completions.sh --installed'

say "remove"
lines=2 quietly 'apt-get purge -y --autoremove diffusion-tui'
files > "$root/tmp/after"
if diff "$root/tmp/before" "$root/tmp/after"; then
  echo "$(wc -l < "$root/tmp/after") files and folders as before: nothing is left"
else
  exit 1
fi
