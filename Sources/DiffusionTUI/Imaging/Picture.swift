import DiffusionCore

/// The values of a picture that are black and white.
package enum ValueRange: Sendable {
  /// -1 and 1: the samples of a model.
  case signed
  /// 0 and 1: a decoded image.
  case unit

  /// Maps a value to 0...255, rounded to nearest even as `numpy_to_pil` of Diffusers does; values beyond are clamped.
  package func level(_ value: Float) -> UInt8 {
    let share = value.isNaN ? 0 : self == .unit ? value : value / 2 + 0.5
    return UInt8(clamping: Int((min(1, max(0, share)) * 255).rounded(.toNearestOrEven)))
  }

  /// The value as one of ``signed``.
  fileprivate func signed(_ value: Float) -> Float { self == .unit ? 2 * value - 1 : value }
}

/// A tensor as an image: every pixel exact, by a fixed mapping of [-1, 1] to 0...255, so that seeds can be compared.
public struct Picture: Sendable, Equatable {
  /// The size in pixels.
  package let columns, rows: Int
  private let pixels: [RGB]
  /// Empty if no pixel is marked, as is nearly always the case.
  private let marks: [PixelMark]

  /// The colour of NaN and infinity, one that the eye cannot miss. An image may contain it too, so renderers go by
  /// ``mark(column:row:)`` and draw an ``AlarmPattern``.
  package static let notANumber = RGB(255, 0, 255)
  /// The colour of values above 1 in the clipping overlay.
  package static let clippedAbove = RGB(255, 176, 0)
  /// The colour of values below -1 in the clipping overlay.
  package static let clippedBelow = RGB(0, 114, 255)

  /// Creates a picture from pixels.
  ///
  /// - Parameters:
  ///   - pixels: Row by row; missing ones are black, and excess ones are ignored.
  ///   - marks: Row by row; empty for none.
  package init(columns: Int, rows: Int, pixels: [RGB], marks: [PixelMark] = []) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
    let count = self.columns * self.rows
    self.pixels = Self.filled(pixels, count, with: RGB(0, 0, 0))
    self.marks = marks.allSatisfy { $0 == .none } ? [] : Self.filled(marks, count, with: .none)
  }

  /// Creates the picture of one image in a batch. One channel is gray; of two the first is shown, and of more than
  /// three the first three.
  ///
  /// - Parameters:
  ///   - tensor: `[batch, channels, height, width]`; the result is nil for any other shape.
  ///   - image: The index of the image in the batch.
  ///   - channel: A single channel to show in gray; the result is nil if there is none with that number.
  ///   - marksClipping: Whether to overlay clipping: the picture in dark gray, and every pixel with a shown value of
  ///     |x| >= 1 in ``clippedAbove`` or ``clippedBelow``, by the sign of the value that lies further out.
  ///   - range: The values that are black and white.
  package init?(
    of tensor: Tensor<Float>, image: Int = 0, channel: Int? = nil, marksClipping: Bool = false,
    range: ValueRange = .signed
  ) {
    guard tensor.shape.count == 4, (0..<tensor.shape[0]).contains(image), tensor.shape[1] > 0 else { return nil }
    let channels = tensor.shape[1]
    if let channel, !(0..<channels).contains(channel) { return nil }
    let plane = tensor.shape[2] * tensor.shape[3]
    let first = (image * channels + (channel ?? 0)) * plane
    let green = channels >= 3 && channel == nil ? plane : 0
    var marks: [PixelMark] = []
    pixels = tensor.scalars.withUnsafeBufferPointer { scalars in
      (0..<plane).map { place in
        let start = first + place
        let (red, middle, blue) = (scalars[start], scalars[start + green], scalars[start + 2 * green])
        if !(red.isFinite && middle.isFinite && blue.isFinite) {
          if marks.isEmpty { marks = Array(repeating: .none, count: plane) }
          marks[place] = PixelMark(red, middle, blue)
          return Self.notANumber
        }
        return marksClipping
          ? Self.overlay(range.signed(red), range.signed(middle), range.signed(blue))
          : RGB(range.level(red), range.level(middle), range.level(blue))
      }
    }
    self.marks = marks
    columns = tensor.shape[3]
    rows = tensor.shape[2]
  }

  /// The size in pixels.
  package var size: Size { Size(columns: columns, rows: rows) }
  /// Whether any pixel is NaN or infinite.
  package var hasMarks: Bool { !marks.isEmpty }

  /// The pixel at a position; black outside.
  package subscript(column: Int, row: Int) -> RGB {
    guard column >= 0, column < columns, row >= 0, row < rows else { return RGB(0, 0, 0) }
    return pixels[row * columns + column]
  }

  /// The mark of the pixel at a position; none outside.
  package func mark(column: Int, row: Int) -> PixelMark {
    guard hasMarks, column >= 0, column < columns, row >= 0, row < rows else { return .none }
    return marks[row * columns + column]
  }

  /// Maps [-1, 1] to 0...255, rounded to nearest even as `DDIMPipeline.numpy_to_pil` does; values beyond are clamped.
  package static func level(_ value: Float) -> UInt8 { ValueRange.signed.level(value) }

  private static func overlay(_ values: Float...) -> RGB {
    let furthest = values.max { $0.magnitude < $1.magnitude } ?? 0
    if furthest.magnitude >= 1 { return furthest > 0 ? clippedAbove : clippedBelow }
    let levels = values.map { Int(level($0)) }
    let luma = UInt8(clamping: (299 * levels[0] + 587 * levels[1] + 114 * levels[2]) / 2000)
    return RGB(luma, luma, luma)
  }

  private static func filled<Element>(_ elements: [Element], _ count: Int, with filler: Element) -> [Element] {
    elements.count == count
      ? elements
      : Array(elements.prefix(count)) + Array(repeating: filler, count: max(0, count - elements.count))
  }
}
