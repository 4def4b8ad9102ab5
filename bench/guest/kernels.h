#pragma once
typedef unsigned long u64;
typedef unsigned int u32;
#define ARENA 0x1000000ul
#ifndef SCALE
#define SCALE 1
#endif
u64 k_branches(u64), k_chase(u64), k_copy(u64), k_chacha(u64), k_calls(u64), k_orbit(u64);
#define KERNELS(X) \
  X(k_branches, 20000000 / SCALE) X(k_chase, 20000000 / SCALE) X(k_copy, 2000 / SCALE) \
  X(k_chacha, 400000 / SCALE) X(k_calls, 20000000 / SCALE) X(k_orbit, 10000000 / SCALE)
