// The interface to the kernels: the description of a problem for every set of kernels, and the sets written in C.
// Activations are channels-last: [batch][height][width][channels], binary32, in buffers that may be read (never
// written) up to CTK_SLACK elements past their end. Arguments are not checked here but in TensorKernels.
#ifndef CTENSORKERNELS_H
#define CTENSORKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CTK_SLACK 64
/// The number of output pixels that one work item of a convolution covers.
#define CTK_TILE_PIXELS 24
/// The number of output channels that one work item of a convolution covers, the width of a block of packed weights.
#define CTK_BLOCK_CHANNELS 32

/// The largest number of Winograd tiles that are multiplied with a block of weights while it is in the cache.
#define CTK_WINOGRAD_TILES 32

/// The algorithm of a convolution, chosen by the layer's shape alone because it determines the bits.
typedef enum {
  ctk_direct,
  /// F(2x2, 3x3)
  ctk_winograd_2x2,
  /// F(4x4, 3x3)
  ctk_winograd_4x4,
} ctk_algorithm;

/// A convolution, or a linear layer as a 1x1 convolution over rows.
typedef struct {
  // The input: channels of `input`, then those of `input2` (a concatenation that is never materialised).
  const float *input, *input2;
  int32_t input_channels, input2_channels;
  int32_t batch, input_height, input_width;
  // Whether the input is read as if each pixel were doubled in both directions (nearest neighbour).
  bool upsample;
  int32_t kernel, stride, padding;  // Padding is at the top and left; pixels outside the image read as zero.
  int32_t output_channels, output_height, output_width;
  ctk_algorithm algorithm;
  // Weights in the layout of the set of kernels and the algorithm, and at least as many zeros as input channels.
  const float *weights, *zeros;
  // Epilogue, in this order, each may be null: + bias[c], + time[n][c], + residual[pixel][c], / divisor, SiLU.
  const float *bias;
  const float *time;
  int32_t time_stride;
  const float *residual;
  float divisor;  // 1 leaves the value unchanged.
  bool silu;
  float *output;  // [batch][output_height][output_width][output_channels]
} ctk_convolution;

/// One thread's workspace for a Winograd convolution.
typedef struct {
  float *transformed;  // ctk_winograd_slab_count elements.
  size_t slab;         // The current slab, SIZE_MAX before the first.
} ctk_winograd_workspace;

/// Group normalisation, then an optional scale and shift by the time embedding, then optional SiLU.
typedef struct {
  const float *input, *input2;  // As in ctk_convolution.
  int32_t input_channels, input2_channels;
  int32_t batch, pixels;
  int32_t groups;
  float epsilon;
  const float *gamma, *beta;  // [channels]
  // If not null: [batch][2 * channels], scale then shift: y = norm * (1 + scale) + shift.
  const float *time;
  int32_t time_stride;
  bool silu;
  float *output;
} ctk_group_norm;

/// Layer normalisation over the channels of each pixel.
typedef struct {
  const float *input;  // [pixels][channels]
  size_t pixels;
  int32_t channels;
  float epsilon;
  const float *gamma, *beta;  // [channels]
  float *output;              // [pixels][channels]
} ctk_layer_norm;

/// An activation function.
typedef enum { ctk_silu, ctk_gelu, ctk_quick_gelu, ctk_mish, ctk_relu, ctk_tanh_gelu } ctk_function;

/// An activation function of each element, or, if gated, of the second half of each pixel's channels, which then
/// multiplies the first.
typedef struct {
  ctk_function function;
  bool gated;
  const float *input;  // [pixels][channels], or [pixels][2 * channels] if gated.
  int32_t channels;
  size_t count;   // pixels * channels
  float *output;  // [pixels][channels]
} ctk_activation;

/// What a resampling computes.
typedef enum {
  /// Each pixel becomes a square of four.
  ctk_nearest,
  /// The mean of each square of four.
  ctk_average,
  /// The filter (1, 3, 3, 1) in both directions, to twice the size.
  ctk_filter_up,
  /// The same to half the size.
  ctk_filter_down,
} ctk_resampling;

/// A resampling of each channel by itself.
typedef struct {
  ctk_resampling kind;
  bool reflects;       // Taps outside the image are those as far inside of its edge; they are left out otherwise.
  const float *input;  // [batch][input_height][input_width][channels]
  int32_t batch, input_height, input_width, channels;
  int32_t output_height, output_width;
  float *output;  // [batch][output_height][output_width][channels]
} ctk_resample;

/// The product of each element and a factor of its image and channel, plus a term.
typedef struct {
  const float *input;  // [batch][pixels][channels]
  int32_t batch, pixels, channels;
  const float *factor;  // [batch][channels], the rows some elements apart.
  int32_t factor_stride;
  bool adds_one;  // Whether 1 is added to the factor.
  // The term of the first pixel, and the elements from there to that of the next image and the next pixel: 0 for one
  // term for all pixels of an image.
  const float *term;
  size_t term_image_stride, term_pixel_stride;
  float *output;  // [batch][pixels][channels]
} ctk_modulation;

