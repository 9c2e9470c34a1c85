/// What makes a CLIP encoder's input of a picture (`CLIPImageProcessor` of transformers, with Pillow), in transformers'
/// names (`feature_extractor/preprocessor_config.json`).
///
/// A picture is first put on white where it has an alpha channel, as RGB of 8 bits, then resized, cropped, and
/// normalised; <doc:NumericsContract> has each operation. Defaults are those of transformers 5.24.
public struct CLIPImageProcessor: Sendable, Equatable {
  /// The size that pictures are resized to.
  public enum Size: Sendable, Equatable {
    /// The shorter side has so many pixels, and the longer one as many as keep the proportions, rounded down.
    case shortestEdge(Int)
    /// Exactly this size.
    case exact(height: Int, width: Int)
  }

  /// The size that pictures are resized to; nil to leave them as they are (`do_resize`).
  public var size: Size? = .shortestEdge(224)
  /// The size that is cut out of the middle, zeros where there is no picture; nil for all of it (`do_center_crop`).
  public var cropSize: (height: Int, width: Int)? = (224, 224)
  /// What the values, 0 to 255, are multiplied by; nil to leave them as they are (`do_rescale`).
  public var rescaleFactor: Double? = 0.00392156862745098
  /// What is subtracted from red, green and blue, and what they are divided by then; nil for neither (`do_normalize`).
  public var normalization: (mean: [Double], std: [Double])? = (
    [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
  )

  /// Creates a processor with transformers' defaults.
  public init() {}

  /// Whether they make the same of every picture.
  public static func == (left: CLIPImageProcessor, right: CLIPImageProcessor) -> Bool {
    left.size == right.size && left.cropSize?.height == right.cropSize?.height
      && left.cropSize?.width == right.cropSize?.width && left.rescaleFactor == right.rescaleFactor
      && left.normalization?.mean == right.normalization?.mean && left.normalization?.std == right.normalization?.std
  }
}

extension CLIPImageProcessor {
  private static let largest = 4096

  /// Decodes the bytes of a `preprocessor_config.json`.
  ///
  /// A missing key takes transformers' default. Keys that it does not read are ignored.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value has the wrong type, is out of range, or asks for something that is not supported.
  public init(json: some Sequence<UInt8>, file: String = "preprocessor_config.json") throws {
    let reader = try ConfigurationReader(json: json, file: file)
    self.init()
    guard try reader.int("resample", default: 3) == 3 else {
      throw reader.unsupported("resample", expected: "3, bicubic")
    }
    if let value = reader.value("size") { size = try Self.size(reader, "size", value) }
    if let value = reader.value("crop_size") {
      switch try Self.size(reader, "crop_size", value) {
      case .shortestEdge(let side): cropSize = (side, side)
      case .exact(let height, let width): cropSize = (height, width)
      }
    }
    rescaleFactor = try reader.double("rescale_factor", default: 0.00392156862745098)
    normalization = (
      try Self.colors(reader, "image_mean", default: normalization?.mean ?? []),
      try Self.colors(reader, "image_std", default: normalization?.std ?? [])
    )
    if let std = normalization?.std, std.contains(0) {
      throw reader.error("image_std", "\(std)", expected: "numbers other than 0")
    }
    if try !reader.bool("do_resize", default: true) { size = nil }
    if try !reader.bool("do_center_crop", default: true) { cropSize = nil }
    if try !reader.bool("do_rescale", default: true) { rescaleFactor = nil }
    if try !reader.bool("do_normalize", default: true) { normalization = nil }
  }

