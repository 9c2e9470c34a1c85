#ifndef CDEMOMODEL_H
#define CDEMOMODEL_H
#include <stddef.h>

/// A file of a demo model as it lies in the binary: constant, and there until the program ends.
struct demo_model_file {
  /// Its path, which begins with the model's name: sd-emoji-64/unet/config.json.
  const char *_Nonnull path;
  const void *_Nonnull bytes;
  size_t count;
};

/// The number of files of all models.
size_t demo_model_file_count(void);
/// A file, by its index below the count.
struct demo_model_file demo_model_file_at(size_t index);
/// picture.ppm: the image that ddpm-emoji-32 makes of seed 3, 32x32, binary PPM with 8 bits.
struct demo_model_file demo_model_picture(void);

#endif
