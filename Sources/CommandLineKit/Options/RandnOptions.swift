import ArgumentParser
import DiffusionCore

/// The options of `randn`.
public struct RandnOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The shape of the tensor, such as 1,3,32,32.", valueName: "n,n,..."))
  var shape: String

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of the generator, -2^63 to 2^64-1.", valueName: "n"))
  var seed: String

  @OptionGroup
  var noise: NoiseOptions

  @Option(help: ArgumentHelp("The element type: float16, bfloat16, float32 or float64.", valueName: "t"))
  var dtype: String = DType.float32.rawValue

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Draw this many tensors in a row from one generator; the last is shown and written.", valueName: "n"))
  var calls: Int = 1

  @Option(
    help: ArgumentHelp(
      "Write the tensor as .npy in its element type (bfloat16, which NumPy lacks, as float32).", valueName: "file"))
  var output: String?

  /// Creates options with their defaults.
  public init() {}
}

extension RandnOptions {
  /// Reads and checks the request, before any work is done.
  ///
  /// - Throws: ``DiffusionError``: `usage` that names the option; `cannotCreate` for an output that cannot be written.
  public func request() throws -> RandnRequest {
    guard let type = DType(rawValue: dtype) else {
      let known = DType.allCases.map(\.rawValue).joined(separator: ", ")
      throw DiffusionError(.usage, "--dtype: '\(dtype)' is unknown: expected one of \(known)")
    }
    let settings = try noise.settings(environment: [:])
    return RandnRequest(
      shape: try TensorShape(parsing: shape),
      seed: try Seed(parsing: seed),
      generatorDevice: settings.generatorDevice,
      multiprocessors: settings.multiprocessors,
      dtype: type,
      calls: try OptionRange.check(calls, in: 1...OptionRange.maximumCalls, option: "--calls"),
      output: try output.map { try OutputPath(checking: $0, option: "--output", endings: [".npy"]).path })
  }
}
