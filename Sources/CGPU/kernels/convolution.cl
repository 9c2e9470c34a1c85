// Convolution. Blocking decides when an element is computed, never how: each output is one chain over ascending k.

// A group of threads computes TILE x TILE outputs, each thread SIDE x SIDE of them, with DEPTH of k at a time in local
// memory. A row of the first operand has one element more, so that its columns lie in different banks.
#define TILE 64
#define SIDE 4
#define DEPTH 16
#define ACROSS (TILE / SIDE)
#define THREADS (ACROSS * ACROSS)
#define ROW (TILE + 1)

#define BEGIN_TILE                                                            \
  SHARED float first[DEPTH * ROW];                                            \
  SHARED float second[DEPTH * TILE];                                          \
  const int thread = THREAD, column = thread % ACROSS, row = thread / ACROSS; \
  const int m0 = GROUP(0) * TILE, n0 = GROUP(1) * TILE;                       \
  float sums[SIDE][SIDE];                                                     \
  for (int i = 0; i < SIDE; i++)                                              \
    for (int j = 0; j < SIDE; j++) sums[i][j] = 0.0f;

// Adds `count` of k, where `condition` holds for row i and this k.
#define ADD_TILE(count, condition)                                                      \
  for (int k = 0; k < (count); k++) {                                                   \
    float x[SIDE], y[SIDE];                                                             \
    for (int i = 0; i < SIDE; i++) x[i] = first[k * ROW + row + ACROSS * i];            \
    for (int j = 0; j < SIDE; j++) y[j] = second[k * TILE + column + ACROSS * j];       \
    for (int i = 0; i < SIDE; i++)                                                      \
      for (int j = 0; j < SIDE; j++)                                                    \
        if (condition) sums[i][j] = FMA(x[i], y[j], sums[i][j]);                        \
  }

// The epilogue of an element.
INLINE float finished(cgpu_convolution p, float x, int pixel, int channel, const GLOBAL float *bias,
                      const GLOBAL float *time, const GLOBAL float *residual) {
  x = x + bias[channel];
  if (p.has_time) x = x + time[pixel / (p.output_height * p.output_width) * p.time_stride + p.time_first + channel];
  if (p.has_residual) x = x + residual[pixel * p.output_channels + channel];
  if (p.divisor != 1.0f) x = DIVIDE(x, p.divisor);
  if (p.silu) x = silu(x);
  return canonical(x);
}

// The weights of an output channel: the one under k is at [k * weights_stride()].
INLINE int weights_stride(int channel, int channels) { return channels - (channel & ~31) <= 16 ? 16 : 32; }
INLINE int weights_first(int channel, int rows) { return (channel & ~31) * rows + (channel & 31); }

// The place of the input's pixel under a tap; -1 outside of the image.
INLINE int source_pixel(cgpu_convolution p, int pixel, int tap) {
  int each = p.output_height * p.output_width, image = pixel / each, within = pixel - image * each;
  int y = within / p.output_width * p.stride + tap / p.kernel_size - p.padding;
  int x = within % p.output_width * p.stride + tap % p.kernel_size - p.padding;
  if (y < 0 || y >= p.input_height << p.upsample || x < 0 || x >= p.input_width << p.upsample) return -1;
  return (image * p.input_height + (y >> p.upsample)) * p.input_width + (x >> p.upsample);
}

INLINE float source_element(cgpu_convolution p, const GLOBAL float *input, const GLOBAL float *input2, int pixel,
                            int k) {
  int channels = p.channels + p.second_channels, tap = k / channels, channel = k - tap * channels;
  int source = source_pixel(p, pixel, tap);
  if (source < 0) return 0.0f;
  return channel < p.channels ? input[source * p.channels + channel]
                              : input2[source * p.second_channels + channel - p.channels];
}

// A thread an output, for few pixels: nothing is worth keeping but the weights, which neighbours read side by side.
KERNEL(64) convolution_single(cgpu_convolution p, const GLOBAL float *input, const GLOBAL float *input2,
                              const GLOBAL float *weights, const GLOBAL float *bias, const GLOBAL float *time,
                              const GLOBAL float *residual, GLOBAL float *output) {
  int channel = GROUP(0) * 64 + THREAD, pixel = GROUP(1), taps = p.kernel_size * p.kernel_size;
  if (channel >= p.output_channels) return;
  int stride = weights_stride(channel, p.output_channels);
  const GLOBAL float *w = weights + weights_first(channel, taps * (p.channels + p.second_channels));
  float sum = 0.0f;
  for (int tap = 0; tap < taps; tap++) {
    int source = source_pixel(p, pixel, tap);
    const GLOBAL float *x = input + (source < 0 ? 0 : source) * p.channels;
    for (int c = 0; c < p.channels; c++, w += stride) sum = FMA(source < 0 ? 0.0f : x[c], *w, sum);
    x = input2 + (source < 0 ? 0 : source) * p.second_channels;
    for (int c = 0; c < p.second_channels; c++, w += stride) sum = FMA(source < 0 ? 0.0f : x[c], *w, sum);
  }
  output[pixel * p.output_channels + channel] = finished(p, sum, pixel, channel, bias, time, residual);
}

KERNEL(THREADS) convolution_tiled(cgpu_convolution p, const GLOBAL float *input, const GLOBAL float *input2,
                                  const GLOBAL float *weights, const GLOBAL float *bias, const GLOBAL float *time,
                                  const GLOBAL float *residual, GLOBAL float *output) {
  BEGIN_TILE
  int pixels = p.batch * p.output_height * p.output_width;
  int count = p.kernel_size * p.kernel_size * (p.channels + p.second_channels);
  for (int k0 = 0; k0 < count; k0 += DEPTH) {
    for (int i = thread; i < TILE * DEPTH; i += THREADS) {
      int k = i % DEPTH, m = i / DEPTH;
      first[k * ROW + m] =
          m0 + m < pixels && k0 + k < count ? source_element(p, input, input2, m0 + m, k0 + k) : 0.0f;
    }
    for (int i = thread; i < TILE * DEPTH; i += THREADS) {
      int n = n0 + i % TILE, k = k0 + i / TILE;
      second[i] = n < p.output_channels && k < count
                      ? weights[weights_first(n, count) + k * weights_stride(n, p.output_channels)] : 0.0f;
    }
    SYNC();
    ADD_TILE(count - k0 < DEPTH ? count - k0 : DEPTH, 1)
    SYNC();
  }
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) {
      int pixel = m0 + row + ACROSS * i, channel = n0 + column + ACROSS * j;
      if (pixel < pixels && channel < p.output_channels)
        output[pixel * p.output_channels + channel] =
            finished(p, sums[i][j], pixel, channel, bias, time, residual);
    }
}
