#ifndef CGPU_PROBLEMS_H
#define CGPU_PROBLEMS_H
// What kernels are told by value. This file is compiled for the host and, as the beginning of the kernels' source, for
// the device: members of four bytes alone, which every compiler lays out alike. Activations are
// [batch][height][width][channels].

/// A convolution. Weights are packed as CTensorKernels packs them: [block][k][32], with 16 channels in the last block
/// where no more are left; Winograd's as [block][point][input channel][32].
typedef struct {
  int batch, input_height, input_width, channels, second_channels;
  int kernel_size, stride, padding;
  /// 1 if the input is read as if each pixel were a square of four, 0 if not.
  int upsample;
  int output_channels, output_height, output_width;
  int has_time, time_first, time_stride, has_residual, silu;
  float divisor;
  /// Winograd's tiles of this launch.
  int first_tile, tiles;
} cgpu_convolution;

/// Group normalisation.
typedef struct {
  int pixels, channels, second_channels, groups;
  int has_time, time_first, time_stride, silu;
  /// The runs of 32 pixels that a thread adds before others join in, a power of two, and the number of such spans.
  int span, spans;
  float epsilon;
} cgpu_group_norm;

/// Layer normalisation.
typedef struct {
  int pixels, channels;
  float epsilon;
} cgpu_layer_norm;

/// An activation function of each element, or of the second half of each pixel.
typedef struct {
  int function, is_gated, channels, count;
} cgpu_activation;

/// The numbers of the functions.
enum {
  CGPU_SILU,
  CGPU_GELU,
  CGPU_QUICK_GELU,
  CGPU_MISH,
  CGPU_RELU,
  CGPU_TANH_GELU,
};

/// A resampling.
typedef struct {
  int kind, reflects, input_height, input_width, channels, output_height, output_width, count;
} cgpu_resample;

/// The numbers of the kinds.
enum {
  CGPU_NEAREST,
  CGPU_AVERAGE,
  CGPU_FILTER_UP,
  CGPU_FILTER_DOWN,
};

/// A scale and a shift, or a gate and a residual.
typedef struct {
  int pixels, channels, count;
  int factor_first, factor_stride, adds_one;
  int term_first, term_image_stride, term_pixel_stride;
} cgpu_modulation;

/// A part of a placement: so many channels of an image that is read at a size, and where they are put.
typedef struct {
  int input_height, input_width, input_channels, input_first, input_pixel;
  int height, width, channels, count;
  int output_pixels, output_channels, output_first, output_pixel;
} cgpu_placement;

/// A scale and a shift by maps that are smaller.
typedef struct {
  int height, width, channels, count, factor_height, factor_width;
} cgpu_spatial_modulation;

/// The nearest vectors of a codebook for some pixels.
typedef struct {
  int first, pixels, channels, codes, has_squares;
} cgpu_quantization;

/// An attention of some queries of some pairs of an image and a head.
typedef struct {
  int queries, keys, heads, head_dim;
  int query_first, query_stride, key_first, key_stride, value_first, value_stride;
  int is_causal;
  /// The part of this launch: scores are [pair][query][key] of it.
  int first_pair, pairs, first_query, query_count;
  float scale;
} cgpu_attention;

#endif
