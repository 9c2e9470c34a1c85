// Runs the problems on standard input (see problems.txt) with one set of kernels and prints them again with the hashes
// of their outputs. It needs only a C library, so that it can be compiled for other processors, which run.sh does.
//
//   driver SET < problems.txt     SET: avx512, avx2 or portable; status 77 if the processor lacks it
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CTensorKernels.h"

// Inputs. They depend on integers alone, so they are the same on every machine.

static uint64_t state;

static uint64_t next(void) {
  uint64_t z = state += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

static const uint32_t awkward_bits[] = {
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF, 0x00800000, 0x807FFFFF, 0x7F7FFFFF,
    0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7FC12345, 0xFFF00001, 0x3F800000,
};

static float *zeroed(size_t count) {
  float *values = calloc(count + CTK_SLACK, sizeof *values);
  if (!values) exit(1);
  return values;
}

// Multiples of 2^-23 from -1 to 1, with zeros and denormals among them; `rare` of 4096 elements are infinite, NaN, or
// at an end of the range.
static float *filled(size_t count, int rare) {
  float *values = zeroed(count);
  for (size_t i = 0; i < count; i++) {
    uint64_t bits = next();
    values[i] = (float)((int32_t)(bits >> 40) - (1 << 23)) * 0x1p-23f;
    if (i % 61 == 7) values[i] = 0;
    if (i % 53 == 5) values[i] = 0x1.8p-130f;
    if ((int)(bits & 4095) < rare) memcpy(values + i, awkward_bits + (bits >> 12) % 16, sizeof *values);
  }
  return values;
}

// FNV-1a over the bits, least significant byte first.
static uint64_t hash(const float *values, size_t count) {
  uint64_t hash = 0xCBF29CE484222325;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, values + i, sizeof bits);
    for (int byte = 0; byte < 4; byte++) hash = (hash ^ (bits >> 8 * byte & 255)) * 0x100000001B3;
  }
  return hash;
}

static ctk_convolution convolution_shape(const int *n) {
  int height = n[1] << n[9], width = n[2] << n[9], kernel = n[6], stride = n[7], padding = n[8];
  return (ctk_convolution){
      .batch = n[0], .input_height = n[1], .input_width = n[2], .input_channels = n[3], .input2_channels = n[4],
      .output_channels = n[5], .kernel = kernel, .stride = stride,
      .padding = padding, .upsample = n[9] != 0, .algorithm = (ctk_algorithm)n[11], .divisor = 1,
      .output_height = (height + 2 * padding - kernel) / stride + 1,
      .output_width = (width + 2 * padding - kernel) / stride + 1,
  };
}

static void convolve(const ctk_kernels *set, ctk_convolution *p, const float *weights) {
  int channels = p->input_channels + p->input2_channels, output = p->output_channels,
      direct = p->algorithm == ctk_direct;
  int size = direct ? p->kernel : ctk_winograd_size(p->algorithm);
  float *packed = zeroed(ctk_packed_count(output, (size_t)channels * size * size));
  p->weights = packed;
  if (direct) {
    ctk_pack(weights, output, channels, size * size, packed);
    set->convolution(p, 0, ctk_convolution_items(p));
  } else {
    ctk_winograd_pack(p->algorithm, weights, output, channels, packed, 0, ctk_convolution_blocks(output));
    ctk_winograd_workspace workspace = {zeroed(ctk_winograd_slab_count(p)), SIZE_MAX};
    set->winograd(p, 0, ctk_winograd_items(p), &workspace);
    free(workspace.transformed);
  }
  free(packed);
}

static uint64_t convolution(const ctk_kernels *set, const int *n, int rare) {
  ctk_convolution p = convolution_shape(n);
  int channels = p.input_channels + p.input2_channels, output = p.output_channels;
  size_t pixels = (size_t)p.batch * p.input_height * p.input_width;
  size_t outputs = (size_t)p.batch * p.output_height * p.output_width * output;
  float *input = filled(pixels * p.input_channels, rare), *input2 = filled(pixels * p.input2_channels, rare);
  float *weights = filled((size_t)output * channels * p.kernel * p.kernel, rare / 8), *bias = filled(output, rare);
  float *time = filled((size_t)p.batch * output, rare), *residual = filled(outputs, rare);
  float *zeros = zeroed(channels), *result = zeroed(outputs);
  p.input = input, p.input2 = p.input2_channels ? input2 : NULL, p.zeros = zeros, p.output = result;
  if (n[10]) {
    p.bias = bias, p.time = time, p.time_stride = output, p.residual = residual, p.divisor = 1.5f, p.silu = true;
  }
  convolve(set, &p, weights);
  uint64_t value = hash(result, outputs);
  float *all[] = {input, input2, weights, bias, time, residual, zeros, result};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
  return value;
}

