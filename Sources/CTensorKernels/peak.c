// The peak performance of a machine, to compare kernels with: arithmetic in registers, and reading of memory.
#include "CTensorKernels.h"

#pragma STDC FP_CONTRACT ON

// One kernel of each kind for vectors of `LANES` floats. There are enough chains to hide the latency of a fused
// multiply-add (4 cycles on 2 ports, with some to spare), and few enough for the registers. Values stay finite: x * m
// + a has a fixed point.
#define CTK_PEAK(VARIANT, LANES, CHAINS)                                                             \
  typedef float peak_vector_##VARIANT __attribute__((vector_size(LANES * 4), aligned(4)));          \
  static float fma_##VARIANT(size_t rounds, float m, float a) {                                      \
    peak_vector_##VARIANT x[CHAINS], vm = {0}, va = {0};                                             \
    vm += m;                                                                                         \
    va += a;                                                                                         \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) x[i] = va * (float)(i + 1);  \
    for (size_t r = 0; r < rounds; r++)                                                              \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) x[i] = x[i] * vm + va;     \
    for (int i = 1; i < CHAINS; i++) x[0] += x[i];                                                   \
    return x[0][0];                                                                                  \
  }                                                                                                  \
  static float read_##VARIANT(const float *p, size_t count) {                                        \
    peak_vector_##VARIANT sum[8] = {0};                                                              \
    for (; count >= 8 * LANES; count -= 8 * LANES, p += 8 * LANES)                                   \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i++) sum[i] +=                       \
          *(const peak_vector_##VARIANT *)(p + i * LANES);                                           \
    for (int i = 1; i < 8; i++) sum[0] += sum[i];                                                    \
    return sum[0][0];                                                                                \
  }                                                                                                  \
  static const ctk_peak peak_##VARIANT = {#VARIANT, fma_##VARIANT, 2 * LANES * CHAINS, read_##VARIANT};

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx2,fma"))), apply_to = function)
CTK_PEAK(avx512, 16, 16)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
CTK_PEAK(avx2, 8, 12)
#pragma clang attribute pop
#endif

CTK_PEAK(portable, 4, 12)

const ctk_peak *ctk_peak_widest(void) {
#if defined(__x86_64__)
  if (ctk_kernels_avx512()) return &peak_avx512;
  if (ctk_kernels_avx2()) return &peak_avx2;
#endif
  return &peak_portable;
}
