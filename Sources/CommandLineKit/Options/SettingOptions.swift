import ArgumentParser
import DiffusionCore

extension Option where Value == String? {
  /// The option of a setting, with its name and its help. It takes any text: the setting reads it, so that a wrong
  /// value is the engine's own error.
  ///
  /// - Parameter name: The option's name in files: `variation_seed`.
  init(setting name: String) {
    self.init(name: .setting(name), parsing: .unconditional, help: .setting(name))
  }
}

extension Option where Value == [String] {
  /// The option of a setting that is given once for each of its entries.
  init(wrappedValue: [String], setting name: String) {
    self.init(
      wrappedValue: wrappedValue, name: .setting(name), parsing: .unconditionalSingleValue, help: .setting(name))
  }
}

extension Flag where Value == Bool {
  /// The flag of a setting.
  init(wrappedValue: Bool, setting name: String) {
    self.init(wrappedValue: wrappedValue, name: .setting(name), help: .setting(name))
  }
}

extension NameSpecification {
  fileprivate static func setting(_ name: String) -> NameSpecification {
    .customLong(name.replacing("_", with: "-"))
  }
}

extension ArgumentHelp {
  fileprivate static func setting(_ name: String) -> ArgumentHelp? {
    Setting.option(named: name).map { ArgumentHelp("\($0.help)", valueName: $0.valueName) }
  }
}

/// Options that give settings.
protocol SettingOptions: ParsableArguments {
  /// The texts of those that were given, by their names in files.
  var given: [String: [String]] { get }
}

extension SettingOptions {
  /// The texts of options, without those that were not given.
  static func texts(_ options: [String: String?]) -> [String: [String]] {
    options.compactMapValues { $0.map { [$0] } }
  }

  /// What holds where nothing is said, and over it what was given.
  ///
  /// - Parameters:
  ///   - environment: Where `DIFFUSION_ISA` may say what `cpu` means.
  ///   - more: Options that are given besides.
  ///   - drawSeed: Gives the seed where none is named.
  /// - Throws: ``DiffusionError``: `usage` that names the setting; `unavailable` for a device that is not here.
  func settings(
    environment: [String: String], and more: [String: [String]] = [:], drawSeed: () -> Seed = { 0 }
  ) throws -> RunSettings {
    let values = try SettingValues(options: given.merging(more) { $1 })
    let processors = min(Device.processorCount, RunSettings.maximumThreads)
    var request = RunRequest(
      settings: RunSettings(
        seeds: values[.seeds] == nil ? [drawSeed()] : [0],
        device: try Device.cpu(environment: environment), threads: processors))
    try values.assign(to: &request)
    return request.settings
  }
}

/// What computes: the options that every command that computes shares. Neither changes a bit.
struct ComputeOptions: SettingOptions {
  @Option(setting: "device") var device: String?
  @Option(setting: "threads") var threads: String?

  var given: [String: [String]] { Self.texts(["device": device, "threads": threads]) }
}

/// The generator whose noise is drawn: the options that every command that draws noise shares.
struct NoiseOptions: SettingOptions {
  @Option(setting: "generator_device") var generatorDevice: String?
  @Option(setting: "multiprocessors") var multiprocessors: String?

  var given: [String: [String]] {
    Self.texts(["generator_device": generatorDevice, "multiprocessors": multiprocessors])
  }
}
