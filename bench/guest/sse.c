// Scalar SSE2: a body in the field of two others.
#include "kernels.h"

u64 k_orbit(u64 n) {
  double x = 1, y = 0.25, vx = 0, vy = 0.5, energy = 0;
  for (u64 i = 0; i < n; i++) {
    double d1 = (x - 1) * (x - 1) + y * y + 0.02, d2 = (x + 1) * (x + 1) + y * y + 0.02;
    double f1 = 1 / (d1 * __builtin_sqrt(d1)), f2 = 1 / (d2 * __builtin_sqrt(d2));
    vx -= ((x - 1) * f1 + (x + 1) * f2) * 0.001;
    vy -= y * (f1 + f2) * 0.001;
    x += vx * 0.001;
    y += vy * 0.001;
    energy += vx * vx + vy * vy;
  }
  return (u64)(energy * 1000) ^ (u64)(long)(x * 1e9) << 20;
}
