/// What Stable Diffusion XL is told of the pictures that it was trained on: how large an image was, where it was cut,
/// how large it became, and how much it was liked. Each is nil for Diffusers' own value.
public struct SizeConditioning: Sendable, Hashable {
  /// Pixels down and across.
  public struct Pair: Sendable, Hashable {
    /// Down: a height, or the distance from the top.
    public var vertical: Int
    /// Across: a width, or the distance from the left.
    public var horizontal: Int

    /// Creates a pair.
    public init(_ vertical: Int, _ horizontal: Int) {
      (self.vertical, self.horizontal) = (vertical, horizontal)
    }

    var numbers: [Float] { [Float(vertical), Float(horizontal)] }
  }

  /// The size of the picture as it was found; that of the images if nil (`original_size`).
  public var original: Pair?
  /// The top left corner of what was cut out of it; 0, 0 if nil (`crops_coords_top_left`).
  public var crops: Pair?
  /// The size that it was brought to; that of the images if nil (`target_size`).
  public var target: Pair?
  /// The same for the prediction without the prompt (`negative_original_size`).
  public var negativeOriginal: Pair?
  /// The same for the prediction without the prompt (`negative_crops_coords_top_left`).
  public var negativeCrops: Pair?
  /// The same for the prediction without the prompt (`negative_target_size`).
  public var negativeTarget: Pair?
  /// How much it was liked, for a refiner; 6 if nil (`aesthetic_score`).
  public var aestheticScore: Double?
  /// The same for the prediction without the prompt; 2.5 if nil (`negative_aesthetic_score`).
  public var negativeAestheticScore: Double?

  /// Creates a conditioning with Diffusers' own values.
  public init() {}
}

extension SizeConditioning {
  /// The numbers that a network reads, with the prompt and without it (`_get_add_time_ids`).
  ///
  /// - Parameters:
  ///   - size: The height and width of the images.
  ///   - takesScore: Whether a score has the place of the target's size.
  ///   - fromPicture: Whether the run starts from a picture, or goes on with one: Diffusers' two pipelines have
  ///     different values without the prompt.
  func numbers(of size: Pair, takesScore: Bool, fromPicture: Bool) -> (
    with: [Float], without: [Float]
  ) {
    let none = Pair(0, 0)
    let original = original ?? size
    let target = target ?? size
    let crops = crops ?? none
    func list(_ original: Pair, _ crops: Pair, _ target: Pair, _ score: Double) -> [Float] {
      original.numbers + crops.numbers + (takesScore ? [Float(score)] : target.numbers)
    }
    let with = list(original, crops, target, aestheticScore ?? 6)
    let lowScore = negativeAestheticScore ?? 2.5
    if !fromPicture, !takesScore, negativeOriginal == nil || negativeTarget == nil {
      return (with, with)
    }
    // Diffusers' pipeline for pictures cuts both predictions alike where it reads no score.
    let negativeCrops = fromPicture && !takesScore ? crops : negativeCrops ?? none
    return (with, list(negativeOriginal ?? original, negativeCrops, negativeTarget ?? target, lowScore))
  }
}

extension Setting {
  private static func size<Value: Sendable & Equatable>(
    _ name: String, _ path: any WritableKeyPath<RunRequest, Value?> & Sendable, _ form: SettingForm<Value>,
    _ word: String, _ help: String
  ) -> Setting {
    Setting(
      name, path, .optional(form, none: "own"), label: name.replacing("_", with: "-"),
      options: [SettingOption(value: word, help)], restarts: .schedule, mayBeOmitted: true, receiptGroup: "sizes")
  }

  private static func pair(
    _ name: String, _ path: any WritableKeyPath<RunRequest, SizeConditioning.Pair?> & Sendable, _ help: String
  ) -> Setting { size(name, path, .pair, "h,w", help) }

  private static func score(
    _ name: String, _ path: any WritableKeyPath<RunRequest, Double?> & Sendable, _ help: String
  ) -> Setting { size(name, path, .decimal(0...100), "x", help) }

