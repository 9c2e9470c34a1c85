import ArgumentParser
import DiffusionCore

/// The options of `randn`.
public struct RandnOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The shape of the tensor, such as 1,3,32,32.", valueName: "n,n,..."))
  var shape: String

  @Option(setting: "seed") var seed: String?
  @Option(setting: "seeds") var seeds: String?

  @OptionGroup
  var noise: NoiseOptions

  @Option(
    help: ArgumentHelp("The element type: float16, bfloat16, float32 or float64.", valueName: "t"),
    completion: .cases(of: DType.self))
  var dtype: String = DType.float32.rawValue

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Draw this many tensors in a row from one generator; the last is shown and written.", valueName: "n"))
  var calls: Int = 1

  @Option(
    help: ArgumentHelp(
      "Write the tensor as .npy in its element type (bfloat16, which NumPy lacks, as float32).", valueName: "file"),
    completion: .file(extensions: ["npy"]))
  var output: String?

  /// Creates options with their defaults.
  public init() {}
}

extension RandnOptions {
  /// Reads and checks the request, before any work is done.
  ///
  /// - Parameter drawSeed: Draws the seed if none is given.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `cannotCreate` for an output that cannot be written.
  public func request(drawSeed: () -> Seed) throws -> RandnRequest {
    guard let type = DType(rawValue: dtype) else {
      let known = DType.allCases.map(\.rawValue)
      throw DiffusionError(
        .usage,
        "--dtype: '\(dtype)' is unknown: \(NearestName.question(dtype, among: known))"
          + "expected one of \(known.joined(separator: ", "))")
    }
    try RunOptions.refuse(seed: seed, besides: seeds)
    let settings = try noise.settings(
      environment: [:], and: RunOptions.texts(["seed": seed, "seeds": seeds]), drawSeed: drawSeed)
    let shape = try TensorShape(parsing: shape)
    if settings.seeds.count > 1 {
      try RunSettings.requireGenerators(settings.seeds.count, forBatch: shape.extents.first ?? 0)
    }
    return RandnRequest(
      shape: shape,
      seeds: settings.seeds,
      generatorDevice: settings.generatorDevice,
      card: settings.cardText, device: settings.noiseDevice,
      dtype: type,
      calls: try OptionRange.check(calls, in: 1...OptionRange.maximumCalls, option: "--calls"),
      output: try output.map { try OutputPath(checking: $0, option: "--output", endings: [".npy"]).path })
  }
}
