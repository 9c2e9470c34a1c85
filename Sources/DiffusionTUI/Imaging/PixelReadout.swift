import DiffusionCore

/// The contents of one pixel: the values of its channels in full precision, and the level of 0 to 255 shown for each.
package struct PixelReadout: Sendable, Equatable {
  /// The position of the pixel.
  package let place: PixelPlace
  /// The values of the channels, as they are in the tensor.
  package let values: [Float]
  /// The values that are shown black and white; nil for values that no pixel shows by themselves.
  private let range: ValueRange?

  /// Reads a pixel of one image in a batch; nil for tensors that are not `[batch, channels, height, width]`, and
  /// outside.
  package init?(of tensor: Tensor<Float>, image: Int = 0, at place: PixelPlace, range: ValueRange? = .signed) {
    guard tensor.shape.count == 4, (0..<tensor.shape[0]).contains(image), (0..<tensor.shape[2]).contains(place.row),
      (0..<tensor.shape[3]).contains(place.column)
    else { return nil }
    let (channels, height, width) = (tensor.shape[1], tensor.shape[2], tensor.shape[3])
    (self.place, self.range) = (place, range)
    values = (0..<channels).map {
      tensor.scalars[((image * channels + $0) * height + place.row) * width + place.column]
    }
  }

  /// The names of the channels.
  package var names: [String] {
    values.count == 1 ? ["value"] : values.indices.map { ChannelNames(count: values.count)[$0] }
  }

  /// The longest text that fits a number of columns. From longest to shortest: values with levels and clipping, values
  /// with levels, values alone, levels alone, the position.
  package func text(columns: Int) -> String {
    let position = "(\(place.column), \(place.row))"
    let channels = zip(names, values)
    let exact = channels.map { "\($0) \(Self.exact($1))" }
    guard let range else {
      return ([position] + exact).joined(separator: "  ").columns <= columns
        ? ([position] + exact).joined(separator: "  ") : position
    }
    let full = channels.map { "\($0) \(Self.exact($1)) = \(Self.level($1, range))" }
    let plain = channels.map { "\($0) \(Self.exact($1)) = \($1.isFinite ? "\(range.level($1))" : "-")" }
    let levels = channels.map { "\($0) \(Self.level($1, range))" }
    let choices = [full, plain, exact, levels].map { ([position] + $0).joined(separator: "  ") }
    return choices.first { $0.columns <= columns } ?? position
  }

  /// The levels of the channels, or their values where no pixel shows them, for a place without room for more.
  package var shortText: String {
    values.map { value in range.map { Self.level(value, $0) } ?? NumberText.fixed(Double(value), 2) }
      .joined(separator: " ")
  }

  /// The shortest decimal that reads back as the same binary32; whole numbers have no point.
  package static func exact(_ value: Float) -> String { value.wholeText }

  /// The level that is shown, and whether the value was clipped.
  package static func level(_ value: Float, _ range: ValueRange = .signed) -> String {
    guard value.isFinite else { return "-" }
    return "\(range.level(value))" + (value.magnitude > 1 ? " clipped" : "")
  }
}
