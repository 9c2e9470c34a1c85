#include <stdlib.h>

#include "CTensorKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), \
                             apply_to = function)
#define CTK_VARIANT avx512
#define CTK_TILE_M 12
#define CTK_TILE_V 2
#define CTK_TILE_ROWS 8
#include "kernels.inc"
#pragma clang attribute pop

const ctk_kernels *ctk_kernels_avx512(void) {
  bool is_there = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  return is_there ? &kernels_avx512 : NULL;
}
#else
const ctk_kernels *ctk_kernels_avx512(void) { return NULL; }
#endif