  /// The size of the picture as it was found.
  public static let originalSize = pair(
    "original_size", \.settings.sizes.original,
    "The height and width that Stable Diffusion XL takes a picture to have had: 1024,1024. If omitted, the images' own."
  )
  /// The top left corner of what was cut out of it.
  public static let cropsTopLeft = pair(
    "crops_coords_top_left", \.settings.sizes.crops,
    "The row and column from which it takes the picture to be cut out. If omitted, 0,0.")
  /// The size that it was brought to.
  public static let targetSize = pair(
    "target_size", \.settings.sizes.target,
    "The height and width that it aims at. If omitted, the images' own.")
  /// The size for the prediction without the prompt.
  public static let negativeOriginalSize = pair(
    "negative_original_size", \.settings.sizes.negativeOriginal,
    "--original-size for the prediction without the prompt.")
  /// The corner for the prediction without the prompt.
  public static let negativeCropsTopLeft = pair(
    "negative_crops_coords_top_left", \.settings.sizes.negativeCrops,
    "--crops-coords-top-left for the prediction without the prompt.")
  /// The target for the prediction without the prompt.
  public static let negativeTargetSize = pair(
    "negative_target_size", \.settings.sizes.negativeTarget,
    "--target-size for the prediction without the prompt.")
  /// How much the picture was liked.
  public static let aestheticScore = score(
    "aesthetic_score", \.settings.sizes.aestheticScore,
    "How much a refiner takes the picture to be liked, about 2 to 7. If omitted, 6.")
  /// The score for the prediction without the prompt.
  public static let negativeAestheticScore = score(
    "negative_aesthetic_score", \.settings.sizes.negativeAestheticScore,
    "--aesthetic-score for the prediction without the prompt. If omitted, 2.5.")

  /// A second model that goes on where the model stops.
  public static let refiner = Setting(
    "refiner", \.settings.refiner, .optional(.model, none: "none"),
    options: [
      SettingOption(
        value: "model",
        "A refiner of Stable Diffusion XL, a folder or a Hub id, that takes the last steps: see --denoising-end."
      )
    ], restarts: .model, mayBeOmitted: true,
    title: { request in
      request.settings.refiner.map { "refined by \($0.shortName)" } ?? "without a refiner"
    })

  /// Where the refiner takes over.
  public static let denoisingEnd = Setting(
    "denoising_end", \.settings.denoisingEnd,
    .optional(.decimal(0...1), none: "own").refusing { end, request in
      var settings = request.settings
      settings.denoisingEnd = end
      try settings.checkDenoisingEnd()
    }, label: "denoising-end",
    options: [
      SettingOption(
        value: "x",
        "The share of the noise's timesteps after which the refiner takes over, which Diffusers' two pipelines call "
          + "denoising_end and denoising_start. If omitted, 0.8.")
    ], restarts: .schedule, mayBeOmitted: true)

  /// The settings that only Stable Diffusion XL has a use for.
  package static let ofSizes = [
    originalSize, cropsTopLeft, targetSize, negativeOriginalSize, negativeCropsTopLeft,
    negativeTargetSize,
    aestheticScore, negativeAestheticScore, refiner, denoisingEnd,
  ]
}

extension SettingForm where Value == SizeConditioning.Pair {
  /// Two whole numbers, down and across.
  static let pair = SettingForm({ _ in
    "two whole numbers from 0 to 65536, height and width: 1024,1024"
  }) { _ in
    "h,w"
  } write: {
    .list([.integer(Int128($0.vertical)), .integer(Int128($0.horizontal))])
  } read: { value, _ in
    guard case .list(let values) = value, values.count == 2 else { return nil }
    let numbers = values.compactMap { value -> Int? in
      guard case .integer(let number) = value, (0...65536).contains(number) else { return nil }
      return Int(number)
    }
    return numbers.count == 2 ? SizeConditioning.Pair(numbers[0], numbers[1]) : nil
  }.with {
    $0.parse = { text in
      let numbers = text.split(separator: ",").map { Int128($0.filter { $0 != " " }) }
      return numbers.contains(nil)
        ? .text(text) : .list(numbers.compactMap { $0 }.map { .integer($0) })
    }
    $0.print = { value in
      guard case .list(let values) = value else { return value.text }
      return values.map(\.text).joined(separator: ",")
    }
  }
}

extension RunSettings {
  /// Refuses to leave steps to a refiner where there is none, or all or none of them.
  ///
  /// - Throws: ``DiffusionError`` (`usage`).
  func checkDenoisingEnd() throws {
    guard let denoisingEnd else { return }
    guard refiner != nil else {
      throw DiffusionError(
        .usage, "denoising_end: there is no refiner to take the rest of the steps: give one with --refiner MODEL")
    }
    guard denoisingEnd > 0, denoisingEnd < 1 else {
      throw DiffusionError(
        .usage,
        "denoising_end is \(SettingValue(number: denoisingEnd).text): expected more than 0 and less than 1")
    }
  }

  /// Refuses the settings of Stable Diffusion XL for another model.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the setting.
  func refuseSizes() throws {
    let request = RunRequest(settings: self)
    guard let found = Setting.ofSizes.first(where: { !$0.isUsual(in: request) }) else { return }
    throw DiffusionError(
      .usage, "\(found.name): the model reads no such thing: it is for Stable Diffusion XL")
  }
}
