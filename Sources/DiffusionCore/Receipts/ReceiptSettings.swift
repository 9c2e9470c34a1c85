/// The settings of a run that determine its result, as JSON with the names of `generate --json`.
///
/// The device and the threads do not affect the result and are left out; ``runSettings`` then has the default.
public struct ReceiptSettings: Sendable, Equatable {
  /// The settings, with one thread on the default device.
  public let runSettings: RunSettings

  /// The threads of a multiprocessor where a receipt does not say them.
  private static let formerThreads = 2048
  /// Every setting that is encoded.
  private static let settings = Setting.ofRunSettings.filter(\.decidesResult)

  /// Creates the record of a run's settings, without the device and the threads.
  public init(_ settings: RunSettings) {
    var settings = settings
    (settings.device, settings.threads, settings.installedCard) = (.cpu, 1, nil)
    // The bits of a demonstration depend on its device and its threads.
    for index in settings.branches.indices where !settings.branches[index].isDemonstration {
      for setting in RunBranch.settings where !setting.decidesResult {
        settings.branches[index].changes[setting.name] = nil
      }
    }
    // Only what the table of cards does not say anyway.
    if settings.cardNumbers.threadsPerMultiprocessor == settings.usualThreadsPerMultiprocessor, settings.gpuModel == nil
    {
      settings.threadsPerMultiprocessor = nil
    }
    runSettings = settings
  }

  /// The settings for a device and a number of threads.
  public func runSettings(device: Device, threads: Int) -> RunSettings {
    var settings = runSettings
    (settings.device, settings.threads) = (device, threads)
    return settings
  }
}

extension ReceiptSettings: Codable {
  /// Decodes every setting. One that was added after the first receipts takes its default if it is missing.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names a setting which is missing, or has a value that no run can
  ///   have.
  public init(from decoder: any Decoder) throws {
    let object = try decoder.singleValueContainer().decode([String: SettingValue].self)
    var values = SettingValues()
    var request = RunRequest.usual
    do {
      for setting in Self.settings {
        let table = try setting.receiptGroup.map { try Self.table($0, of: object) } ?? object
        if let value = table[setting.name] { _ = try values.add(value, under: setting.name, among: [setting]) }
      }
      try values.assign(to: &request, among: Self.settings, limits: .unlimited, absence: .usual)
      // As the first receipts mean it, which do not say it.
      if values[.threadsPerMultiprocessor] == nil { request.settings.threadsPerMultiprocessor = Self.formerThreads }
    } catch let error as DiffusionError {
      throw DiffusionError(.badData, "settings: \(error.message)")
    }
    self.init(request.settings)
  }

  /// Encodes every setting, except those added after the first receipts that have their default.
  public func encode(to encoder: any Encoder) throws {
    var request = RunRequest(settings: runSettings)
    let threads = runSettings.cardNumbers.threadsPerMultiprocessor
    request.settings.threadsPerMultiprocessor = threads == Self.formerThreads ? nil : threads
    var object = SettingValues(of: request, Self.settings.filter { $0.receiptGroup == nil }).values
    for (group, settings) in Dictionary(grouping: Self.settings, by: \.receiptGroup) {
      guard let group, !SettingValues(of: request, settings).isEmpty else { continue }
      let values = settings.map { ($0.name, $0.value(of: request)) }.filter { $0.1 != .null }
      object[group] = .table(Dictionary(values, uniquingKeysWith: { $1 }))
    }
    try SettingValue.table(object).encode(to: encoder)
  }

  /// A table of settings in a receipt; empty if it is missing.
  private static func table(_ name: String, of object: [String: SettingValue]) throws -> [String: SettingValue] {
    switch object[name] {
    case nil: return [:]
    case .table(let values): return values
    case let value?: throw DiffusionError(value.fault(name, expected: "an object"))
    }
  }
}