  /// A number for the shorter side, or an object with that, or with a height and a width.
  private static func size(_ reader: ConfigurationReader, _ key: String, _ value: SettingValue) throws -> Size {
    func side(_ value: SettingValue?) throws -> Int? {
      guard let value else { return nil }
      let side = try reader.int(key, value, expected: "whole numbers")
      guard (1...largest).contains(side) else { throw reader.error(key, side, expected: "1 to \(largest)") }
      return side
    }
    guard case .table(let sides) = value else { return .shortestEdge(try side(value) ?? 1) }
    if let shortest = try side(sides["shortest_edge"]), sides["longest_edge"] == nil { return .shortestEdge(shortest) }
    if let height = try side(sides["height"]), let width = try side(sides["width"]) {
      return .exact(height: height, width: width)
    }
    throw reader.error(key, value, expected: "a whole number, a shortest_edge, or a height and a width")
  }

  private static func colors(
    _ reader: ConfigurationReader, _ key: String, default fallback: [Double]
  ) throws -> [Double] {
    guard let value = reader.value(key), value != .null else { return fallback }
    let colors = try reader.doubles(key, value)
    guard colors.count == 3, colors.allSatisfy(\.isFinite) else {
      throw reader.error(key, value, expected: "three numbers")
    }
    return colors
  }
}

extension CLIPImageProcessor {
  /// What an encoder reads of a picture: `[1, 3, height, width]`, of the crop's size.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) for a picture so long that it cannot be resized.
  public func callAsFunction(_ picture: SourcePicture) throws -> Tensor<Float> {
    var (height, width) = (picture.height, picture.width), pixels = picture.onWhite()
    if let size {
      let target = resizedSize(height: height, width: width, size)
      guard max(target.height, target.width) <= SourcePicture.maximumSide,
        target.height * target.width * 3 <= SourcePicture.maximumBytes
      else {
        throw DiffusionError(
          .badData,
          "\(picture.record.name): a picture of \(width)x\(height) would be \(target.width)x\(target.height) for the "
            + "image encoder: it is too long; cut it first")
      }
      pixels = PillowResizing.resized(pixels, width: width, to: target)
      (height, width) = target
    }
    let crop = cropSize ?? (height, width)
    // Rounded down, also below zero, as Python divides.
    let (top, left) = ((height - crop.height) >> 1, (width - crop.width) >> 1)
    var values: [Float] = []
    values.reserveCapacity(3 * crop.height * crop.width)
    for color in 0..<3 {
      let mean = Float(normalization?.mean[color] ?? 0), std = Float(normalization?.std[color] ?? 1)
      for row in top..<top + crop.height {
        for column in left..<left + crop.width {
          let isInside = (0..<height).contains(row) && (0..<width).contains(column)
          let value = isInside ? Double(pixels[(row * width + column) * 3 + color]) : 0
          values.append((Float(value * (rescaleFactor ?? 1)) - mean) / std)
        }
      }
    }
    return Tensor(unchecked: [1, 3, crop.height, crop.width], values)
  }

  private func resizedSize(height: Int, width: Int, _ size: Size) -> (height: Int, width: Int) {
    switch size {
    case .exact(let height, let width): return (height, width)
    case .shortestEdge(let side):
      let long = Int(Double(side * max(height, width)) / Double(min(height, width)))
      return height < width ? (side, long) : (long, side)
    }
  }
}

extension SourcePicture {
  /// The picture as RGB of 8 bits, `[height][width][3]`: the high bytes of one of 16 bits, grey in all three colours,
  /// and alpha on white, rounded as Pillow's `alpha_composite`.
  func onWhite() -> [UInt8] {
    let bytes: [UInt8]
    switch samples {
    case .bits8(let samples): bytes = samples
    case .bits16(let samples): bytes = samples.map { UInt8($0 >> 8) }
    }
    let colors = channels < 3 ? 1 : 3
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for pixel in 0..<width * height {
      let alpha = channels.isMultiple(of: 2) ? Int(bytes[(pixel + 1) * channels - 1]) : 255
      for color in 0..<3 {
        let value = bytes[pixel * channels + min(color, colors - 1)]
        let sum = (Int(value) * alpha + 255 * (255 - alpha)) * 128 + 128 * 128
        pixels.append(alpha == 255 ? value : UInt8((((sum >> 8) + sum) >> 8) >> 7))
      }
    }
    return pixels
  }
}
