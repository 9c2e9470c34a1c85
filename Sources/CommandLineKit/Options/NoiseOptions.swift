import ArgumentParser
import DiffusionCore

/// Whose random numbers are drawn: the options that every command that draws noise shares.
public struct NoiseOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Whose random numbers the noise is: cpu or cuda.", valueName: "d"))
  var generatorDevice: String = NoiseDevice.cpu.rawValue

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Multiprocessors of the card whose CUDA noise is drawn; matters above 40,960 elements.", valueName: "n"))
  var multiprocessors: Int = 132

  /// Options as they stand when none is given.
  public init() {}
}

extension NoiseOptions {
  /// Reads `--generator-device`.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names what it takes.
  func device() throws -> NoiseDevice { try NoiseDevice(parsing: generatorDevice) }

  /// Reads `--multiprocessors`.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option and its range.
  func multiprocessorCount() throws -> Int {
    try OptionRange.check(multiprocessors, in: 1...OptionRange.maximumMultiprocessors, option: "--multiprocessors")
  }
}
