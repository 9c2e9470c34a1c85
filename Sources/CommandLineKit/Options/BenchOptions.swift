import ArgumentParser
import DiffusionCore

/// The options of `bench`.
public struct BenchOptions: ParsableArguments {
  @OptionGroup
  var model: ModelArgument

  @Option(parsing: .unconditional, help: ArgumentHelp("The number of images in a forward pass.", valueName: "n"))
  var batchSize: Int = 1

  @OptionGroup
  var size: SizeOptions

  @OptionGroup
  var compute: ComputeOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of forward passes to measure, after a warm-up.", valueName: "n"))
  var repeats: Int = 20

  @Flag(
    help:
      """
      Measure the screen instead: the time of a frame, of the response to a key while the model computes, and of a \
      cancellation.
      """
  )
  var tui = false

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  /// Creates options with their defaults.
  public init() {}

  /// Reads and checks the request, before any work is done.
  ///
  /// - Parameter environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not available.
  public func request(environment: [String: String] = [:]) throws -> BenchRequest {
    let settings = try compute.settings(environment: environment, and: size.given)
    return BenchRequest(
      model: model.reference,
      batchSize: try OptionRange.check(batchSize, in: 1...OptionRange.maximumBatchSize, option: "--batch-size"),
      height: settings.height, width: settings.width, device: settings.device, threads: settings.threads,
      repeats: try OptionRange.check(repeats, in: 1...OptionRange.maximumRepeats, option: "--repeats"),
      measuresScreen: tui, format: json ? .json : .table)
  }
}
