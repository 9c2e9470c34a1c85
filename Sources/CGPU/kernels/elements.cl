// Operations with a thread for each element of the output.
#define ELEMENT_THREADS 256
#define ELEMENT (GROUP(0) * ELEMENT_THREADS + THREAD)

KERNEL(ELEMENT_THREADS) activation(cgpu_activation p, const GLOBAL float *input, GLOBAL float *output) {
  int place = ELEMENT;
  if (place >= p.count) return;
  if (p.is_gated) {
    int pixel = place / p.channels, first = pixel * 2 * p.channels + place - pixel * p.channels;
    output[place] = canonical(input[first] * activate(p.function, input[first + p.channels]));
  } else {
    output[place] = canonical(activate(p.function, input[place]));
  }
}

KERNEL(ELEMENT_THREADS) modulation(cgpu_modulation p, const GLOBAL float *input, const GLOBAL float *factors,
                                   const GLOBAL float *terms, GLOBAL float *output) {
  int place = ELEMENT;
  if (place >= p.count) return;
  int pixel = place / p.channels, channel = place - pixel * p.channels;
  int image = pixel / p.pixels, within = pixel - image * p.pixels;
  float factor = factors[p.factor_first + image * p.factor_stride + channel];
  float term = terms[p.term_first + image * p.term_image_stride + within * p.term_pixel_stride + channel];
  if (p.adds_one) factor = 1.0f + factor;
  output[place] = canonical(FMA(input[place], factor, term));
}

// The first tap of a row or column of the output.
INLINE int first_tap(int kind, int place) {
  switch (kind) {
    case CGPU_NEAREST: return place / 2;
    case CGPU_AVERAGE: return 2 * place;
    case CGPU_FILTER_UP: return (place + 1) / 2 - 1;
    default: return 2 * place - 1;
  }
}

// The weight of one of its taps.
INLINE float tap_weight(int kind, int place, int tap) {
  switch (kind) {
    case CGPU_NEAREST: return 1.0f;
    case CGPU_AVERAGE: return 0.5f;
    case CGPU_FILTER_UP: return (place % 2 == 0) == (tap == 0) ? 0.25f : 0.75f;
    default: return tap == 0 || tap == 3 ? 0.125f : 0.375f;
  }
}

// The row or column that a tap reads; -1 outside of the image.
INLINE int tap_place(int place, int extent, int reflects) {
  if (reflects && place < 0) return -place;
  if (reflects && place >= extent) return 2 * extent - 2 - place;
  return place < extent ? place : -1;
}

KERNEL(ELEMENT_THREADS) resample(cgpu_resample p, const GLOBAL float *input, GLOBAL float *output) {
  int place = ELEMENT;
  if (place >= p.count) return;
  int pixel = place / p.channels, channel = place - pixel * p.channels;
  int column = pixel % p.output_width, row = pixel / p.output_width % p.output_height;
  int image = pixel / (p.output_width * p.output_height);
  int taps = p.kind == CGPU_NEAREST ? 1 : p.kind == CGPU_FILTER_DOWN ? 4 : 2;
  float sum = 0.0f;
  for (int i = 0; i < taps; i++) {
    int y = tap_place(first_tap(p.kind, row) + i, p.input_height, p.reflects);
    for (int j = 0; j < taps; j++) {
      int x = tap_place(first_tap(p.kind, column) + j, p.input_width, p.reflects);
      if (y < 0 || x < 0) continue;
      float weight = tap_weight(p.kind, row, i) * tap_weight(p.kind, column, j);
      sum = FMA(input[((image * p.input_height + y) * p.input_width + x) * p.channels + channel], weight, sum);
    }
  }
  output[place] = canonical(sum);
}

// The row or column that a place of `count` reads of `size`: the nearest one, with the rounding of PyTorch.
INLINE int nearest_place(int place, int size, int count) {
  if (count == size) return place;
  if (count == 2 * size) return place / 2;
  float scale = DIVIDE((float)size, (float)count);
  int nearest = (int)((float)place * scale);
  return nearest < size ? nearest : size - 1;
}

KERNEL(ELEMENT_THREADS) placement(cgpu_placement p, const GLOBAL float *input, GLOBAL float *output) {
  int place = ELEMENT;
  if (place >= p.count) return;
  int pixel = place / p.channels, channel = place - pixel * p.channels, size = p.height * p.width;
  int image = pixel / size, within = pixel - image * size;
  int y = nearest_place(within / p.width, p.input_height, p.height);
  int x = nearest_place(within % p.width, p.input_width, p.width);
  int source = (image * p.input_height + y) * p.input_width + x + p.input_pixel;
  int target = image * p.output_pixels + p.output_pixel + within;
  output[target * p.output_channels + p.output_first + channel] =
      input[source * p.input_channels + p.input_first + channel];
}

KERNEL(ELEMENT_THREADS) spatial_modulation(cgpu_spatial_modulation p, const GLOBAL float *input,
                                           const GLOBAL float *factors, const GLOBAL float *terms,
                                           GLOBAL float *output) {
  int place = ELEMENT;
  if (place >= p.count) return;
  int pixel = place / p.channels, column = pixel % p.width, row = pixel / p.width % p.height;
  int image = pixel / (p.width * p.height);
  int y = row * p.factor_height / p.height, x = column * p.factor_width / p.width;
  int from = ((image * p.factor_height + y) * p.factor_width + x) * p.channels + place - pixel * p.channels;
  float product = input[place] * factors[from];
  output[place] = canonical(product + terms[from]);
}

KERNEL(ELEMENT_THREADS) addition(int count, const GLOBAL float *first, const GLOBAL float *second, GLOBAL float *output) {
  int place = ELEMENT;
  if (place < count) output[place] = canonical(first[place] + second[place]);
}
