import ArgumentParser
import DiffusionCore

/// Whose random numbers are drawn: the options that every command that draws noise shares.
public struct NoiseOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Whose random numbers the noise is: cpu or cuda. (default: cpu)", valueName: "d"))
  var generatorDevice: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Multiprocessors of the card whose CUDA noise is drawn; matters above 40,960 elements. (default: 132)",
      valueName: "n"))
  var multiprocessors: Int?

  /// Options as they stand when none is given.
  public init() {}
}

extension NoiseOptions {
  /// Whether any of them was given.
  var isAnyGiven: Bool { generatorDevice != nil || multiprocessors != nil }

  /// Reads `--generator-device`.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names what it takes.
  func device() throws -> NoiseDevice { try NoiseDevice(parsing: generatorDevice ?? NoiseDevice.cpu.rawValue) }

  /// Reads `--multiprocessors`.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option and its range.
  func multiprocessorCount() throws -> Int {
    try OptionRange.check(
      multiprocessors ?? 132, in: 1...OptionRange.maximumMultiprocessors, option: "--multiprocessors")
  }
}