/// Scaled dot-product attention of all pixels of an image to keys and values, for each head.
typedef struct {
  // [batch][queries][heads * head_dim], and [batch][keys][heads * head_dim] twice, pixels some elements apart.
  const float *query, *key, *value;
  int32_t query_stride, key_stride, value_stride;
  int32_t batch, queries, keys, heads, head_dim;
  float scale;
  bool causal;  // Whether query i attends to the keys 0...i alone.
  // [batch][heads][head_dim][padded_keys]: the keys with the pixel varying fastest; padded_keys is a multiple of 32.
  float *transposed_keys;
  int32_t padded_keys;
  float *output;  // [batch][queries][heads * head_dim]
} ctk_attention;

/// A set of kernels. Every function processes the work items `begin..<end` of a problem, so that threads can share it.
typedef struct {
  const char *name;
  void (*convolution)(const ctk_convolution *, size_t begin, size_t end);
  // Items are blocks of output channels, slab by slab; `workspace` belongs to the thread and is kept from one range to
  // the next.
  void (*winograd)(const ctk_convolution *, size_t begin, size_t end, ctk_winograd_workspace *workspace);
  void (*group_norm)(const ctk_group_norm *, size_t begin, size_t end);
  void (*layer_norm)(const ctk_layer_norm *, size_t begin, size_t end);
  void (*activation)(const ctk_activation *, size_t begin, size_t end);
  void (*resample)(const ctk_resample *, size_t begin, size_t end);
  void (*transpose_keys)(const ctk_attention *, size_t begin, size_t end);
  // `scores` belongs to the thread: ctk_attention_score_count elements.
  void (*attention)(const ctk_attention *, size_t begin, size_t end, float *scores);
  void (*modulation)(const ctk_modulation *, size_t begin, size_t end);
} ctk_kernels;

/// The sets of kernels, or null if the processor (or the architecture) lacks the instructions.
const ctk_kernels *ctk_kernels_avx512(void);
const ctk_kernels *ctk_kernels_avx2(void);
/// Runs everywhere. It is slow if the target has no fused multiply-add.
const ctk_kernels *ctk_kernels_portable(void);

