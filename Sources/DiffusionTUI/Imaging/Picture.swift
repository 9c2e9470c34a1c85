import DiffusionCore

/// An image of a tensor: every pixel exact, by one fixed map of [-1, 1] to 0...255, so that seeds can be compared.
package struct Picture: Sendable, Equatable {
  /// How many pixels, across and down.
  package let columns, rows: Int
  private let pixels: [RGB]

  /// What stands for NaN: a colour that the eye cannot miss.
  package static let notANumber = RGB(255, 0, 255)

  /// The picture of one image of a batch. One channel is gray; of more than three the first three are shown; of two
  /// the first.
  ///
  /// - Parameter tensor: `[batch, channels, height, width]`; nil is returned for any other shape.
  package init?(of tensor: Tensor<Float>, image: Int = 0) {
    guard tensor.shape.count == 4, (0..<tensor.shape[0]).contains(image), tensor.shape[1] > 0 else { return nil }
    let channels = tensor.shape[1]
    let plane = tensor.shape[2] * tensor.shape[3]
    let first = image * channels * plane
    let green = channels >= 3 ? plane : 0
    columns = tensor.shape[3]
    rows = tensor.shape[2]
    pixels = tensor.scalars.withUnsafeBufferPointer { scalars in
      (0..<plane).map { place in
        let start = first + place
        return Self.color(scalars[start], scalars[start + green], scalars[start + 2 * green])
      }
    }
  }

  /// The pixel at a place; black outside.
  package subscript(column: Int, row: Int) -> RGB {
    guard column >= 0, column < columns, row >= 0, row < rows else { return RGB(0, 0, 0) }
    return pixels[row * columns + column]
  }

  /// [-1, 1] to 0...255, rounded to nearest even as `DDIMPipeline.numpy_to_pil` does; beyond it the ends.
  package static func level(_ value: Float) -> UInt8 {
    UInt8(clamping: Int((min(1, max(0, value.isNaN ? 0 : value / 2 + 0.5)) * 255).rounded(.toNearestOrEven)))
  }

  private static func color(_ red: Float, _ green: Float, _ blue: Float) -> RGB {
    if red.isNaN || green.isNaN || blue.isNaN { return notANumber }
    return RGB(level(red), level(green), level(blue))
  }
}
