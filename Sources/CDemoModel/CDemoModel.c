#include "CDemoModel.h"

// The bytes of a file, aligned as a mapped file would be for any vector width.
#define FILE_BYTES static _Alignas(64) const unsigned char

FILE_BYTES ddpm_model_index[] = {
#embed "../DemoModel/ddpm-emoji-32/model_index.json"
};
FILE_BYTES ddpm_scheduler_config[] = {
#embed "../DemoModel/ddpm-emoji-32/scheduler/scheduler_config.json"
};
FILE_BYTES ddpm_unet_config[] = {
#embed "../DemoModel/ddpm-emoji-32/unet/config.json"
};
FILE_BYTES ddpm_unet_weights[] = {
#embed "../DemoModel/ddpm-emoji-32/unet/diffusion_pytorch_model.safetensors"
};
FILE_BYTES sd_model_index[] = {
#embed "../DemoModel/sd-emoji-64/model_index.json"
};
FILE_BYTES sd_scheduler_config[] = {
#embed "../DemoModel/sd-emoji-64/scheduler/scheduler_config.json"
};
FILE_BYTES sd_text_encoder_config[] = {
#embed "../DemoModel/sd-emoji-64/text_encoder/config.json"
};
FILE_BYTES sd_text_encoder_weights[] = {
#embed "../DemoModel/sd-emoji-64/text_encoder/model.safetensors"
};
FILE_BYTES sd_tokenizer_merges[] = {
#embed "../DemoModel/sd-emoji-64/tokenizer/merges.txt"
};
FILE_BYTES sd_tokenizer_special_tokens_map[] = {
#embed "../DemoModel/sd-emoji-64/tokenizer/special_tokens_map.json"
};
FILE_BYTES sd_tokenizer[] = {
#embed "../DemoModel/sd-emoji-64/tokenizer/tokenizer.json"
};
FILE_BYTES sd_tokenizer_config[] = {
#embed "../DemoModel/sd-emoji-64/tokenizer/tokenizer_config.json"
};
FILE_BYTES sd_tokenizer_vocab[] = {
#embed "../DemoModel/sd-emoji-64/tokenizer/vocab.json"
};
FILE_BYTES sd_unet_config[] = {
#embed "../DemoModel/sd-emoji-64/unet/config.json"
};
FILE_BYTES sd_unet_weights[] = {
#embed "../DemoModel/sd-emoji-64/unet/diffusion_pytorch_model.safetensors"
};
FILE_BYTES sd_vae_config[] = {
#embed "../DemoModel/sd-emoji-64/vae/config.json"
};
FILE_BYTES sd_vae_weights[] = {
#embed "../DemoModel/sd-emoji-64/vae/diffusion_pytorch_model.safetensors"
};
FILE_BYTES picture[] = {
#embed "../DemoModel/ddpm-emoji-32/picture.ppm"
};

static const struct demo_model_file files[] = {
    {"ddpm-emoji-32/model_index.json", ddpm_model_index, sizeof ddpm_model_index},
    {"ddpm-emoji-32/scheduler/scheduler_config.json", ddpm_scheduler_config, sizeof ddpm_scheduler_config},
    {"ddpm-emoji-32/unet/config.json", ddpm_unet_config, sizeof ddpm_unet_config},
    {"ddpm-emoji-32/unet/diffusion_pytorch_model.safetensors", ddpm_unet_weights, sizeof ddpm_unet_weights},
    {"sd-emoji-64/model_index.json", sd_model_index, sizeof sd_model_index},
    {"sd-emoji-64/scheduler/scheduler_config.json", sd_scheduler_config, sizeof sd_scheduler_config},
    {"sd-emoji-64/text_encoder/config.json", sd_text_encoder_config, sizeof sd_text_encoder_config},
    {"sd-emoji-64/text_encoder/model.safetensors", sd_text_encoder_weights, sizeof sd_text_encoder_weights},
    {"sd-emoji-64/tokenizer/merges.txt", sd_tokenizer_merges, sizeof sd_tokenizer_merges},
    {"sd-emoji-64/tokenizer/special_tokens_map.json", sd_tokenizer_special_tokens_map,
     sizeof sd_tokenizer_special_tokens_map},
    {"sd-emoji-64/tokenizer/tokenizer.json", sd_tokenizer, sizeof sd_tokenizer},
    {"sd-emoji-64/tokenizer/tokenizer_config.json", sd_tokenizer_config, sizeof sd_tokenizer_config},
    {"sd-emoji-64/tokenizer/vocab.json", sd_tokenizer_vocab, sizeof sd_tokenizer_vocab},
    {"sd-emoji-64/unet/config.json", sd_unet_config, sizeof sd_unet_config},
    {"sd-emoji-64/unet/diffusion_pytorch_model.safetensors", sd_unet_weights, sizeof sd_unet_weights},
    {"sd-emoji-64/vae/config.json", sd_vae_config, sizeof sd_vae_config},
    {"sd-emoji-64/vae/diffusion_pytorch_model.safetensors", sd_vae_weights, sizeof sd_vae_weights},
};

size_t demo_model_file_count(void) { return sizeof files / sizeof *files; }
struct demo_model_file demo_model_file_at(size_t index) { return files[index]; }
struct demo_model_file demo_model_picture(void) {
  return (struct demo_model_file){"picture.ppm", picture, sizeof picture};
}