// The number of work items of each problem.
static inline size_t ctk_convolution_blocks(int32_t output_channels) {
  return (size_t)(output_channels + CTK_BLOCK_CHANNELS - 1) / CTK_BLOCK_CHANNELS;
}
static inline size_t ctk_convolution_items(const ctk_convolution *p) {
  size_t pixels = (size_t)p->batch * p->output_height * p->output_width;
  return (pixels + CTK_TILE_PIXELS - 1) / CTK_TILE_PIXELS * ctk_convolution_blocks(p->output_channels);
}
static inline int32_t ctk_winograd_size(ctk_algorithm algorithm) { return algorithm == ctk_winograd_4x4 ? 6 : 4; }
/// The number of tiles of a Winograd convolution.
static inline size_t ctk_winograd_tiles(const ctk_convolution *p) {
  int32_t m = ctk_winograd_size(p->algorithm) - 2;
  return (size_t)p->batch * ((p->output_height + m - 1) / m) * ((p->output_width + m - 1) / m);
}
/// The number of tiles of a slab: as many as are multiplied at once, or half as many if 32 would not fit the L2 cache.
static inline size_t ctk_winograd_slab(const ctk_convolution *p) {
  int32_t size = ctk_winograd_size(p->algorithm);
  size_t bytes = (size_t)CTK_WINOGRAD_TILES * size * size * p->input_channels * sizeof(float);
  return bytes <= 640 * 1024 ? CTK_WINOGRAD_TILES : CTK_WINOGRAD_TILES / 2;
}
/// The number of slabs of a Winograd convolution.
static inline size_t ctk_winograd_slabs(const ctk_convolution *p) {
  return (ctk_winograd_tiles(p) + ctk_winograd_slab(p) - 1) / ctk_winograd_slab(p);
}
/// The number of work items of a Winograd convolution.
static inline size_t ctk_winograd_items(const ctk_convolution *p) {
  return ctk_winograd_slabs(p) * ctk_convolution_blocks(p->output_channels);
}
/// The number of elements from one point of the transform to the next: the tiles of a slab, plus one cache line,
/// because 36 points a power of two apart would fall into the same few sets of the cache.
static inline size_t ctk_winograd_point_stride(const ctk_convolution *p) {
  return ctk_winograd_slab(p) * p->input_channels + 16;
}
/// The number of elements of a transformed slab.
static inline size_t ctk_winograd_slab_count(const ctk_convolution *p) {
  int32_t size = ctk_winograd_size(p->algorithm);
  return (size_t)size * size * ctk_winograd_point_stride(p);
}
/// The number of channels that one work item of a group normalisation covers: whole groups in whole vectors of 16
/// channels.
static inline int32_t ctk_group_norm_unit(const ctk_group_norm *p) {
  int32_t group = (p->input_channels + p->input2_channels) / p->groups, unit = group;
  while (unit % 16 != 0) unit += group;
  return unit;
}
static inline size_t ctk_group_norm_items(const ctk_group_norm *p) {
  int32_t channels = p->input_channels + p->input2_channels, unit = ctk_group_norm_unit(p);
  return (size_t)p->batch * ((channels + unit - 1) / unit);
}
/// The number of pixels that one work item of a layer normalisation covers.
#define CTK_TILE_NORMS 16
static inline size_t ctk_layer_norm_items(const ctk_layer_norm *p) {
  return (p->pixels + CTK_TILE_NORMS - 1) / CTK_TILE_NORMS;
}
/// The number of work items of a modulation, each of as many pixels.
static inline size_t ctk_modulation_items(const ctk_modulation *p) {
  return ((size_t)p->batch * p->pixels + CTK_TILE_NORMS - 1) / CTK_TILE_NORMS;
}
/// The number of elements that one work item of an activation covers.
#define CTK_TILE_ELEMENTS 4096
static inline size_t ctk_activation_items(const ctk_activation *p) {
  return (p->count + CTK_TILE_ELEMENTS - 1) / CTK_TILE_ELEMENTS;
}
/// The number of work items of a resampling: rows of its output.
static inline size_t ctk_resample_items(const ctk_resample *p) { return (size_t)p->batch * p->output_height; }
/// The number of keys that one work item of the transposition covers.
#define CTK_TILE_KEYS 16
/// The number of queries that one work item of an attention covers.
#define CTK_TILE_QUERIES 8
static inline size_t ctk_attention_items(const ctk_attention *p) {
  return (size_t)p->batch * p->heads * ((p->queries + CTK_TILE_QUERIES - 1) / CTK_TILE_QUERIES);
}
/// The number of elements of a thread's workspace: the scores of a tile of queries, for all keys.
static inline size_t ctk_attention_score_count(const ctk_attention *p) {
  return (size_t)CTK_TILE_QUERIES * p->padded_keys;
}
static inline size_t ctk_transpose_items(const ctk_attention *p) {
  return (size_t)p->batch * p->heads * (p->padded_keys / CTK_TILE_KEYS);
}

/// The number of elements of the packed weights of a convolution over `k` = taps * input channels: blocks of 32 output
/// channels, then k, then the channel within the block; the last block is padded with zeros.
size_t ctk_packed_count(int32_t output_channels, size_t k);
/// Packs weights [output_channels][input_channels][taps] into blocks; k ascends over taps, then channels.
void ctk_pack(const float *weights, int32_t output_channels, int32_t input_channels, int32_t taps, float *packed);

/// Transforms 3x3 weights [output_channels][input_channels][9] and packs the blocks `begin..<end` of 32 output
/// channels: [block][point of the transform][input channel][channel within the block].
void ctk_winograd_pack(ctk_algorithm algorithm, const float *weights, int32_t output_channels, int32_t input_channels,
                       float *packed, size_t begin, size_t end);

/// The types of the elements of weights in files.
typedef enum { ctk_binary16, ctk_bfloat16, ctk_binary32, ctk_binary64 } ctk_element;
/// Whether all elements, little endian and at any alignment, are finite once they are rounded to binary32.
bool ctk_finite(ctk_element type, const void *elements, size_t count);

// A pool of threads that share the work items of one problem at a time.
typedef struct ctk_pool ctk_pool;
/// Processes some of the items; `thread` is 0 to threads - 1, and a thread processes one range at a time.
typedef void (*ctk_work)(void *context, int32_t thread, size_t begin, size_t end);
/// Starts `threads - 1` threads; the caller of ctk_pool_run is the last. Returns null if a thread cannot be started.
ctk_pool *ctk_pool_create(int32_t threads);
void ctk_pool_destroy(ctk_pool *pool);
/// Runs all items and returns when they are done. A second caller waits.
void ctk_pool_run(ctk_pool *pool, ctk_work work, void *context, size_t items);

/// Kernels that measure the peak performance of a processor.
typedef struct {
  const char *name;
  /// Runs independent chains of x = x * m + a in registers; the return value is meaningless.
  float (*fma)(size_t rounds, float m, float a);
  /// Floating-point operations of a round; a fused multiply-add counts as two.
  size_t flops_per_round;
  /// Reads all elements but a few at the end; the return value is meaningless.
  float (*read)(const float *elements, size_t count);
} ctk_peak;
/// The kernels with the widest registers of the processor.
const ctk_peak *ctk_peak_widest(void);

#endif
