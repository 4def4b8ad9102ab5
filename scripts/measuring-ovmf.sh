#!/usr/bin/env bash
# Fetches the OVMF of Debian 13 (trixie), the first of Debian's that measures its boot into RTMRs, and
# prints the path of its image. Tests take it from SWTDX_MEASURING_OVMF. Needs apt and a Debian mirror
# among the sources of apt; installs nothing.
#
#     scripts/measuring-ovmf.sh [DIRECTORY]     (default: .swtdx/trixie-ovmf in the checkout)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=${1:-$here/.swtdx/trixie-ovmf}
image=$dir/usr/share/ovmf/OVMF.fd
if [ ! -e "$image" ]; then
  mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null || true; } \
    | sed -nE 's/^(deb[[:space:]]+(\[[^]]*\][[:space:]]+)?|URIs:[[:space:]]*)(https?:[^[:space:]]*\/debian)\/?([[:space:]].*)?$/\3/p' \
    | head -n 1)
  if [ -z "$mirror" ]; then
    echo "measuring-ovmf: no Debian mirror found in /etc/apt" >&2
    exit 2
  fi
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" \
    > "$dir/sources.list"
  options=(-q -o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update >&2
  (cd "$dir" && apt-get "${options[@]}" download ovmf >&2)
  dpkg-deb --extract "$dir"/ovmf_*.deb "$dir"
  rm -rf "$dir/lists" "$dir/cache" "$dir"/ovmf_*.deb
fi
echo "$image"
