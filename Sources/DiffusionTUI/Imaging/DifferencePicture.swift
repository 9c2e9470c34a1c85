import DiffusionCore

/// The picture of a difference of two tensors, on a fixed scale. A pixel shows the channel that differs most, with its
/// sign; NaN takes precedence.
package struct DifferencePicture: Sendable, Equatable {
  /// The size in pixels.
  package let columns, rows: Int
  /// The scale at which the colours end.
  package let scale: DifferenceScale
  /// The differences, row by row.
  package let values: [Float]

  /// Creates a picture of differences, row by row, as many as it has pixels.
  init(columns: Int, rows: Int, scale: DifferenceScale, values: [Float]) {
    (self.columns, self.rows, self.scale, self.values) = (columns, rows, scale, values)
  }

  /// Creates the picture of one image in a batch of differences.
  ///
  /// - Parameters:
  ///   - difference: `[batch, channels, height, width]`: the viewed tensor minus the reference. The result is nil for
  ///     any other shape.
  ///   - image: The index of the image in the batch.
  ///   - channel: A single channel to show; the result is nil if there is none with that number.
  ///   - scale: The scale at which the colours end.
  package init?(of difference: Tensor<Float>, image: Int = 0, channel: Int? = nil, scale: DifferenceScale) {
    let shape = difference.shape
    guard shape.count == 4, (0..<shape[0]).contains(image), shape[1] > 0 else { return nil }
    if let channel, !(0..<shape[1]).contains(channel) { return nil }
    let plane = shape[2] * shape[3]
    let first = (image * shape[1] + (channel ?? 0)) * plane
    let channels = channel == nil ? shape[1] : 1
    columns = shape[3]
    rows = shape[2]
    self.scale = scale
    values = difference.scalars.withUnsafeBufferPointer { scalars in
      (0..<plane).map { place in
        var largest = scalars[first + place]
        for channel in 1..<max(1, channels) {
          let value = scalars[first + channel * plane + place]
          if value.isNaN || value.magnitude > largest.magnitude { largest = value }
        }
        return largest
      }
    }
  }

  /// The difference at a pixel as a fraction of the scale, whose ends are -1 and 1; 0 outside the picture.
  package func share(_ column: Int, _ row: Int) -> Double {
    guard (0..<columns).contains(column), (0..<rows).contains(row) else { return 0 }
    return Double(values[row * columns + column]) / scale.limit
  }

  /// The largest difference of a region as such a fraction, with its sign; NaN takes precedence.
  package func share(_ region: PixelRegion) -> Double {
    var largest = 0.0
    for row in region.row..<region.row + region.rows {
      for column in region.column..<region.column + region.columns {
        let share = share(column, row)
        if share.isNaN { return share }
        if share.magnitude > largest.magnitude { largest = share }
      }
    }
    return largest
  }

  /// The picture in colours, for any renderer. An infinite difference has the last colour and the alarm mark.
  package func picture(tier: ColorTier) -> Picture {
    let map = DivergingColorMap(tier: tier)
    return Picture(
      columns: columns, rows: rows, pixels: values.map { map.color(Double($0) / scale.limit) },
      marks: values.contains { !$0.isFinite } ? values.map { PixelMark($0) } : [])
  }
}

/// The difference at which the colours of a difference picture end: a power of ten from 1 down to 1e-7, so that
/// pictures can be compared and a key can step through the scales.
package struct DifferenceScale: Sendable, Hashable, CaseIterable {
  /// The power of ten, 0 to -7.
  package let exponent: Int

  /// - Parameter exponent: The power of ten; clamped to 0 to -7.
  package init(exponent: Int = 0) { self.exponent = max(-7, min(0, exponent)) }

  /// Every scale, coarsest first.
  package static var allCases: [DifferenceScale] { (0...7).map { DifferenceScale(exponent: -$0) } }

  /// The difference shown in the last colour.
  package var limit: Double { [1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6, 1e-7][-exponent] }

  /// The scale ten times finer; the finest returns itself.
  package var finer: DifferenceScale { DifferenceScale(exponent: exponent - 1) }
  /// The scale ten times coarser; the coarsest returns itself.
  package var coarser: DifferenceScale { DifferenceScale(exponent: exponent + 1) }

  /// The limit as the screen shows it: `1`, `0.1`, `1e-2` ... `1e-7`.
  package var label: String { exponent == 0 ? "1" : exponent == -1 ? "0.1" : "1e\(exponent)" }
}
