#include <string.h>

#include "CTensorKernels.h"

// The distance of the smallest magnitude that is not finite from the sign bit is added to each magnitude, so that all
// from there on carry into that bit, and one OR over all elements tells.
#define DEFINE_FINITE(bits, least)                                              \
  static bool finite_##bits##_##least(const uint8_t *elements, size_t count) {  \
    const uint##bits##_t sign = (uint##bits##_t)1 << (bits - 1);                \
    uint##bits##_t seen = 0, element;                                           \
    for (size_t i = 0; i < count; i++) {                                        \
      memcpy(&element, elements + i * sizeof element, sizeof element);          \
      seen |= (uint##bits##_t)((element & (sign - 1)) + (sign - (least)));      \
    }                                                                           \
    return !(seen & sign);                                                      \
  }

DEFINE_FINITE(16, 0x7C00)
DEFINE_FINITE(16, 0x7F80)
DEFINE_FINITE(32, 0x7F800000)
// The middle between the largest binary32 and 2^128, which rounds to infinity.
DEFINE_FINITE(64, 0x47EFFFFFF0000000)

bool ctk_finite(ctk_element type, const void *elements, size_t count) {
  switch (type) {
    case ctk_binary16: return finite_16_0x7C00(elements, count);
    case ctk_bfloat16: return finite_16_0x7F80(elements, count);
    case ctk_binary32: return finite_32_0x7F800000(elements, count);
    case ctk_binary64: return finite_64_0x47EFFFFFF0000000(elements, count);
  }
  return false;
}
