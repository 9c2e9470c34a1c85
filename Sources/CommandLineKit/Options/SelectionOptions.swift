import ArgumentParser
import DiffusionCore

/// Which of the numbers that a run's generators draw it starts from.
public struct SelectionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Start from the noise of the n-th call of the generator, as randn --calls draws it. (default: 1)", valueName: "n")
  )
  var call: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Run one image of the batch alone, from 1; noise is drawn for all. Left out, all images run.", valueName: "n"))
  var image: Int?

  /// Options as they stand when none is given.
  public init() {}
}

extension SelectionOptions {
  /// Whether one of the options was given.
  var isAnyGiven: Bool { call != nil || image != nil }

  /// Reads both options.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option that is out of range.
  func selection(seeds: [Seed], batchSize: Int) throws -> NoiseSelection {
    let batch = max(seeds.count, batchSize)
    return NoiseSelection(
      call: try OptionRange.check(call ?? 1, in: 1...NoiseSelection.maximumCall, option: "--call"),
      image: try image.map { try OptionRange.check($0, in: 1...max(1, batch), option: "--image") })
  }
}
