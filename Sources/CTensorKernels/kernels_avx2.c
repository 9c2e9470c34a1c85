#include <stdlib.h>

#include "CTensorKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CTK_VARIANT avx2
#define CTK_TILE_M 6
#define CTK_TILE_V 1
#define CTK_TILE_ROWS 4
#include "kernels.inc"
#pragma clang attribute pop

const ctk_kernels *ctk_kernels_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels_avx2 : NULL;
}
#else
const ctk_kernels *ctk_kernels_avx2(void) { return NULL; }
#endif
