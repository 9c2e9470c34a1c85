/// The settings of the card whose CUDA noise is drawn: by its name, or by its numbers.
extension Setting {
  /// The card by its name. It sets both numbers; another number than the card's makes it none.
  public static let gpuModel = Setting(
    "gpu_model", \.settings.cardModel, .optional(.gpuModel, none: "none"), label: "card",
    options: [
      SettingOption(
        value: "name",
        "The emulated CUDA card, for its multiprocessors and their threads: a100, h100, v100, t4, l4, l40s, a4000, "
          + "rtx3060, rtx4090, ... If omitted, the one that --multiprocessors describes, or that of this machine.")
    ], restarts: .noise, mayBeOmitted: true, title: { $0.settings.gpuModel?.title ?? "no card by name" })

  /// The multiprocessors of the card whose CUDA noise is drawn.
  public static let multiprocessors = Setting(
    "multiprocessors", \.settings.cardMultiprocessors, .whole { 1...max(1, $0.limits.multiprocessors) },
    options: [
      SettingOption(
        value: "n", "The multiprocessors of the emulated CUDA card; they matter above 40,960 elements.")
    ], statesDefault: true, restarts: .noise, title: { "\($0.settings.multiprocessors) multiprocessors" })

  /// The threads that each multiprocessor holds.
  public static let threadsPerMultiprocessor = Setting(
    "threads_per_multiprocessor", \.settings.cardThreads,
    .optional(.whole { _ in LaunchGrid.threadRange }, none: "own"),
    label: "card-threads",
    options: [
      SettingOption(
        value: "n",
        "The threads that each of them holds: 2048, 1536 or 1024. If omitted, those of the cards with that many "
          + "multiprocessors where all of them agree, else 2048.")
    ], restarts: .noise, mayBeOmitted: true,
    title: { "\($0.settings.cardNumbers.threadsPerMultiprocessor) threads a multiprocessor" })
}

extension SettingForm where Value == GPUModel {
  /// A card by its name.
  static let gpuModel = SettingForm.name(of: GPUModel.names, write: \.name) { name, _ in GPUModel.named(name) }
}

extension RunSettings {
  /// The card whose CUDA noise is drawn.
  public var card: Generator.Device {
    let numbers = cardNumbers
    return .cuda(
      multiprocessors: numbers.multiprocessors, threadsPerMultiprocessor: numbers.threadsPerMultiprocessor)
  }

  /// The generator's device.
  public var noiseDevice: Generator.Device { generatorDevice == .cuda ? card : .cpu }

  /// The numbers of the card.
  package var cardNumbers: (multiprocessors: Int, threadsPerMultiprocessor: Int) {
    (multiprocessors, threadsPerMultiprocessor ?? usualThreadsPerMultiprocessor)
  }

  /// The threads of a multiprocessor where nobody says them.
  var usualThreadsPerMultiprocessor: Int { GPUModel.threads(ofMultiprocessors: multiprocessors).perMultiprocessor }

  /// The card in words: `48 multiprocessors of 1536 threads`, with its name, or with what is assumed.
  public var cardText: String {
    let (count, threads) = cardNumbers, numbers = "\(count) multiprocessors of \(threads) threads"
    if let gpuModel { return "\(gpuModel.title), \(numbers)" }
    if let installedCard, installedCard.multiprocessors == count, installedCard.threadsPerMultiprocessor == threads {
      return "\(installedCard.name) of this machine, \(numbers)"
    }
    let isAssumed = threadsPerMultiprocessor == nil && !GPUModel.threads(ofMultiprocessors: count).isKnown
    return isAssumed ? "\(numbers) (assumed)" : numbers
  }

  /// The card; its numbers follow.
  fileprivate var cardModel: GPUModel? {
    get { gpuModel }
    set { gpuModel = newValue }
  }

  /// The multiprocessors; another number than that of the card by name replaces the card.
  fileprivate var cardMultiprocessors: Int {
    get { multiprocessors }
    set {
      if let gpuModel, gpuModel.multiprocessors != newValue { (self.gpuModel, threadsPerMultiprocessor) = (nil, nil) }
      multiprocessors = newValue
    }
  }

  /// The threads of each; another number than that of the card by name replaces the card.
  fileprivate var cardThreads: Int? {
    get { threadsPerMultiprocessor }
    set {
      guard let newValue else {
        if gpuModel == nil { threadsPerMultiprocessor = nil }
        return
      }
      if gpuModel?.threadsPerMultiprocessor != newValue { gpuModel = nil }
      threadsPerMultiprocessor = newValue
    }
  }
}

extension SettingValues {
  /// Refuses a card's name beside numbers of another card.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names both.
  func checkCard() throws {
    guard case .text(let name)? = self[.gpuModel], let model = GPUModel.named(name) else { return }
    let numbers = [
      (Setting.multiprocessors, model.multiprocessors), (.threadsPerMultiprocessor, model.threadsPerMultiprocessor),
    ]
    for (setting, own) in numbers {
      guard case .integer(let number)? = self[setting], number != Int128(own) else { continue }
      let what = setting.name.replacing("_", with: " ")
      throw DiffusionError(
        .usage, "gpu_model \(model.name) has \(own) \(what): \(setting.name) is \(number); give one of the two")
    }
  }
}