static uint64_t group_norm(const ctk_kernels *set, const int *n, int rare) {
  int batch = n[0], pixels = n[1], first = n[2], second = n[3], groups = n[4], time = n[5], channels = first + second;
  size_t outputs = (size_t)batch * pixels * channels;
  float *input = filled((size_t)batch * pixels * first, rare), *input2 = filled((size_t)batch * pixels * second, rare);
  float *gamma = filled(channels, rare), *beta = filled(channels, rare);
  float *times = filled((size_t)batch * 2 * channels, rare);
  float *result = zeroed(outputs);
  ctk_group_norm p = {
      .input = input, .input2 = second ? input2 : NULL, .input_channels = first, .input2_channels = second,
      .batch = batch, .pixels = pixels, .groups = groups, .epsilon = 0x1p-17f, .gamma = gamma, .beta = beta,
      .time = time ? times : NULL,
      .time_stride = 2 * channels, .silu = time, .output = result,
  };
  set->group_norm(&p, 0, ctk_group_norm_items(&p));
  uint64_t value = hash(result, outputs);
  float *all[] = {input, input2, gamma, beta, times, result};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
  return value;
}

static uint64_t layer_norm(const ctk_kernels *set, const int *n, int rare) {
  size_t pixels = n[0], channels = n[1];
  float *input = filled(pixels * channels, rare), *gamma = filled(channels, rare), *beta = filled(channels, rare);
  float *result = zeroed(pixels * channels);
  ctk_layer_norm p = {
      .input = input, .pixels = pixels, .channels = n[1], .epsilon = 0x1p-17f, .gamma = gamma, .beta = beta,
      .output = result,
  };
  set->layer_norm(&p, 0, ctk_layer_norm_items(&p));
  uint64_t value = hash(result, pixels * channels);
  free(input), free(gamma), free(beta), free(result);
  return value;
}

static uint64_t activation(const ctk_kernels *set, const int *n, int rare) {
  size_t count = (size_t)n[0] * n[1], inputs = n[3] ? 2 * count : count;
  float *input = filled(inputs, rare), *result = zeroed(count);
  for (size_t i = 0; i < inputs; i++) input[i] *= 8;
  ctk_activation p = {
      .function = (ctk_function)n[2], .gated = n[3], .input = input, .channels = n[1], .count = count, .output = result,
  };
  set->activation(&p, 0, ctk_activation_items(&p));
  uint64_t value = hash(result, count);
  free(input), free(result);
  return value;
}

static uint64_t attend(const ctk_kernels *set, ctk_attention *p) {
  size_t inner = (size_t)p->heads * p->head_dim, count = (size_t)p->batch * p->queries * inner;
  p->padded_keys = (p->keys + 31) / 32 * 32;
  float *keys = zeroed((size_t)p->batch * inner * p->padded_keys), *scores = zeroed(ctk_attention_score_count(p));
  float *result = zeroed(count);
  p->scale = 3, p->transposed_keys = keys, p->output = result;
  set->transpose_keys(p, 0, ctk_transpose_items(p));
  set->attention(p, 0, ctk_attention_items(p), scores);
  uint64_t value = hash(result, count);
  free(keys), free(scores), free(result);
  return value;
}

static uint64_t attention(const ctk_kernels *set, const int *n, int rare) {
  int batch = n[0], length = n[1], heads = n[2], dim = n[3], inner = heads * dim;
  float *projected = filled((size_t)batch * length * 3 * inner, rare);
  ctk_attention p = {
      .query = projected, .key = projected + inner, .value = projected + 2 * inner, .query_stride = 3 * inner,
      .key_stride = 3 * inner, .value_stride = 3 * inner, .batch = batch, .queries = length, .keys = length,
      .heads = heads, .head_dim = dim,
  };
  uint64_t value = attend(set, &p);
  free(projected);
  return value;
}

