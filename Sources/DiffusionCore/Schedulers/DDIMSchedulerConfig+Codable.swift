import FoundationEssentials

extension DDIMSchedulerConfig: Codable {
  /// Diffusers' names, as `scheduler_config.json` has them.
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case numTrainTimesteps = "num_train_timesteps"
    case betaStart = "beta_start"
    case betaEnd = "beta_end"
    case betaSchedule = "beta_schedule"
    case trainedBetas = "trained_betas"
    case clipSample = "clip_sample"
    case setAlphaToOne = "set_alpha_to_one"
    case stepsOffset = "steps_offset"
    case predictionType = "prediction_type"
    case thresholding
    case dynamicThresholdingRatio = "dynamic_thresholding_ratio"
    case clipSampleRange = "clip_sample_range"
    case sampleMaxValue = "sample_max_value"
    case timestepSpacing = "timestep_spacing"
    case rescaleBetasZeroSnr = "rescale_betas_zero_snr"
  }

  /// Reads the configuration of any scheduler as `DDIMScheduler.from_config` does: options that DDIM shares are taken, those that
  /// are missing keep their default, and all others (`_class_name`, the `variance_type` of a DDPMScheduler) are ignored.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what it holds and what it may hold.
  public init(from decoder: any Decoder) throws {
    let options = try Options(decoder)
    self.init()
    try options.read(.numTrainTimesteps, "a whole number", into: &numTrainTimesteps)
    try options.read(.betaStart, "a number", into: &betaStart)
    try options.read(.betaEnd, "a number", into: &betaEnd)
    try options.readName(.betaSchedule, into: &betaSchedule)
    try options.read(.clipSample, "true or false", into: &clipSample)
    try options.read(.setAlphaToOne, "true or false", into: &setAlphaToOne)
    try options.read(.stepsOffset, "a whole number", into: &stepsOffset)
    try options.readName(.predictionType, into: &predictionType)
    try options.read(.thresholding, "true or false", into: &thresholding)
    try options.read(.dynamicThresholdingRatio, "a number", into: &dynamicThresholdingRatio)
    try options.read(.clipSampleRange, "a number", into: &clipSampleRange)
    try options.read(.sampleMaxValue, "a number", into: &sampleMaxValue)
    try options.readName(.timestepSpacing, into: &timestepSpacing)
    try options.read(.rescaleBetasZeroSnr, "true or false", into: &rescaleBetasZeroSnr)
    guard !options.isNull(.trainedBetas) else { return }
    var betas: [Double] = []
    try options.read(.trainedBetas, "null or a list of numbers", into: &betas)
    trainedBetas = options.holds(.trainedBetas) ? betas : nil
  }

  /// Writes every option under Diffusers' name, `trained_betas` as null where there are none.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(numTrainTimesteps, forKey: .numTrainTimesteps)
    try container.encode(betaStart, forKey: .betaStart)
    try container.encode(betaEnd, forKey: .betaEnd)
    try container.encode(betaSchedule, forKey: .betaSchedule)
    try container.encode(trainedBetas, forKey: .trainedBetas)
    try container.encode(clipSample, forKey: .clipSample)
    try container.encode(setAlphaToOne, forKey: .setAlphaToOne)
    try container.encode(stepsOffset, forKey: .stepsOffset)
    try container.encode(predictionType, forKey: .predictionType)
    try container.encode(thresholding, forKey: .thresholding)
    try container.encode(dynamicThresholdingRatio, forKey: .dynamicThresholdingRatio)
    try container.encode(clipSampleRange, forKey: .clipSampleRange)
    try container.encode(sampleMaxValue, forKey: .sampleMaxValue)
    try container.encode(timestepSpacing, forKey: .timestepSpacing)
    try container.encode(rescaleBetasZeroSnr, forKey: .rescaleBetasZeroSnr)
  }

  /// Reads the bytes of a `scheduler_config.json`.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: What errors call the file.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file, and the key where one is wrong.
  public init(json: some Sequence<UInt8>, file: String = "scheduler_config.json") throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json))
    } catch let error as DiffusionError {
      throw DiffusionError(error.kind, "\(file): \(error.message)")
    } catch {
      throw DiffusionError(
        .badData, "\(file) is not a JSON object of scheduler options: save it again with scheduler.save_pretrained")
    }
  }

  /// The options of a file, read one by one so that an error can name the one that is wrong.
  private struct Options {
    private let container: KeyedDecodingContainer<CodingKeys>

    init(_ decoder: any Decoder) throws { container = try decoder.container(keyedBy: CodingKeys.self) }

    func holds(_ key: CodingKeys) -> Bool { container.contains(key) }

    func isNull(_ key: CodingKeys) -> Bool { holds(key) && (try? container.decodeNil(forKey: key)) == true }

    func read<Value: Decodable>(_ key: CodingKeys, _ expected: String, into value: inout Value) throws {
      guard holds(key) else { return }
      guard let found = try? container.decode(Value.self, forKey: key) else {
        throw DiffusionError(.badData, "\(key.rawValue) is \(text(key)): expected \(expected)")
      }
      value = found
    }

    func readName<Value: CaseIterable & RawRepresentable<String> & Decodable>(
      _ key: CodingKeys, into value: inout Value
    ) throws {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      try read(key, "one of \(known)", into: &value)
    }

    private func text(_ key: CodingKeys) -> String {
      if isNull(key) { return "null" }
      if let value = try? container.decode(String.self, forKey: key) { return "'\(value)'" }
      if let value = try? container.decode(Bool.self, forKey: key) { return "\(value)" }
      if let value = try? container.decode(Double.self, forKey: key) { return "\(value)" }
      return "a list or an object"
    }
  }
}
