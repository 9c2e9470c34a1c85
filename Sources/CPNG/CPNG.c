// libpng's simplified API handles setjmp internally; Swift could not import it safely.
#include "CPNG.h"

#include <png.h>
#include <string.h>
#include <zlib.h>

static int png_format(uint32_t channels, png_uint_32 *format) {
  switch (channels) {
  case 1: *format = PNG_FORMAT_GRAY; return 0;
  case 3: *format = PNG_FORMAT_RGB; return 0;
  case 4: *format = PNG_FORMAT_RGBA; return 0;
  default: return -1;
  }
}

static int fail(char *message, const char *text) {
  strncpy(message, text, 63);
  message[63] = 0;
  return -1;
}

size_t cpng_bound(uint32_t width, uint32_t height, uint32_t channels) {
  png_image image = {.version = PNG_IMAGE_VERSION, .width = width, .height = height};
  if (png_format(channels, &image.format) != 0) return 0;
  return PNG_IMAGE_PNG_SIZE_MAX(image);
}

int cpng_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t *file, size_t *size,
                char *message) {
  png_image image = {.version = PNG_IMAGE_VERSION, .width = width, .height = height};
  if (png_format(channels, &image.format) != 0) return fail(message, "a PNG has 1, 3 or 4 channels");
  png_alloc_size_t count = *size;
  if (!png_image_write_to_memory(&image, file, &count, 0, pixels, 0, NULL)) return fail(message, image.message);
  *size = count;
  return 0;
}

int cpng_decode(const uint8_t *file, size_t size, uint32_t channels, uint8_t *pixels, size_t capacity, uint32_t *width,
                uint32_t *height, char *message) {
  png_image image = {.version = PNG_IMAGE_VERSION};
  if (!png_image_begin_read_from_memory(&image, file, size)) return fail(message, image.message);
  if (png_format(channels, &image.format) != 0 || PNG_IMAGE_SIZE(image) > capacity) {
    png_image_free(&image);
    return fail(message, "the buffer does not fit the image");
  }
  if (!png_image_finish_read(&image, NULL, pixels, 0, NULL)) return fail(message, image.message);
  *width = image.width;
  *height = image.height;
  return 0;
}

uint32_t cpng_crc32(const uint8_t *bytes, size_t count) { return (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, count); }
