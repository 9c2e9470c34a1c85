#include <stdlib.h>

#include "CTensorKernels.h"

#define CTK_VARIANT portable
#define CTK_TILE_M 4
#define CTK_TILE_V 1
#define CTK_TILE_ROWS 4
#include "kernels.inc"

const ctk_kernels *ctk_kernels_portable(void) { return &kernels_portable; }
