#!/usr/bin/env bash
# Installs QEMU 11.1 (Debian trixie-backports), which knows TDX, and Debian's firmware into a root of
# their own, for systems whose own QEMU is older:
#
#     scripts/qemu-root.sh [DIRECTORY]     (default: .swtdx/qemu-root beside this script's folder)
#
# Needs debootstrap, root (or sudo) and about 0.6 GB. Running it again only completes what is missing.
# DIRECTORY/qemu-system-x86_64 then runs that QEMU with its own libraries and firmware, as any user.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(realpath -m "${1:-$here/.swtdx/qemu-root}")
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
# Its libraries are found by its own loader; no chroot, so that files have their usual names.
"${sudo[@]}" tee "$root/qemu-system-x86_64" >/dev/null <<'WRAPPER'
#!/bin/sh
# Runs the QEMU of this root where it is.
root=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
lib=$root/usr/lib/x86_64-linux-gnu
QEMU_MODULE_DIR=$lib/qemu exec "$root/lib64/ld-linux-x86-64.so.2" --library-path "$lib" \
  "$root/usr/bin/qemu-system-x86_64" \
  -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" -L "$root/usr/lib/ipxe/qemu" "$@"
WRAPPER
"${sudo[@]}" chmod 755 "$root/qemu-system-x86_64"
cat <<USE
$("$root/qemu-system-x86_64" --version | head -n 1)
  runs as    $root/qemu-system-x86_64
  firmware   $root/usr/share/ovmf/OVMF.fd
a Trust Domain:
  ./swtdx exec -- $root/qemu-system-x86_64 -accel kvm -cpu host \\
    -machine q35,kernel-irqchip=split,confidential-guest-support=tdx0 -object tdx-guest,id=tdx0 \\
    -bios $root/usr/share/ovmf/OVMF.fd -m 1G -smp 2 -nographic
USE
