// What a device must get right before it may compute: a thread an operation on three operands that the compiler cannot
// see. The host knows the results (DeviceProbe.swift).
KERNEL(64) probe(int count, const GLOBAL int *operations, const GLOBAL float *operands, GLOBAL float *results) {
  int place = GROUP(0) * 64 + THREAD;
  if (place >= count) return;
  float a = operands[3 * place], b = operands[3 * place + 1], c = operands[3 * place + 2], x = 0.0f;
  switch (operations[place]) {
    case 0: x = FMA(a, b, c); break;
    case 1: x = a * b + c; break;
    case 2: x = a * b; break;
    case 3: x = a + b; break;
    case 4: x = DIVIDE(a, b); break;
    case 5: x = ROOT(a); break;
    case 6: x = exponential(a); break;
    case 7: x = a; break;
    case 8: x = canonical(a - b); break;
  }
  results[place] = x;
}
