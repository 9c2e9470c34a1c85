#ifndef CPNG_H
#define CPNG_H
#include <stddef.h>
#include <stdint.h>

/// An upper bound for the number of bytes that `cpng_encode` writes for an image of this size.
size_t cpng_bound(uint32_t width, uint32_t height, uint32_t channels);

/// Encodes 8-bit sRGB pixels, row by row, as a PNG file in memory.
///
/// `channels` is 1 (grey), 3 (RGB) or 4 (RGBA). `size` holds the capacity of `file` and receives the number of bytes
/// written.
/// Returns 0, or -1 with a line in `message` (at least 64 bytes).
int cpng_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t *file, size_t *size,
                char *message);

/// Decodes a PNG file in memory to 8-bit sRGB pixels with `channels` channels; `pixels` holds `capacity` bytes.
///
/// Returns 0, or -1 with a line in `message` (at least 64 bytes).
int cpng_decode(const uint8_t *file, size_t size, uint32_t channels, uint8_t *pixels, size_t capacity, uint32_t *width,
                uint32_t *height, char *message);

/// Reads a PNG file in memory as it is: 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGB and alpha) channels of 8 or 16
/// bits, the latter in the machine's byte order. Palettes and fewer bits are expanded; gamma and profiles are left out.
///
/// With `pixels` NULL only the header is read. Otherwise `pixels` holds `capacity` bytes, at least
/// `width * height * channels * bits / 8` of a first call.
/// Returns 0, or -1 with a line in `message` (at least 64 bytes).
int cpng_read(const uint8_t *file, size_t size, uint8_t *pixels, size_t capacity, uint32_t *width, uint32_t *height,
              uint32_t *channels, uint32_t *bits, char *message);

/// The CRC at the end of a chunk, over the chunk's type and data (PNG specification, third edition, 5.5).
uint32_t cpng_crc32(const uint8_t *bytes, size_t count);

#endif
