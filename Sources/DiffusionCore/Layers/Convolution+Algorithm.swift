import CTensorKernels

extension Convolution.Geometry {
  /// Chooses how the sums are computed, by the layer's shape alone: the choice decides the bits, so it must not depend on the
  /// machine, the batch or the threads. Winograd's F(4x4, 3x3) does a quarter of the multiplications and pays where there are tiles enough
  /// to hide the reading of its weights, F(2x2, 3x3) on smaller images; on the smallest the weights are all that counts, and direct
  /// convolution has the fewest.
  package mutating func choose(inputChannels: Int, outputChannels: Int, level: LevelSize) {
    let side = min(level.height, level.width)
    guard kernel == 3, stride == 1, padding == 1, min(inputChannels, outputChannels) >= 16, side >= 8 else { return }
    algorithm = side >= 16 ? ctk_winograd_4x4 : ctk_winograd_2x2
  }
}
