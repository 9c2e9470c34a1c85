// Group and layer normalisation.

#define NORM_THREADS 256
#define NORM_SUMS 2048
#define RUN 32

INLINE float norm_element(cgpu_group_norm p, const GLOBAL float *input, const GLOBAL float *input2, int image,
                          int pixel, int channel) {
  int place = image * p.pixels + pixel;
  return channel < p.channels ? input[place * p.channels + channel]
                              : input2[place * p.second_channels + channel - p.channels];
}

// The sum of a span of runs, or of the squares of what differs from the mean: a binary counter of partial sums, which
// gives the contract's tree, since a span is a power of two.
INLINE float span_sum(cgpu_group_norm p, const GLOBAL float *input, const GLOBAL float *input2, int image, int channel,
                      int index, int has_mean, float mean) {
  float stack[32];
  int depth = 0, runs = (p.pixels + RUN - 1) / RUN, from = index * p.span;
  int to = runs - from < p.span ? runs : from + p.span;
  for (int run = from; run < to; run++) {
    float sum = 0.0f;
    int end = p.pixels - run * RUN < RUN ? p.pixels : run * RUN + RUN;
    for (int pixel = run * RUN; pixel < end; pixel++) {
      float x = norm_element(p, input, input2, image, pixel, channel), d = x - mean;
      sum = has_mean ? FMA(d, d, sum) : sum + x;
    }
    for (int carry = run - from; carry & 1; carry >>= 1) sum = stack[--depth] + sum;
    stack[depth++] = sum;
  }
  float total = stack[--depth];
  while (depth > 0) total = stack[--depth] + total;
  return total;
}

// The mean over a group, for every thread: as many channels at a time as `sums` has room for. Needs all threads.
INLINE float group_mean(cgpu_group_norm p, const GLOBAL float *input, const GLOBAL float *input2, int image,
                        int channel, int group, LOCAL float *sums, int has_mean, float mean) {
  float total = 0.0f;
  int room = NORM_SUMS / p.spans;
  for (int from = 0; from < group; from += room) {
    int count = group - from < room ? group - from : room;
    for (int i = THREAD; i < p.spans * count; i += NORM_THREADS)
      sums[i] = span_sum(p, input, input2, image, channel + from + i % count, i / count, has_mean, mean);
    SYNC();
    for (int step = 1; step < p.spans; step *= 2) {
      for (int i = THREAD; i < p.spans * count; i += NORM_THREADS) {
        int span = i / count;
        if (span % (2 * step) == 0 && span + step < p.spans) sums[i] = sums[i] + sums[i + step * count];
      }
      SYNC();
    }
    for (int i = 0; i < count; i++) total = from + i == 0 ? sums[0] : total + sums[i];
    SYNC();
  }
  float elements = (float)p.pixels * (float)group;
  return DIVIDE(total, elements);
}

// Normalises the group of channels of an image that this group of threads is for. Needs all threads.
INLINE void normalize_group(cgpu_group_norm p, const GLOBAL float *input, const GLOBAL float *input2,
                            const GLOBAL float *gamma, const GLOBAL float *beta, const GLOBAL float *time,
                            GLOBAL float *output, LOCAL float *sums) {
  int channels = p.channels + p.second_channels, group = channels / p.groups;
  int image = GROUP(0) / p.groups, channel = GROUP(0) % p.groups * group;
  float mean = group_mean(p, input, input2, image, channel, group, sums, 0, 0.0f);
  float variance = group_mean(p, input, input2, image, channel, group, sums, 1, mean);
  float deviation = DIVIDE(1.0f, ROOT(variance + p.epsilon));
  for (int i = THREAD; i < p.pixels * group; i += NORM_THREADS) {
    int pixel = i / group, c = channel + i - pixel * group;
    float scale = deviation * gamma[c];
    float shift = FMA(-mean, scale, beta[c]);
    if (p.has_time) {
      int first = image * p.time_stride + p.time_first + c;
      float factor = 1.0f + time[first];
      scale = scale * factor;
      shift = FMA(shift, factor, time[first + channels]);
    }
    float y = FMA(norm_element(p, input, input2, image, pixel, c), scale, shift);
    if (p.silu) y = silu(y);
    output[(image * p.pixels + pixel) * channels + c] = canonical(y);
  }
}

