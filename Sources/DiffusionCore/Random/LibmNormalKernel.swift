import Glibc

/// The binary64 normals of PyTorch's CPU path, which calls the system's libm, and so does this.
enum LibmNormalKernel: NormalKernel {
  static func uniform(from twister: inout MersenneTwister) -> Double { twister.uniformDouble() }

  static func transform(_ block: UnsafeMutableBufferPointer<Double>) {
    for lane in 0..<8 {
      let radius = (-2 * log(1 - block[lane])).squareRoot()
      let angle = 2 * Double.pi * block[lane + 8]
      // As in binary32, adding the mean 0 turns -0 into 0.
      block[lane] = radius * cos(angle) + 0
      block[lane + 8] = radius * sin(angle) + 0
    }
  }
}
