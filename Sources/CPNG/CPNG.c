// libpng's simplified API handles setjmp internally; Swift could not import it safely.
#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
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

// The bytes that are left, and where the reason of a failure goes.
struct source {
  const uint8_t *bytes;
  size_t left;
  char *message;
};

static void take(png_structp png, png_bytep out, size_t count) {
  struct source *source = png_get_io_ptr(png);
  if (count > source->left) png_error(png, "the file ends before the picture does");
  memcpy(out, source->bytes, count);
  source->bytes += count;
  source->left -= count;
}

static void stop(png_structp png, png_const_charp text) {
  fail(((struct source *)png_get_error_ptr(png))->message, text);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void read_header(png_structp png, png_infop info) {
  // Nothing but pixels counts: a compressed text or profile is never unpacked.
  static const png_byte skipped[] = "iCCP\0zTXt\0iTXt\0tEXt\0eXIf\0sPLT\0hIST\0gAMA\0cHRM\0sRGB";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skipped, sizeof skipped / 5);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_read_info(png, info);
}

// The channels of a picture once it is expanded.
static uint32_t expanded_channels(png_structp png, png_infop info) {
  png_byte color = png_get_color_type(png, info);
  int alpha = (color & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS);
  return (color & PNG_COLOR_MASK_COLOR ? 3 : 1) + (alpha ? 1 : 0);
}

// libpng takes memory for a row here, so that the caller must have accepted the size.
static void read_rows(png_structp png, png_infop info, uint8_t *pixels, size_t capacity) {
  png_set_expand(png);
  if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t row = png_get_rowbytes(png, info), height = png_get_image_height(png, info);
  if (row > capacity / height) png_error(png, "the buffer does not fit the picture");
  for (int pass = png_get_interlace_type(png, info) == PNG_INTERLACE_NONE ? 1 : 7; pass > 0; pass--)
    for (size_t y = 0; y < height; y++) png_read_row(png, pixels + y * row, NULL);
  png_read_end(png, NULL);
}

int cpng_read(const uint8_t *file, size_t size, uint8_t *pixels, size_t capacity, uint32_t *width, uint32_t *height,
              uint32_t *channels, uint32_t *bits, char *message) {
  struct source source = {file, size, message};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, stop, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    return fail(message, "there is no memory left");
  }
  // Nothing that is set after this point is read when libpng jumps back.
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return -1;
  }
  png_set_read_fn(png, &source, take);
  read_header(png, info);
  *width = png_get_image_width(png, info);
  *height = png_get_image_height(png, info);
  *channels = expanded_channels(png, info);
  *bits = png_get_bit_depth(png, info) == 16 ? 16 : 8;
  if (pixels) read_rows(png, info, pixels, capacity);
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

uint32_t cpng_crc32(const uint8_t *bytes, size_t count) { return (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, count); }
