import ArgumentParser
import DiffusionCore

extension Option where Value == String? {
  /// Creates the option of a setting, with its name and its help. It accepts any text and leaves parsing to the
  /// setting, so that a wrong value gives the engine's own error.
  ///
  /// - Parameter name: The option's name in files: `variation_seed`.
  init(setting name: String) {
    self.init(
      name: .setting(name), parsing: .unconditional, help: .setting(name), completion: .setting(name))
  }
}

extension Option where Value == [String] {
  /// Creates the option of a setting that is given once for each of its entries, or of settings that share a flag.
  init(wrappedValue: [String], setting name: String) {
    self.init(
      wrappedValue: wrappedValue, name: .setting(name), parsing: .unconditionalSingleValue, help: .setting(name),
      completion: .setting(name))
  }
}

extension Flag where Value == Bool {
  /// Creates the flag of a setting.
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
  fileprivate static func setting(_ name: String) -> ArgumentHelp? { settings[name] }

  /// The help of every flag of a setting; made once, because the argument parser asks often.
  private static let settings: [String: ArgumentHelp] = {
    let flags = Set(Setting.all.flatMap(\.options).map(\.flagName))
    return Dictionary(uniqueKeysWithValues: flags.map { ($0, help(ofFlag: $0)) })
  }()

  private static func help(ofFlag name: String) -> ArgumentHelp {
    let options = Setting.options(ofFlag: name)
    let values = options.compactMap(\.valueName).joined(separator: " or ")
    return ArgumentHelp(
      "\(options.map(\.help).joined(separator: " "))", valueName: options.first?.valueName == nil ? nil : values)
  }
}

/// A group of options that set settings.
protocol SettingOptions: ParsableArguments {
  /// The texts of the options that were given, by their names in files.
  var given: [String: [String]] { get }
}

extension SettingOptions {
  /// The texts of options, without those that were not given.
  static func texts(_ options: [String: String?]) -> [String: [String]] {
    options.compactMapValues { $0.map { [$0] } }
  }

  /// The defaults, overridden by the options given.
  ///
  /// - Parameters:
  ///   - environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  ///   - more: Additional options.
  ///   - card: Finds the card of this machine whose CUDA noise is drawn where no other is named.
  ///   - drawSeed: Draws the seed if none is given.
  /// - Throws: ``DiffusionError``: `usage` that names the setting; `unavailable` for a device that is not available.
  func settings(
    environment: [String: String], and more: [String: [String]] = [:], card: () -> InstalledCard? = InstalledCard.first,
    drawSeed: () -> Seed = { 0 }
  ) throws -> RunSettings {
    let values = try SettingValues(options: given.merging(more) { $1 })
    let processors = min(Device.processorCount, RunSettings.maximumThreads)
    var request = RunRequest(
      settings: RunSettings(
        seeds: values[.seeds] == nil ? [drawSeed()] : [0],
        device: try Device.cpu(environment: environment), threads: processors))
    try values.assign(to: &request)
    values.takeInstalledCard(in: &request, card)
    return request.settings
  }
}

/// The options shared by every command that computes: the device and its threads. Neither changes a bit of the result.
struct ComputeOptions: SettingOptions {
  @Option(setting: "device") var device: String?
  @Option(setting: "threads") var threads: String?

  var given: [String: [String]] { Self.texts(["device": device, "threads": threads]) }
}

/// The options shared by every command whose work depends on the size of the images.
struct SizeOptions: SettingOptions {
  @Option(setting: "height") var height: String?
  @Option(setting: "width") var width: String?

  var given: [String: [String]] { Self.texts(["height": height, "width": width]) }
}

/// The options shared by every command that draws noise: the generator.
struct NoiseOptions: SettingOptions {
  @Option(setting: "generator_device") var generatorDevice: String?
  @Option(setting: "gpu_model") var gpuModel: String?
  @Option(setting: "multiprocessors") var multiprocessors: String?
  @Option(setting: "threads_per_multiprocessor") var threadsPerMultiprocessor: String?

  var given: [String: [String]] {
    Self.texts([
      "generator_device": generatorDevice, "gpu_model": gpuModel, "multiprocessors": multiprocessors,
      "threads_per_multiprocessor": threadsPerMultiprocessor,
    ])
  }
}
