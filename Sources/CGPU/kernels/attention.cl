// Scaled dot-product attention, in three launches for some queries of some pairs of an image and a head: scores
// [pair][query][key], their exponentials in place with a total for each query, weighted sums of the values.

KERNEL(THREADS) attention_scores(cgpu_attention p, const GLOBAL float *queries, const GLOBAL float *keys,
                                 GLOBAL float *scores) {
  BEGIN_TILE
  int pair = p.first_pair + GROUP(2), image = pair / p.heads, head = pair % p.heads * p.head_dim;
  for (int k0 = 0; k0 < p.head_dim; k0 += DEPTH) {
    for (int i = thread; i < TILE * DEPTH; i += THREADS) {
      int k = i % DEPTH, m = i / DEPTH, query = image * p.queries + p.first_query + m0 + m;
      first[k * ROW + m] = m0 + m < p.query_count && k0 + k < p.head_dim
                               ? queries[p.query_first + query * p.query_stride + head + k0 + k] : 0.0f;
    }
    for (int i = thread; i < TILE * DEPTH; i += THREADS) {
      int k = i % DEPTH, n = i / DEPTH, key = image * p.keys + n0 + n;
      second[k * TILE + n] = n0 + n < p.keys && k0 + k < p.head_dim
                                 ? keys[p.key_first + key * p.key_stride + head + k0 + k] : 0.0f;
    }
    SYNC();
    ADD_TILE(p.head_dim - k0 < DEPTH ? p.head_dim - k0 : DEPTH, 1)
    SYNC();
  }
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) {
      int m = m0 + row + ACROSS * i, n = n0 + column + ACROSS * j;
      if (m < p.query_count && n < p.keys)
        scores[(GROUP(2) * p.query_count + m) * p.keys + n] = sums[i][j] * p.scale;
    }
}

// The keys of a query: all, or those up to its own place.
INLINE int keys_of(cgpu_attention p, int place) {
  int query = p.first_query + place;
  return p.is_causal && query < p.keys ? query + 1 : p.keys;
}

// Sixteen lanes a query, sixteen queries a group of threads.
KERNEL(LANE_THREADS) attention_softmax(cgpu_attention p, GLOBAL float *scores, GLOBAL float *totals) {
  SHARED float lanes[LANE_THREADS];
  int lane = THREAD % LANES, place = GROUP(0) * LANES + THREAD / LANES, rows = p.pairs * p.query_count;
  bool is_there = place < rows;
  if (!is_there) place = rows - 1;
  int count = keys_of(p, place % p.query_count);
  GLOBAL float *score = scores + place * p.keys;
  float largest = score[0];
  for (int i = lane; i < count; i += LANES) largest = score[i] > largest ? score[i] : largest;
  lanes[THREAD] = largest;
  JOIN_LANES(lanes, other > own ? other : own)
  largest = lanes[THREAD - lane];
  SYNC();
  float sum = 0.0f;
  for (int i = lane; i < count && is_there; i += LANES) {
    float e = exponential(score[i] - largest);
    score[i] = e;
    sum = sum + e;
  }
  lanes[THREAD] = sum;
  JOIN_LANES(lanes, own + other)
  if (lane == 0 && is_there) totals[place] = lanes[THREAD];
}

KERNEL(THREADS) attention_values(cgpu_attention p, const GLOBAL float *scores, const GLOBAL float *totals,
                                 const GLOBAL float *values, GLOBAL float *output) {
  BEGIN_TILE
  int pair = p.first_pair + GROUP(2), image = pair / p.heads, head = pair % p.heads * p.head_dim;
  int limits[SIDE];
  for (int i = 0; i < SIDE; i++) limits[i] = keys_of(p, m0 + row + ACROSS * i);
  for (int k0 = 0; k0 < p.keys; k0 += DEPTH) {
    for (int i = thread; i < TILE * DEPTH; i += THREADS) {
      int k = i % DEPTH, m = i / DEPTH;
      first[k * ROW + m] = m0 + m < p.query_count && k0 + k < p.keys
                               ? scores[(GROUP(2) * p.query_count + m0 + m) * p.keys + k0 + k] : 0.0f;
    }
    for (int i = thread; i < TILE * DEPTH; i += THREADS) {
      int n = n0 + i % TILE, k = k0 + i / TILE, key = image * p.keys + k;
      second[i] = n < p.head_dim && k < p.keys ? values[p.value_first + key * p.value_stride + head + n] : 0.0f;
    }
    SYNC();
    ADD_TILE(p.keys - k0 < DEPTH ? p.keys - k0 : DEPTH, k0 + k < limits[i])
    SYNC();
  }
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) {
      int m = m0 + row + ACROSS * i, n = n0 + column + ACROSS * j;
      if (m < p.query_count && n < p.head_dim)
        output[(image * p.queries + p.first_query + m) * p.heads * p.head_dim + head + n] =
            canonical(DIVIDE(sums[i][j], totals[GROUP(2) * p.query_count + m]));
    }
}