KERNEL(NORM_THREADS) group_norm(cgpu_group_norm p, const GLOBAL float *input, const GLOBAL float *input2,
                                const GLOBAL float *gamma, const GLOBAL float *beta, const GLOBAL float *time,
                                GLOBAL float *output) {
  SHARED float sums[NORM_SUMS];
  normalize_group(p, input, input2, gamma, beta, time, output, sums);
}

// Transforms what this group of threads has normalised, for the convolution that reads it: no other group is needed.
INLINE void transform_group(int side, cgpu_group_norm p, cgpu_convolution c, const GLOBAL float *output,
                            GLOBAL float *transformed) {
  int group = (p.channels + p.second_channels) / p.groups, tiles = c.tiles / c.batch;
  int image = GROUP(0) / p.groups, channel = GROUP(0) % p.groups * group;
  SYNC_ALL();
  for (int i = THREAD; i < tiles * group; i += NORM_THREADS)
    transform_tile(side, c, output, transformed, image * tiles + i / group, channel + i % group);
}

KERNEL(NORM_THREADS) group_norm_winograd_4(cgpu_group_norm p, cgpu_convolution c, const GLOBAL float *input,
                                           const GLOBAL float *input2, const GLOBAL float *gamma,
                                           const GLOBAL float *beta, const GLOBAL float *time, GLOBAL float *output,
                                           GLOBAL float *transformed) {
  SHARED float sums[NORM_SUMS];
  normalize_group(p, input, input2, gamma, beta, time, output, sums);
  transform_group(4, p, c, output, transformed);
}

KERNEL(NORM_THREADS) group_norm_winograd_6(cgpu_group_norm p, cgpu_convolution c, const GLOBAL float *input,
                                           const GLOBAL float *input2, const GLOBAL float *gamma,
                                           const GLOBAL float *beta, const GLOBAL float *time, GLOBAL float *output,
                                           GLOBAL float *transformed) {
  SHARED float sums[NORM_SUMS];
  normalize_group(p, input, input2, gamma, beta, time, output, sums);
  transform_group(6, p, c, output, transformed);
}

// Sixteen lanes a row, sixteen rows a group of threads, joined in place: 8, 4, 2, 1. Needs all threads.
#define LANES 16
#define LANE_THREADS (LANES * LANES)
#define JOIN_LANES(lanes, joined)                                           \
  SYNC();                                                                   \
  for (int width = LANES / 2; width > 0; width /= 2) {                      \
    if (lane < width) {                                                     \
      float own = lanes[THREAD], other = lanes[THREAD + width];             \
      lanes[THREAD] = joined;                                               \
    }                                                                       \
    SYNC();                                                                 \
  }

KERNEL(LANE_THREADS) layer_norm(cgpu_layer_norm p, const GLOBAL float *input, const GLOBAL float *gamma,
                                const GLOBAL float *beta, GLOBAL float *output) {
  SHARED float lanes[LANE_THREADS];
  int lane = THREAD % LANES, pixel = GROUP(0) * LANES + THREAD / LANES;
  bool is_there = pixel < p.pixels;
  const GLOBAL float *x = input + (is_there ? pixel : 0) * p.channels;
  float sum = 0.0f;
  for (int c = lane; c < p.channels; c += LANES) sum = sum + x[c];
  lanes[THREAD] = sum;
  JOIN_LANES(lanes, own + other)
  float mean = DIVIDE(lanes[THREAD - lane], (float)p.channels);
  SYNC();
  sum = 0.0f;
  for (int c = lane; c < p.channels; c += LANES) {
    float d = x[c] - mean;
    sum = FMA(d, d, sum);
  }
  lanes[THREAD] = sum;
  JOIN_LANES(lanes, own + other)
  float variance = DIVIDE(lanes[THREAD - lane], (float)p.channels);
  float scale = DIVIDE(1.0f, ROOT(variance + p.epsilon));
  for (int c = lane; c < p.channels && is_there; c += LANES) {
    float d = x[c] - mean;
    float scaled = d * scale;
    output[pixel * p.channels + c] = canonical(FMA(scaled, gamma[c], beta[c]));
  }
}
