// The scalar functions of the numerics contract, operation by operation.

// The value, with a single NaN.
INLINE float canonical(float x) { return x == x ? x : FLOAT(0x7FC00000u); }

INLINE float exponential(float x) {
  const float magic = 0x1.8p23f;
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  float z = FMA(x, 0x1.715476p0f, magic);
  float n = z - magic;
  float r = FMA(n, -0x1.63p-1f, x);
  r = FMA(n, 0x1.bd0106p-13f, r);
  float p = 0x1.9f0888p-13f;
  p = FMA(p, r, 0x1.6d8d52p-10f);
  p = FMA(p, r, 0x1.111272p-7f);
  p = FMA(p, r, 0x1.55548ep-5f);
  p = FMA(p, r, 0x1.555554p-3f);
  p = FMA(p, r, 0.5f);
  float square = r * r;
  p = FMA(p, square, r) + 1.0f;
  int exponent = (int)(BITS(z) - BITS(magic)), first = exponent >> 1, rest = exponent - first;
  float product = p * FLOAT((unsigned)(first + 127) << 23);
  return product * FLOAT((unsigned)(rest + 127) << 23);
}

INLINE float silu(float x) { return DIVIDE(x, 1.0f + exponential(-x)); }

INLINE float quick_gelu(float x) {
  float scaled = -1.702f * x;
  return DIVIDE(x, 1.0f + exponential(scaled));
}

INLINE float tanh_gelu(float x) {
  float square = x * x;
  float product = x * FMA(0x1.6e4e26p-5f, square, 1.0f);
  float scaled = -0x1.988454p0f * product;
  return DIVIDE(x, 1.0f + exponential(scaled));
}

INLINE float mish(float x) {
  float e = exponential(x > 20.0f ? 20.0f : x), next = e + 2.0f;
  float n = e * next;
  return x * DIVIDE(n, n + 2.0f);
}

INLINE float gelu(float x) {
  float t = FLOAT(BITS(x) & 0x7FFFFFFFu);
  if (t < 1.0f) {
    float z = x * x, p = -0x1.00d526p-17f;
    p = FMA(p, z, 0x1.dbff10p-14f);
    p = FMA(p, z, -0x1.36fd42p-10f);
    p = FMA(p, z, 0x1.46ce4cp-7f);
    p = FMA(p, z, -0x1.105832p-4f);
    p = FMA(p, z, 0x1.988454p-2f);
    return x * FMA(p, x, 0.5f);
  }
  t = t > 16.0f ? 16.0f : t;
  float s = DIVIDE(t - 3.0f, t + 3.0f), q = 0x1.11c918p-15f;
  q = FMA(q, s, 0x1.16e94ep-13f);
  q = FMA(q, s, -0x1.591dd8p-12f);
  q = FMA(q, s, -0x1.04854ap-10f);
  q = FMA(q, s, 0x1.7c8610p-9f);
  q = FMA(q, s, 0x1.91fe5ap-8f);
  q = FMA(q, s, -0x1.7a944ap-5f);
  q = FMA(q, s, 0x1.f8bab2p-4f);
  q = FMA(q, s, -0x1.a6b66ap-3f);
  q = FMA(q, s, 0x1.f1b89cp-4f);
  float z = t * t;
  float low = FMA(t, t, -z), half_square = -0.5f * z, half_low = -0.5f * low;
  float e = exponential(half_square);
  e = FMA(e, half_low, e);
  float weighted = t * q;
  float tail = weighted * e;
  return (x > 0.0f ? x : 0.0f) - tail;
}

INLINE float activate(int function, float x) {
  switch (function) {
    case CGPU_GELU: return gelu(x);
    case CGPU_QUICK_GELU: return quick_gelu(x);
    case CGPU_MISH: return mish(x);
    case CGPU_RELU: return x < 0.0f ? 0.0f : x;
    case CGPU_TANH_GELU: return tanh_gelu(x);
    default: return silu(x);
  }
}
