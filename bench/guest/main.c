// Runs the kernels, or the one that ONLY names, and prints "name count checksum".
#include "kernels.h"
#ifdef NATIVE
#include <stdio.h>
#include <sys/mman.h>
static void put(char c) { putchar(c); }
#else
static void put(char c) { __asm__ volatile("outb %0,$0xe9" : : "a"(c)); }
#endif
static void text(const char *t) { while (*t) put(*t++); }
static void number(u64 v, u32 base) {
  char digits[24];
  int i = 24;
  do digits[--i] = "0123456789abcdef"[v % base]; while (v /= base);
  while (i < 24) put(digits[i++]);
}
static void run(const char *name, u64 (*kernel)(u64), u64 count) {
  u64 sum = kernel(count);
  text(name);
  put(' ');
  number(count, 10);
  put(' ');
  number(sum, 16);
  put('\n');
}
int main(void) {
#ifdef NATIVE
  if (mmap((void *)ARENA, 1 << 24, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != (void *)ARENA) return 2;
#endif
#ifndef ONLY
#define ONLY -1
#endif
  int index = 0;
#define RUN(kernel, count) if (ONLY < 0 || ONLY == index) run(#kernel, kernel, count); index++;
  KERNELS(RUN)
  return 0;
}
