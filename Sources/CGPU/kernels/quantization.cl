// The nearest vectors of a codebook: sixteen lanes a pixel, sixteen pixels a group of threads.

// The distance of a vector, or -1 for NaN, which comes before every distance. Squares below 0 are 0.
INLINE float distance_of(cgpu_quantization p, const GLOBAL float *x, const GLOBAL float *squares,
                         const GLOBAL float *codebook, int pixel, int code) {
  float square = 0.0f;
  if (p.has_squares) {
    square = squares[pixel * p.codes + code];
  } else {
    const GLOBAL float *y = codebook + code * p.channels;
    for (int k = 0; k < p.channels; k++) {
      float d = x[k] - y[k];
      square = FMA(d, d, square);
    }
  }
  if (square != square) return -1.0f;
  return square > 0.0f ? ROOT(square) : 0.0f;
}

KERNEL(LANE_THREADS) quantization(cgpu_quantization p, const GLOBAL float *input, const GLOBAL float *squares,
                                  const GLOBAL float *codebook, GLOBAL float *output, GLOBAL int *codes) {
  SHARED float distances[LANE_THREADS];
  SHARED int places[LANE_THREADS];
  int lane = THREAD % LANES, pixel = GROUP(0) * LANES + THREAD / LANES;
  bool is_there = pixel < p.pixels;
  if (!is_there) pixel = p.pixels - 1;
  const GLOBAL float *x = input + (p.first + pixel) * p.channels;
  float nearest = 0.0f;
  int place = -1;
  for (int code = lane; code < p.codes; code += LANES) {
    float distance = distance_of(p, x, squares, codebook, pixel, code);
    if (place >= 0 && !(distance < nearest)) continue;
    nearest = distance;
    place = code;
  }
  distances[THREAD] = nearest;
  places[THREAD] = place;
  SYNC();
  for (int width = LANES / 2; width > 0; width /= 2) {
    if (lane < width) {
      float own = distances[THREAD], other = distances[THREAD + width];
      int first = places[THREAD], second = places[THREAD + width];
      bool is_nearer = first < 0 || other < own || (other == own && second < first);
      if (second >= 0 && is_nearer) {
        distances[THREAD] = other;
        places[THREAD] = second;
      }
    }
    SYNC();
  }
  place = places[THREAD - lane];
  if (!is_there) return;
  if (lane == 0) codes[p.first + pixel] = place;
  for (int k = lane; k < p.channels; k += LANES) {
    float own = x[k], difference = codebook[place * p.channels + k] - own;
    output[(p.first + pixel) * p.channels + k] = canonical(own + difference);
  }
}
