#ifndef CDEMOMODEL_H
#define CDEMOMODEL_H
#include <stddef.h>

/// A file of the demo model as it lies in the binary: constant, and there until the program ends.
struct demo_model_file {
  const void *_Nonnull bytes;
  size_t count;
};

/// unet/diffusion_pytorch_model.safetensors
struct demo_model_file demo_model_weights(void);
/// model_index.json
struct demo_model_file demo_model_index(void);
/// unet/config.json
struct demo_model_file demo_model_unet_config(void);
/// scheduler/scheduler_config.json
struct demo_model_file demo_model_scheduler_config(void);
/// picture.ppm: the model's image of seed 3, 32x32, binary PPM with 8 bits.
struct demo_model_file demo_model_picture(void);

#endif
