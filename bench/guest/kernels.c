// Kernels that are compiled once and run natively and as a guest: integers with branches, pointer
// chasing, copying, ChaCha20, indirect calls. All memory is at ARENA, 16 MiB.
#include "kernels.h"

u64 k_branches(u64 n) {
  u64 state = 88172645463325252ull, sum = 0;
  for (u64 i = 0; i < n; i++) {
    state ^= state << 7;
    state ^= state >> 9;
    if (state & 1) sum += state >> 5;
    else if ((state & 6) == 2) sum = sum << 3 | sum >> 61;
    else sum -= i;
    sum += sum < state;
  }
  return sum;
}

struct node { struct node *next; u64 value, pad[6]; };
u64 k_chase(u64 n) {
  struct node *nodes = (struct node *)ARENA;
  const u32 count = 16384;
  for (u32 i = 0; i < count; i++) {          // a full cycle: i -> 5i + 1 mod 2^14
    nodes[i].next = &nodes[(5 * i + 1) & (count - 1)];
    nodes[i].value = i;
  }
  struct node *at = nodes;
  u64 sum = 0;
  for (u64 i = 0; i < n; i++) {
    sum = sum * 3 + at->value;
    at->pad[0] = sum;
    at = at->next;
  }
  return sum;
}

u64 k_copy(u64 n) {
  volatile u64 *from = (volatile u64 *)(ARENA + 0x800000), *to = (volatile u64 *)(ARENA + 0xa00000);
  u64 sum = 0;
  for (u64 round = 0; round < n; round++) {
    from[round & 4095] = round;
    for (u32 i = 0; i < 16384; i++) to[i] = from[i] + i;
    sum += to[round & 4095];
  }
  return sum;
}

#define ROTATE(v, c) ((v) << (c) | (v) >> (32 - (c)))
#define QUARTER(a, b, c, d) \
  a += b; d = ROTATE(d ^ a, 16); c += d; b = ROTATE(b ^ c, 12); \
  a += b; d = ROTATE(d ^ a, 8); c += d; b = ROTATE(b ^ c, 7)
u64 k_chacha(u64 n) {
  u32 input[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 10, 11};
  u32 x[16];
  u64 sum = 0;
  for (u64 i = 0; i < n; i++) {
    input[12] = i;
    for (int j = 0; j < 16; j++) x[j] = input[j];
    for (int j = 0; j < 10; j++) {
      QUARTER(x[0], x[4], x[8], x[12]); QUARTER(x[1], x[5], x[9], x[13]);
      QUARTER(x[2], x[6], x[10], x[14]); QUARTER(x[3], x[7], x[11], x[15]);
      QUARTER(x[0], x[5], x[10], x[15]); QUARTER(x[1], x[6], x[11], x[12]);
      QUARTER(x[2], x[7], x[8], x[13]); QUARTER(x[3], x[4], x[9], x[14]);
    }
    sum += x[i & 15] + input[i & 15];
  }
  return sum;
}

#define OPERATION static __attribute__((noinline)) u64
OPERATION op_add(u64 a, u64 b) { return a + b; }
OPERATION op_mix(u64 a, u64 b) { return a ^ (b << 9 | b >> 55); }
OPERATION op_mul(u64 a, u64 b) { return a * (b | 1) + 7; }
OPERATION op_if(u64 a, u64 b) { return a & 1 ? a + (b >> 3) : a - 1; }
static u64 (*volatile const operations[4])(u64, u64) = {op_add, op_mix, op_mul, op_if};
u64 k_calls(u64 n) {
  u64 a = 1, b = 2;
  for (u64 i = 0; i < n; i++) {
    u64 next = operations[(a >> 11 ^ i) & 3](a, b);
    b = a;
    a = next;
  }
  return a ^ b;
}
