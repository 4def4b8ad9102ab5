#!/bin/sh
# build.sh FOLDER: the kernels as a native program and as guests (guest.elf all of them,
# guest_onlyN.elf one, guest_only9.elf none), from the same object files. SCALE=N divides the work.
set -e
here=$(cd "$(dirname "$0")" && pwd)
entry=$here/../../cli/src/test/guest
out=$1
mkdir -p "$out"
flags="-O2 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables
  -fcf-protection=none -fno-tree-vectorize -fno-tree-loop-distribute-patterns -mno-red-zone
  -mcmodel=small ${SCALE:+-DSCALE=$SCALE}"
gcc $flags -mgeneral-regs-only -c "$here/kernels.c" -o "$out/kernels.o"
gcc $flags -fno-math-errno -ffp-contract=off -c "$here/sse.c" -o "$out/sse.o"
gcc -DLONG -c "$entry/boot.S" -o "$out/boot.o"
printf 'void ap_main(void) {}\n' | gcc $flags -x c -c - -o "$out/ap.o"
guest() { # guest NAME FLAGS
  gcc $flags -mgeneral-regs-only $2 -c "$here/main.c" -o "$out/main.o"
  ld -nostdlib -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments --build-id=none \
    -T "$entry/guest.ld" -o "$out/$1.full" "$out/boot.o" "$out/main.o" "$out/kernels.o" "$out/sse.o" "$out/ap.o"
  objcopy -O elf32-i386 "$out/$1.full" "$out/$1.elf"
}
guest guest ""
for i in 0 1 2 3 4 5 9; do guest guest_only$i -DONLY=$i; done
gcc -O2 -no-pie -fno-pie -DNATIVE ${SCALE:+-DSCALE=$SCALE} -Wl,-Ttext-segment=0x40000000 \
  "$here/main.c" "$out/kernels.o" "$out/sse.o" -o "$out/native"
for i in 0 1 2 3 4 5 9; do
  gcc -O2 -no-pie -fno-pie -DNATIVE -DONLY=$i ${SCALE:+-DSCALE=$SCALE} -Wl,-Ttext-segment=0x40000000 \
    "$here/main.c" "$out/kernels.o" "$out/sse.o" -o "$out/native_only$i"
done