static uint64_t cross_attention(const ctk_kernels *set, const int *n, int rare) {
  int batch = n[0], queries = n[1], keys = n[2], heads = n[3], dim = n[4], inner = heads * dim;
  float *query = filled((size_t)batch * queries * inner, rare);
  float *tokens = filled((size_t)batch * keys * 2 * inner, rare);
  ctk_attention p = {
      .query = query, .key = tokens, .value = tokens + inner, .query_stride = inner, .key_stride = 2 * inner,
      .value_stride = 2 * inner, .batch = batch, .queries = queries, .keys = keys, .heads = heads, .head_dim = dim,
      .causal = n[5],
  };
  uint64_t value = attend(set, &p);
  free(query), free(tokens);
  return value;
}

static uint64_t resample(const ctk_kernels *set, const int *n, int rare) {
  ctk_resample p = {
      .kind = (ctk_resampling)n[4], .reflects = n[5], .batch = n[0], .input_height = n[1], .input_width = n[2],
      .channels = n[3],
  };
  bool doubles = p.kind == ctk_nearest || p.kind == ctk_filter_up;
  p.output_height = doubles ? 2 * n[1] : n[1] / 2, p.output_width = doubles ? 2 * n[2] : n[2] / 2;
  size_t outputs = (size_t)p.batch * p.output_height * p.output_width * p.channels;
  float *input = filled((size_t)p.batch * p.input_height * p.input_width * p.channels, rare), *result = zeroed(outputs);
  p.input = input, p.output = result;
  set->resample(&p, 0, ctk_resample_items(&p));
  uint64_t value = hash(result, outputs);
  free(input), free(result);
  return value;
}

static uint64_t modulation(const ctk_kernels *set, const int *n, int rare) {
  bool gates = n[3];
  size_t batch = n[0], pixels = n[1], channels = n[2], count = batch * pixels * channels;
  float *input = filled(count, rare), *vectors = filled(2 * batch * channels, rare), *residual = filled(count, rare);
  float *result = zeroed(count);
  ctk_modulation p = {
      .input = input, .batch = n[0], .pixels = n[1], .channels = n[2], .factor = vectors + channels,
      .factor_stride = 2 * n[2], .adds_one = !gates, .term = gates ? residual : vectors,
      .term_image_stride = gates ? pixels * channels : 2 * channels, .term_pixel_stride = gates ? channels : 0,
      .output = result,
  };
  set->modulation(&p, 0, ctk_modulation_items(&p));
  uint64_t value = hash(result, count);
  free(input), free(vectors), free(residual), free(result);
  return value;
}

static const struct {
  const char *name;
  int numbers;
  uint64_t (*run)(const ctk_kernels *, const int *, int rare);
} kinds[] = {{"convolution", 12, convolution}, {"group_norm", 6, group_norm}, {"layer_norm", 2, layer_norm},
             {"activation", 4, activation},   {"attention", 4, attention},   {"cross_attention", 6, cross_attention},
             {"resample", 6, resample},       {"modulation", 4, modulation}};

static const ctk_kernels *named(const char *name) {
  if (strcmp(name, "avx512") == 0) return ctk_kernels_avx512();
  if (strcmp(name, "avx2") == 0) return ctk_kernels_avx2();
  return strcmp(name, "portable") == 0 ? ctk_kernels_portable() : NULL;
}

// A line is the kind, the seed, `rare`, and the kind's numbers.
static int run_line(const ctk_kernels *set, const char *line) {
  char kind[32];
  int n[14], used = 0, at;
  if (sscanf(line, "%31s%n", kind, &used) != 1) return 1;
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    if (strcmp(kind, kinds[k].name) != 0) continue;
    int count = kinds[k].numbers + 2;
    for (int i = 0; i < count; i++, used += at)
      if (sscanf(line + used, "%d%n", n + i, &at) != 1) return 1;
    state = (uint64_t)n[0];
    printf("%s", kind);
    for (int i = 0; i < count; i++) printf(" %d", n[i]);
    printf(" %016" PRIx64 "\n", kinds[k].run(set, n + 2, n[1]));
    return 0;
  }
  return 1;
}

int main(int argc, char **argv) {
  const ctk_kernels *set = argc == 2 ? named(argv[1]) : NULL;
  if (!set) return 77;
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    if (line[0] == '#') {
      printf("%s", line);
    } else if (run_line(set, line) != 0) {
      fprintf(stderr, "driver: cannot read: %s", line);
      return 65;
    }
  }
  return 0;
}
