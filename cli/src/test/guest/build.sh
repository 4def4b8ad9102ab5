#!/bin/sh
# build.sh FOLDER: builds the test guests with gcc into FOLDER, one multiboot image each.
set -e
here=$(cd "$(dirname "$0")" && pwd)
out=$1
mkdir -p "$out"
flags="-O1 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables
  -fcf-protection=none -mgeneral-regs-only -Wall -I$here"
guest() { # guest NAME SOURCE 64|32 [FLAGS]
  name=$1; source=$2; bits=$3; shift 3
  if [ "$bits" = 64 ]; then mode="-m64 -DLONG -mno-red-zone -mcmodel=small"; ld="-m elf_x86_64"
  else mode="-m32"; ld="-m elf_i386"; fi
  mkdir -p "$out/$name.parts"
  for part in boot.S traps.S guest.c $source; do
    gcc $flags $mode "$@" -c "$here/$part" -o "$out/$name.parts/$part.o"
  done
  ld $ld -nostdlib -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments --build-id=none \
    -T "$here/guest.ld" -o "$out/$name.full" "$out/$name.parts"/*.o
  objcopy -O elf32-i386 "$out/$name.full" "$out/$name.elf"
}
guest exceptions exceptions.c 64
guest timers timers.c 64
guest paging64 paging64.c 64
guest paging64-la57 paging64.c 64 -DLA57
guest protected32 protected32.c 32
