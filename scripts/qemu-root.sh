#!/usr/bin/env bash
# Installs QEMU 11.1 (Debian trixie-backports), which knows TDX, and Debian's firmware into a root of
# their own, for systems whose own QEMU is older:
#
#     scripts/qemu-root.sh [DIRECTORY]     (default: .swtdx/qemu-root beside this script's folder)
#
# Needs debootstrap, root (or sudo) and about 0.6 GB. Running it again only completes what is missing.
# The directory is then given to `swtdx exec --root DIRECTORY -- qemu-system-x86_64 …`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=${1:-$here/.swtdx/qemu-root}
mirror=${DEBIAN_MIRROR:-}

if ! command -v debootstrap >/dev/null 2>&1; then
  echo "qemu-root: debootstrap is missing; install it (Debian and Ubuntu: apt-get install debootstrap)" >&2
  exit 2
fi
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)

# The mirror and its keys are those that this system uses already.
if [ -z "$mirror" ]; then
  mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null || true; } \
    | sed -nE 's/^(deb[[:space:]]+(\[[^]]*\][[:space:]]+)?|URIs:[[:space:]]*)(https?:[^[:space:]]*\/debian)\/?([[:space:]].*)?$/\3/p' \
    | head -n 1)
fi
if [ -z "$mirror" ]; then
  echo "qemu-root: no Debian mirror found in /etc/apt; set DEBIAN_MIRROR" >&2
  exit 2
fi

if [ ! -e "$root/etc/debian_version" ]; then
  mkdir -p "$root"
  "${sudo[@]}" debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$mirror"
fi
if [ ! -x "$root/usr/bin/qemu-system-x86_64" ]; then
  for file in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf; do
    [ -e "$file" ] && "${sudo[@]}" cp "$file" "$root/etc/apt/apt.conf.d/"
  done
  "${sudo[@]}" cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
  echo "deb $mirror trixie-backports main" \
    | "${sudo[@]}" tee "$root/etc/apt/sources.list.d/backports.list" >/dev/null
  "${sudo[@]}" chroot "$root" apt-get -q update
  "${sudo[@]}" chroot "$root" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q install -y --no-install-recommends -t trixie-backports qemu-system-x86 ovmf
fi
echo "qemu-root: $("${sudo[@]}" chroot "$root" qemu-system-x86_64 --version | head -n 1) in $root"
