#!/bin/sh
# Makes the Debian package and the tarball of a release, and their checksums, in .build/packages.
#
# The program has Swift's library inside. Both have the same files: program, man pages, completions, documentation.
# The same sources with the same compiler in the same folder give the same bytes: times are SOURCE_DATE_EPOCH, which is
# that of the last commit if it is not set. DEBEMAIL and DEBFULLNAME name who packs, as in Debian's own tools.
#
# Usage: Packaging/package.sh        needs dpkg-dev, gzip, xz-utils; lintian checks the package where it is installed
set -eu
umask 022
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cd "$root"
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=$(stat -c %Y CHANGELOG.md)
fi
export SOURCE_DATE_EPOCH
contact="${DEBFULLNAME:-The diffusion-tui contributors} <${DEBEMAIL:-contributors@diffusion-tui.invalid}>"

# Without symbols for others to link with, which nobody does with a program, and which would keep code that is not used.
# Each function in a section of its own: the linker drops those that nothing calls, and keeps one of equal ones.
set -- -c release --product diffusion-tui --static-swift-stdlib --disable-local-rpath -Xlinker --no-export-dynamic \
  -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections -Xcc -fdata-sections -Xlinker --icf=safe \
  --scratch-path .build/package
swift build "$@"
built="$(swift build "$@" --show-bin-path)/diffusion-tui"
version=$("$built" --version | head -n 1)
architecture=$(dpkg --print-architecture)

out=.build/packages
rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d -t package-XXXXXX)
trap 'rm -rf "$work"' EXIT
tree="$work/tree"

# The files, below usr/ as in the package.
install -d "$tree/usr/bin" "$tree/usr/share/man/man1" "$tree/usr/share/bash-completion/completions" \
  "$tree/usr/share/zsh/vendor-completions" "$tree/usr/share/fish/vendor_completions.d" \
  "$tree/usr/share/doc/diffusion-tui" "$tree/usr/share/lintian/overrides"
program="$tree/usr/bin/diffusion-tui"
strip --strip-all --remove-section=.comment -o "$program" "$built"
chmod 755 "$program"
Packaging/manual.sh "$program" "$tree/usr/share/man/man1"
# What is read by a shell needs no interpreter of its own.
"$program" --generate-completion-script bash | sed '1{/^#!/d}' \
  > "$tree/usr/share/bash-completion/completions/diffusion-tui"
"$program" --generate-completion-script zsh > "$tree/usr/share/zsh/vendor-completions/_diffusion-tui"
"$program" --generate-completion-script fish > "$tree/usr/share/fish/vendor_completions.d/diffusion-tui.fish"
doc="$tree/usr/share/doc/diffusion-tui"
install -m 644 Packaging/copyright "$doc/copyright"
install -m 644 CHANGELOG.md "$doc/changelog"

# The tarball is laid out for /usr/local or any other folder.
name="diffusion-tui-$version-linux-$(uname -m)"
mkdir -p "$work/$name"
cp -a "$tree/usr/bin" "$tree/usr/share" "$work/$name/"
rm -r "$work/$name/share/lintian"
mv "$work/$name/share/zsh/vendor-completions" "$work/$name/share/zsh/site-functions"
cp LICENSE README.md "$work/$name/"
tar --create --directory "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
  "$name" | gzip -9n > "$out/$name.tar.gz"

# What Debian's policy asks of the package alone.
install -m 644 Packaging/lintian-overrides "$tree/usr/share/lintian/overrides/diffusion-tui"
cat > "$doc/changelog.Debian" <<CHANGELOG
diffusion-tui ($version-1) unstable; urgency=medium

  * Package of version $version, made by the project itself.

 -- $contact  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG
gzip -9n "$doc/changelog" "$doc/changelog.Debian" "$tree"/usr/share/man/man1/*.1

# The libraries that the program is linked with; libcurl is loaded when a model is downloaded.
mkdir -p "$work/debian"
printf 'Source: diffusion-tui\n\nPackage: diffusion-tui\nArchitecture: any\n' > "$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps --warnings=0 -O -e"$program" | sed -n 's/^shlibs:Depends=//p')
mkdir "$tree/DEBIAN"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: diffusion-tui
Version: $version-1
Architecture: $architecture
Maintainer: $contact
Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$tree" | cut -f 1)
Depends: $depends
Recommends: ca-certificates, libcurl4
Suggests: bash-completion
Section: science
Priority: optional
Description: watch a diffusion model think, one step at a time, in a terminal
 diffusion-tui shows each step in which a diffusion model makes an image out of
 noise: the sample, the output of the model, the image that it predicts for the
 end, and the numbers behind them. A result depends on the model, the settings
 and the seed alone: the bits are the same on any number of threads, any
 instruction set and in batches.
 .
 Explorer, engine and two small models are in one program. Models in the layout
 of Diffusers open as well.
CONTROL
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum > DEBIAN/md5sums)
package="diffusion-tui_$version-1_$architecture.deb"
dpkg-deb --root-owner-group -Zxz --build "$tree" "$out/$package" > "$work/log"

(cd "$out" && sha256sum -- *.deb *.tar.gz > SHA256SUMS && cat SHA256SUMS)
echo "installed: $(sed -n 's/^Installed-Size: //p' "$tree/DEBIAN/control") KiB; depends: $depends"
if command -v lintian > /dev/null; then
  # Shown overrides would count as what they override.
  lintian --fail-on error,warning "$out/$package"
else
  echo "lintian is not installed: the package is not checked" >&2
fi
