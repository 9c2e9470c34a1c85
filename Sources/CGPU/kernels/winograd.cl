// Winograd's convolution F(m x m, 3 x 3) with side = m + 2: transformed inputs [point][tile][channel], sums of products
// [point][tile][output channel], then the outputs. `side` is a constant wherever these are called.

INLINE void transform_input(int side, const float *d, float *t) {
  if (side == 4) {
    t[0] = d[0] - d[2];
    t[1] = d[1] + d[2];
    t[2] = d[2] - d[1];
    t[3] = d[1] - d[3];
  } else {
    float even_a = FMA(-2.25f, d[2], d[4]), odd_a = FMA(-2.25f, d[1], d[3]);
    float even_b = FMA(-0.5625f, d[2], d[4]), odd_b = FMA(-0.5625f, d[1], d[3]);
    t[0] = FMA(1.265625f, d[0], FMA(-2.8125f, d[2], d[4]));
    t[1] = FMA(0.75f, odd_a, even_a);
    t[2] = FMA(-0.75f, odd_a, even_a);
    t[3] = FMA(1.5f, odd_b, even_b);
    t[4] = FMA(-1.5f, odd_b, even_b);
    t[5] = FMA(1.265625f, d[1], FMA(-2.8125f, d[3], d[5]));
  }
}

INLINE void transform_output(int side, const float *s, float *y) {
  float p = s[1] + s[2], q = s[1] - s[2];
  if (side == 4) {
    y[0] = s[0] + p;
    y[1] = q - s[3];
  } else {
    float v = s[3] + s[4], w = s[3] - s[4], begun = s[0] + p, scaled_q = 0.75f * q, scaled_p = 0.5625f * p;
    y[0] = begun + v;
    y[1] = FMA(1.5f, w, scaled_q);
    y[2] = FMA(2.25f, v, scaled_p);
    y[3] = FMA(3.375f, w, FMA(0.421875f, q, s[5]));
  }
}

typedef struct {
  int image, row, column;
} winograd_tile;

INLINE winograd_tile tile_at(cgpu_convolution p, int side, int index) {
  int m = side - 2, down = (p.output_height + m - 1) / m, across = (p.output_width + m - 1) / m;
  winograd_tile tile;
  tile.image = index / (down * across);
  tile.row = index % (down * across) / across * m;
  tile.column = index % across * m;
  return tile;
}

INLINE void transform_tile(int side, cgpu_convolution p, const GLOBAL float *input, GLOBAL float *transformed,
                           int place, int channel) {
  winograd_tile tile = tile_at(p, side, p.first_tile + place);
  float columns[36];
  for (int x = 0; x < side; x++) {
    float d[6], t[6];
    for (int y = 0; y < side; y++) {
      int r = tile.row + y - 1, c = tile.column + x - 1;
      bool is_inside = r >= 0 && r < p.input_height << p.upsample && c >= 0 && c < p.input_width << p.upsample;
      int pixel = (tile.image * p.input_height + (r >> p.upsample)) * p.input_width + (c >> p.upsample);
      d[y] = is_inside ? input[pixel * p.channels + channel] : 0.0f;
    }
    transform_input(side, d, t);
    for (int y = 0; y < side; y++) columns[y * side + x] = t[y];
  }
  for (int y = 0; y < side; y++) {
    float t[6];
    transform_input(side, columns + y * side, t);
    for (int x = 0; x < side; x++)
      transformed[((y * side + x) * p.tiles + place) * p.channels + channel] = t[x];
  }
}

KERNEL(128) winograd_input_4(cgpu_convolution p, const GLOBAL float *input, GLOBAL float *transformed) {
  int index = GROUP(0) * 128 + THREAD, place = index / p.channels;
  if (place < p.tiles) transform_tile(4, p, input, transformed, place, index - place * p.channels);
}

KERNEL(128) winograd_input_6(cgpu_convolution p, const GLOBAL float *input, GLOBAL float *transformed) {
  int index = GROUP(0) * 128 + THREAD, place = index / p.channels;
  if (place < p.tiles) transform_tile(6, p, input, transformed, place, index - place * p.channels);
}

KERNEL(THREADS) winograd_products(cgpu_convolution p, int points, const GLOBAL float *transformed,
                                  const GLOBAL float *weights, GLOBAL float *products) {
  BEGIN_TILE
  int point = GROUP(2), count = p.channels;
  for (int k0 = 0; k0 < count; k0 += DEPTH) {
    for (int i = thread; i < TILE * DEPTH; i += THREADS) {
      int k = i % DEPTH, m = i / DEPTH;
      first[k * ROW + m] = m0 + m < p.tiles && k0 + k < count
                               ? transformed[(point * p.tiles + m0 + m) * count + k0 + k] : 0.0f;
    }
    for (int i = thread; i < TILE * DEPTH; i += THREADS) {
      int n = n0 + i % TILE, k = k0 + i / TILE, channels = p.output_channels;
      second[i] = n < channels && k < count ? weights[weights_first(n, points * count) +
                                                      (point * count + k) * weights_stride(n, channels)] : 0.0f;
    }
    SYNC();
    ADD_TILE(count - k0 < DEPTH ? count - k0 : DEPTH, 1)
    SYNC();
  }
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) {
      int tile = m0 + row + ACROSS * i, channel = n0 + column + ACROSS * j;
      if (tile < p.tiles && channel < p.output_channels)
        products[(point * p.tiles + tile) * p.output_channels + channel] = sums[i][j];
    }
}

INLINE void finish_tile(int side, cgpu_convolution p, const GLOBAL float *products, const GLOBAL float *bias,
                        const GLOBAL float *time, const GLOBAL float *residual, GLOBAL float *output) {
  int index = GROUP(0) * 128 + THREAD, place = index / p.output_channels, channel = index - place * p.output_channels;
  if (place >= p.tiles) return;
  winograd_tile tile = tile_at(p, side, p.first_tile + place);
  int m = side - 2;
  float columns[24];
  for (int x = 0; x < side; x++) {
    float s[6], y[4];
    for (int i = 0; i < side; i++)
      s[i] = products[((i * side + x) * p.tiles + place) * p.output_channels + channel];
    transform_output(side, s, y);
    for (int i = 0; i < m; i++) columns[i * side + x] = y[i];
  }
  for (int i = 0; i < m; i++) {
    float y[4];
    transform_output(side, columns + i * side, y);
    for (int j = 0; j < m; j++) {
      int r = tile.row + i, c = tile.column + j;
      if (r >= p.output_height || c >= p.output_width) continue;
      int pixel = (tile.image * p.output_height + r) * p.output_width + c;
      output[pixel * p.output_channels + channel] = finished(p, y[j], pixel, channel, bias, time, residual);
    }
  }
}

KERNEL(128) winograd_output_4(cgpu_convolution p, const GLOBAL float *products, const GLOBAL float *bias,
                              const GLOBAL float *time, const GLOBAL float *residual, GLOBAL float *output) {
  finish_tile(4, p, products, bias, time, residual, output);
}

KERNEL(128) winograd_output_6(cgpu_convolution p, const GLOBAL float *products, const GLOBAL float *bias,
                              const GLOBAL float *time, const GLOBAL float *residual, GLOBAL float *output) {
  finish_tile(6, p, products, bias, time, residual, output);
}
