/// The settings of a run that decide its result, in JSON under the names that `generate --json` has.
///
/// Who computes (device, threads) decides nothing and is not among them; ``runSettings`` then has the default.
public struct ReceiptSettings: Codable, Sendable, Equatable {
  /// The settings, with one thread on the default device.
  public let runSettings: RunSettings

  /// Every setting that is written. A new one is one line here; with `omitting:`, receipts written before it still read, with
  /// the value that a run had then.
  private static let fields: [ReceiptSettingsField] = [
    ReceiptSettingsField("seeds", \.seeds),
    ReceiptSettingsField("batch_size", \.batchSize),
    ReceiptSettingsField("steps", \.steps),
    ReceiptSettingsField("eta", \.eta),
    ReceiptSettingsField("generator_device", \.noiseDevice),
    ReceiptSettingsField("multiprocessors", \.multiprocessors),
    ReceiptSettingsField("use_clipped_model_output", \.useClippedModelOutput),
    ReceiptSettingsField("variation", \.variation, omitting: nil),
    ReceiptSettingsField("weights", \.weights, omitting: .float32),
    ReceiptSettingsField("selection", \.selection, omitting: NoiseSelection()),
    ReceiptSettingsField("scheduler", \.scheduler, omitting: nil),
    ReceiptSettingsField("scheduler_options", \.schedulerOptions, omitting: [:]),
  ]

  /// The settings of a run, less who computes.
  public init(_ settings: RunSettings) {
    var settings = settings
    (settings.device, settings.threads) = (.cpu, 1)
    runSettings = settings
  }

  /// The settings for somebody who computes.
  public func runSettings(device: Device, threads: Int) -> RunSettings {
    var settings = runSettings
    (settings.device, settings.threads) = (device, threads)
    return settings
  }

  /// Reads every field.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: ReceiptSettingsField.Key.self)
    var settings = RunSettings(threads: 1)
    for field in Self.fields { try field.decode(container, &settings) }
    self.init(settings)
  }

  /// Writes every field.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ReceiptSettingsField.Key.self)
    for field in Self.fields { try field.encode(runSettings, &container) }
  }
}
