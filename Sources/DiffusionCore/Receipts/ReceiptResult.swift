/// The result of a run, from its noise to its images.
public struct ReceiptResult: Sendable, Equatable {
  /// The images of a run.
  public struct Images: Sendable, Equatable {
    /// `[batch, height, width, channels]`.
    public let shape: [Int]
    /// SHA-256 of the float32 elements, little endian, as in `generate --json` and `.npy` files.
    public let sha256: String
    /// The sum of |image| in binary64.
    public let absoluteSum: Double
    /// The SHA-256 of the 8-bit pixels of each image, row by row, as its PNG file has them; nil where the receipt does
    /// not say.
    public let pixels: [String]?

    /// Measures images.
    ///
    /// - Parameters:
    ///   - images: `[batch, height, width, channels]` in [0, 1].
    ///   - pixels: The digests of the pixels in their files; nil without files.
    public init(_ images: Tensor<Float>, pixels: [String]? = nil) {
      let record = ReceiptTensor(images)
      (shape, sha256, absoluteSum) = (images.shape, record.sha256, record.absoluteSum)
      self.pixels = pixels
    }
  }

  /// The initial noise.
  public let initialNoise: ReceiptTensor
  /// The picture with noise added, which the first step started from; nil for a run from noise alone.
  public let initialSample: ReceiptTensor?
  /// The training timesteps, in the order they were taken.
  public let timesteps: [Float]
  /// Every step.
  public let steps: [ReceiptStep]
  /// The images.
  public let images: Images
  /// The SHA-256 of the file with the statistics of the steps; nil where the receipt does not say.
  public let statistics: String?

  /// Creates a result from its measured parts.
  public init(
    initialNoise: ReceiptTensor, initialSample: ReceiptTensor? = nil, steps: [ReceiptStep], images: Images,
    statistics: String? = nil
  ) {
    (self.initialNoise, self.initialSample) = (initialNoise, initialSample)
    (self.steps, self.images, self.statistics) = (steps, images, statistics)
    timesteps = steps.map(\.timestep)
  }
}

extension ReceiptResult: Codable {
  private enum CodingKeys: String, CodingKey {
    case timesteps, steps, images
    case initialNoise = "initial_noise"
    case initialSample = "initial_sample"
    case statistics = "statistics_sha256"
  }

  /// Decodes a result; a timestep that JSON cannot represent is the string "nan" or "inf".
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    initialNoise = try container.decode(ReceiptTensor.self, forKey: .initialNoise)
    initialSample = try container.decodeIfPresent(ReceiptTensor.self, forKey: .initialSample)
    timesteps = try container.decode([JSONNumber<Float>].self, forKey: .timesteps).map(\.value)
    steps = try container.decode([ReceiptStep].self, forKey: .steps)
    images = try container.decode(Images.self, forKey: .images)
    statistics = try container.decodeIfPresent(String.self, forKey: .statistics)
  }

  /// Encodes the result; a timestep that JSON cannot represent is the string "nan" or "inf".
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(initialNoise, forKey: .initialNoise)
    try container.encodeIfPresent(initialSample, forKey: .initialSample)
    try container.encode(timesteps.map(JSONNumber.init), forKey: .timesteps)
    try container.encode(steps, forKey: .steps)
    try container.encode(images, forKey: .images)
    try container.encodeIfPresent(statistics, forKey: .statistics)
  }
}

extension ReceiptResult.Images: Codable {
  private enum CodingKeys: String, CodingKey {
    case shape, sha256
    case absoluteSum = "abs_sum"
    case pixels = "pixels_sha256"
  }

  /// Decodes the images; a sum that JSON cannot represent is the string "nan" or "inf".
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    shape = try container.decode([Int].self, forKey: .shape)
    // Paths and lists are made for as many images.
    guard shape.allSatisfy({ $0 >= 0 }) else {
      throw DiffusionError(.badData, "the shape of the images is \(shape): expected no negative extent")
    }
    sha256 = try container.decode(String.self, forKey: .sha256)
    absoluteSum = try container.decode(JSONNumber<Double>.self, forKey: .absoluteSum).value
    pixels = try container.decodeIfPresent([String].self, forKey: .pixels)
  }

  /// Encodes the images; a sum that JSON cannot represent is the string "nan" or "inf".
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    try container.encode(sha256, forKey: .sha256)
    try container.encode(JSONNumber(absoluteSum), forKey: .absoluteSum)
    try container.encodeIfPresent(pixels, forKey: .pixels)
  }
}
