/// A decoded picture that a run starts from. The engine reads no picture files: a front end decodes them.
public struct SourcePicture: Sendable, Equatable {
  /// Reads and decodes a picture; throws ``DiffusionError``.
  public typealias Open = @Sendable (PictureReference) throws -> SourcePicture

  /// Samples, row by row, the channels of a pixel together.
  public enum Samples: Sendable, Equatable {
    /// 0 to 255.
    case bits8([UInt8])
    /// 0 to 65535.
    case bits16([UInt16])

    /// The number of samples.
    var count: Int {
      switch self {
      case .bits8(let samples): samples.count
      case .bits16(let samples): samples.count
      }
    }
  }

  /// Its name and the hash of its file.
  public let record: PictureRecord
  /// Pixels across, at least 1.
  public let width: Int
  /// Pixels down, at least 1.
  public let height: Int
  /// 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGB and alpha).
  public let channels: Int
  package let samples: Samples

  /// The largest number of bytes of the samples: sums of areas are exact up to here.
  public static let maximumBytes = 1 << 28
  /// The largest number of pixels across or down, as in libpng.
  public static let maximumSide = 1_000_000

  /// Creates a picture.
  ///
  /// - Parameters:
  ///   - record: Its name and the hash of its file.
  ///   - width: Pixels across, 1 to ``maximumSide``.
  ///   - height: Pixels down, 1 to ``maximumSide``.
  ///   - channels: 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGB and alpha).
  ///   - samples: As many as width times height times channels, at most ``maximumBytes``.
  /// - Throws: ``DiffusionError`` (`badData`) if these do not fit each other.
  public init(record: PictureRecord, width: Int, height: Int, channels: Int, samples: Samples) throws {
    let (pixels, overflows) = width.multipliedReportingOverflow(by: height)
    guard (1...Self.maximumSide).contains(width), (1...Self.maximumSide).contains(height), !overflows,
      pixels <= Self.maximumBytes, (1...4).contains(channels),
      samples.count == pixels * channels, samples.count <= Self.maximumBytes
    else {
      throw DiffusionError(
        .badData,
        "\(record.name): \(samples.count) samples are no picture of \(width)x\(height) with \(channels) channels")
    }
    (self.record, self.width, self.height) = (record, width, height)
    (self.channels, self.samples) = (channels, samples)
  }

  /// A picture of the shape of samples, repeated for each of the batch, in [-1, 1]; <doc:NumericsContract> says how its
  /// areas are averaged.
  ///
  /// - Parameter shape: `[batch, channels, height, width]`, with 1 or 3 channels.
  /// - Throws: ``DiffusionError`` (`badData`) for another shape.
  public func samples(_ shape: [Int]) throws -> Tensor<Float> {
    guard shape.count == 4, [1, 3].contains(shape[1]), shape[2] > 0, shape[3] > 0 else {
      let found = shape.count > 1 ? "\(shape[1]) channels" : "samples of shape \(shape)"
      throw DiffusionError(
        .badData, "\(record.name): the model has \(found): a picture can start a model of 1 or 3 channels")
    }
    let (planes, rows, columns) = (shape[1], shape[2], shape[3])
    let means = means(columns: columns, rows: rows), found = means.count / (rows * columns)
    var image = [Float](repeating: 0, count: planes * rows * columns)
    for pixel in 0..<rows * columns {
      for plane in 0..<planes {
        let mean =
          found == planes
          ? means[pixel * found + plane]
          : found == 1
            ? means[pixel]
            : (0.299 * means[pixel * 3] + 0.587 * means[pixel * 3 + 1]) + 0.114 * means[pixel * 3 + 2]
        image[plane * rows * columns + pixel] = 2 * Float(mean) - 1
      }
    }
    return Tensor(unchecked: shape, (0..<shape[0]).flatMap { _ in image })
  }

  /// The mean of each pixel's area in [0, 1], row by row, its 1 or 3 colours together.
  private func means(columns: Int, rows: Int) -> [Double] {
    let sums: [Int64], maximum: Int
    switch samples {
    case .bits8(let samples): (sums, maximum) = (self.sums(samples, columns, rows), 255)
    case .bits16(let samples): (sums, maximum) = (self.sums(samples, columns, rows), 65535)
    }
    let total = Double(width * height * (channels % 2 == 0 ? maximum * maximum : maximum))
    return sums.map { Double($0) / total }
  }

  /// The weighted sums of each pixel's area, of 1 or 3 colours on white.
  private func sums<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: [Sample], _ columns: Int, _ rows: Int
  ) -> [Int64] {
    let colors = channels < 3 ? 1 : 3
    let across = Self.overlaps(of: width, with: columns), down = Self.overlaps(of: height, with: rows)
    var sums = [Int64](repeating: 0, count: rows * columns * colors)
    var line = [Int64](repeating: 0, count: columns * colors)
    for y in 0..<height {
      for index in line.indices { line[index] = 0 }
      for x in 0..<width {
        let start = (y * width + x) * channels
        for color in 0..<colors {
          let value = onWhite(samples, start, color)
          for (column, weight) in across[x] { line[column * colors + color] += value * weight }
        }
      }
      for (row, weight) in down[y] {
        for index in line.indices { sums[row * line.count + index] += line[index] * weight }
      }
    }
    return sums
  }

  /// A sample as it is; with alpha, times the maximum and on white.
  private func onWhite<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: [Sample], _ start: Int, _ color: Int
  ) -> Int64 {
    let value = Int64(samples[start + color])
    guard channels % 2 == 0 else { return value }
    let alpha = Int64(samples[start + channels - 1]), maximum = Int64(Sample.max)
    return value * alpha + maximum * (maximum - alpha)
  }

  /// For each source pixel of a line, the pixels that it lies in, and its length in each; the lengths in one pixel add
  /// up to `source`.
  private static func overlaps(of source: Int, with target: Int) -> [[(place: Int, weight: Int64)]] {
    (0..<source).map { pixel in
      let (start, end) = (pixel * target, (pixel + 1) * target)
      return (start / source...(end - 1) / source).map { place in
        (place, Int64(min(end, (place + 1) * source) - max(start, place * source)))
      }
    }
  }
}
