/// What a run starts from.
public enum RunStart: Sendable {
  /// Noise alone.
  case noise
  /// A picture with noise added, from a later step of the schedule on (Diffusers' image-to-image).
  case picture(SourcePicture)
  /// Noise alone, with a picture that tells the model what to make (Diffusers' image variations).
  case shown(SourcePicture)

  /// The picture, whatever it is for; nil for noise alone.
  public var picture: SourcePicture? {
    switch self {
    case .noise: nil
    case .picture(let picture), .shown(let picture): picture
    }
  }

  /// The picture that noise is added to; nil for none.
  var source: SourcePicture? { if case .picture(let picture) = self { picture } else { nil } }

  /// The same picture as one that only tells the model what to make.
  var shown: RunStart { picture.map { .shown($0) } ?? .noise }

  /// Checks that the picture is there which the settings name, before anything is drawn.
  ///
  /// - Throws: ``DiffusionError`` (`usage`).
  func check(_ settings: RunSettings) throws {
    switch (settings.initImage, picture) {
    case (let named?, nil):
      throw DiffusionError(.usage, "init_image is \(named.name): this run was given no picture")
    case (nil, let picture?):
      throw DiffusionError(.usage, "init_image is missing: this run was given \(picture.record.name)")
    default: return
    }
  }

  /// The steps of the scheduler that the run takes: the last ones with a picture
  /// (`StableDiffusionImg2ImgPipeline.get_timesteps`), or the first ones to its noise
  /// (`StableDiffusionDiffEditPipeline.get_inverse_timesteps`).
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the strength leaves no step.
  func steps(of scheduler: any Scheduler, _ settings: RunSettings) throws -> Range<Int> {
    let count = scheduler.timesteps.count
    guard source != nil else { return try settings.refinement.kept(0..<count, of: scheduler) }
    let taken = min(Int(Double(settings.steps) * settings.strength), settings.steps)
    let first = (settings.steps - taken) * scheduler.order
    guard taken > 0, first < count else {
      let least = SettingValue(number: (1000 / Double(settings.steps)).rounded(.up) / 1000).text
      throw DiffusionError(
        .usage,
        "strength \(SettingValue(number: settings.strength).text) takes none of \(settings.steps) steps: "
          + "expected at least \(least), or more steps")
    }
    if scheduler is any InverseScheduler { return 0..<count - first }
    return try settings.refinement.kept(first..<count, of: scheduler)
  }

  /// Whether noise is drawn for the first sample: not where the scheduler takes a picture to its noise
  /// (`StableDiffusionDiffEditPipeline.invert`).
  func drawsNoise(of scheduler: any Scheduler) -> Bool { source == nil || !(scheduler is any InverseScheduler) }

  /// x_t of the first step: a picture without noise where the run goes to its noise.
  ///
  /// - Parameters:
  ///   - noise: `[batch, channels, height, width]`.
  ///   - picture: The picture's samples, of the same shape; nil for noise alone.
  ///   - first: The first step.
  ///   - scheduler: The scheduler with its timesteps.
  ///   - scalesNoise: Whether noise alone is multiplied by the scheduler's `initNoiseSigma`.
  /// - Throws: What the scheduler throws.
  static func sample(
    _ noise: Tensor<Float>, picture: Tensor<Float>?, at first: Int, of scheduler: any Scheduler,
    scalesNoise: Bool = true
  ) throws -> Tensor<Float> {
    if let picture, scheduler is any InverseScheduler { return picture }
    if let picture { return try scheduler.addNoise(picture, noise: noise, at: first) }
    let sigma = scalesNoise ? scheduler.initNoiseSigma : 1
    return sigma == 1 ? noise : noise.map { $0 * sigma }
  }
}

/// The picture that a run starts from, by name, not yet read.
public struct PictureReference: Sendable, Hashable {
  /// The path of a PNG file as given, or ``demoName``.
  public let name: String

  /// The name of the picture that is part of the program. A file of that name needs a path with a slash: `./demo`.
  public static let demoName = "demo"
  /// The picture that is part of the program.
  public static let demo = PictureReference(demoName)

  /// Creates a reference to a file, or to the built-in picture for ``demoName``.
  public init(_ name: String) { self.name = name }

  /// The path of the file; nil for the built-in picture.
  public var path: String? { name == Self.demoName ? nil : name }

  /// The last component of its name.
  public var shortName: String { name.split(separator: "/").last.map(String.init) ?? name }
}

/// A picture in receipts and reports: its name, and what it was when it was read.
public struct PictureRecord: Sendable, Equatable, Codable {
  /// The path as given, or ``PictureReference/demoName``.
  public let name: String
  /// The SHA-256 of the file's bytes.
  public let sha256: String

  /// Creates a record.
  public init(name: String, sha256: String) { (self.name, self.sha256) = (name, sha256) }
}
