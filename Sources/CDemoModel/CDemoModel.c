#include "CDemoModel.h"

// Aligned as a mapped file would be for any vector width.
static _Alignas(64) const unsigned char weights[] = {
#embed "../DemoModel/ddpm-emoji-32/unet/diffusion_pytorch_model.safetensors"
};
static const unsigned char model_index[] = {
#embed "../DemoModel/ddpm-emoji-32/model_index.json"
};
static const unsigned char unet_config[] = {
#embed "../DemoModel/ddpm-emoji-32/unet/config.json"
};
static const unsigned char scheduler_config[] = {
#embed "../DemoModel/ddpm-emoji-32/scheduler/scheduler_config.json"
};
static const unsigned char picture[] = {
#embed "../DemoModel/ddpm-emoji-32/picture.ppm"
};

struct demo_model_file demo_model_weights(void) { return (struct demo_model_file){weights, sizeof weights}; }
struct demo_model_file demo_model_index(void) { return (struct demo_model_file){model_index, sizeof model_index}; }
struct demo_model_file demo_model_unet_config(void) {
  return (struct demo_model_file){unet_config, sizeof unet_config};
}
struct demo_model_file demo_model_scheduler_config(void) {
  return (struct demo_model_file){scheduler_config, sizeof scheduler_config};
}
struct demo_model_file demo_model_picture(void) { return (struct demo_model_file){picture, sizeof picture}; }
