#include "CTensorKernels.h"

#pragma STDC FP_CONTRACT OFF

static int32_t block_width(int32_t output_channels, int32_t channel) {
  return output_channels - channel <= CTK_BLOCK_CHANNELS / 2 ? CTK_BLOCK_CHANNELS / 2 : CTK_BLOCK_CHANNELS;
}

size_t ctk_packed_count(int32_t output_channels, size_t k) {
  int32_t last = (int32_t)(ctk_convolution_blocks(output_channels) - 1) * CTK_BLOCK_CHANNELS;
  return ((size_t)last + block_width(output_channels, last)) * k;
}

void ctk_pack(const float *weights, int32_t output_channels, int32_t input_channels, int32_t taps, float *packed) {
  for (int32_t channel = 0; channel < output_channels; channel += CTK_BLOCK_CHANNELS) {
    int32_t width = block_width(output_channels, channel);
    for (int32_t tap = 0; tap < taps; tap++) {
      for (int32_t input = 0; input < input_channels; input++) {
        for (int32_t lane = 0; lane < width; lane++) {
          int32_t output = channel + lane;
          *packed++ = output < output_channels ? weights[((size_t)output * input_channels + input) * taps + tap] : 0;
        }
      }
    }
  }
}

// G g, for all lanes of a block at once. In binary64, so that the transformed weights are nearly correctly rounded.
typedef double lanes[CTK_BLOCK_CHANNELS];

static void winograd_weights_1d(ctk_algorithm algorithm, lanes *const *g, lanes *u, size_t u_stride) {
  const double a = 0.75, b = 1.5, aa = a * a, bb = b * b;
  const double by_a = 1 / (2 * aa * (aa - bb)), by_b = 1 / (2 * bb * (bb - aa));
  for (int i = 0; i < CTK_BLOCK_CHANNELS; i++) {
    double g0 = (*g[0])[i], g1 = (*g[1])[i], g2 = (*g[2])[i];
    if (algorithm == ctk_winograd_2x2) {
      u[0][i] = g0;
      u[u_stride][i] = (g0 + g2 + g1) * 0.5;
      u[2 * u_stride][i] = (g0 + g2 - g1) * 0.5;
      u[3 * u_stride][i] = g2;
    } else {
      double even_a = g0 + aa * g2, even_b = g0 + bb * g2;
      u[0][i] = g0 * (1 / (aa * bb));
      u[u_stride][i] = (even_a + a * g1) * by_a;
      u[2 * u_stride][i] = (even_a - a * g1) * by_a;
      u[3 * u_stride][i] = (even_b + b * g1) * by_b;
      u[4 * u_stride][i] = (even_b - b * g1) * by_b;
      u[5 * u_stride][i] = g2;
    }
  }
}

// Transforms the columns first, then the rows.
static void winograd_weights(ctk_algorithm algorithm, lanes *g, lanes *u) {
  int size = ctk_winograd_size(algorithm);
  lanes columns[18];
  for (int x = 0; x < 3; x++) {
    lanes *const column[3] = {g + x, g + 3 + x, g + 6 + x};
    winograd_weights_1d(algorithm, column, columns + x, 3);
  }
  for (int y = 0; y < size; y++) {
    lanes *const row[3] = {columns + 3 * y, columns + 3 * y + 1, columns + 3 * y + 2};
    winograd_weights_1d(algorithm, row, u + y * size, 1);
  }
}

void ctk_winograd_pack(ctk_algorithm algorithm, const float *weights, int32_t output_channels, int32_t input_channels,
                       float *packed, size_t begin, size_t end) {
  size_t points = (size_t)ctk_winograd_size(algorithm) * ctk_winograd_size(algorithm);
  for (size_t block = begin; block < end; block++) {
    int32_t channel = (int32_t)block * CTK_BLOCK_CHANNELS, width = block_width(output_channels, channel);
    float *to = packed + (size_t)channel * points * input_channels;
    for (int32_t input = 0; input < input_channels; input++) {
      lanes g[9] = {0}, u[36];
      for (int32_t lane = 0; lane < width && channel + lane < output_channels; lane++) {
        const float *from = weights + ((size_t)(channel + lane) * input_channels + input) * 9;
        for (int tap = 0; tap < 9; tap++) g[tap][lane] = from[tap];
      }
      winograd_weights(algorithm, g, u);
      for (size_t point = 0; point < points; point++) {
        float *row = to + (point * input_channels + input) * width;
        for (int32_t lane = 0; lane < width; lane++) row[lane] = (float)u[point][lane];
      }
    }
  }
}
