import TensorKernels

/// A UNet that predicts the noise in an image (`diffusers.UNet2DModel`, `models/unets/unet_2d.py`).
///
/// The same sample, timestep and weights give the same bits on every device, with any number of threads, alone or in a
/// batch.
public final class UNet2DModel: Network {
  /// The configuration it was built from.
  public let config: UNet2DModelConfig
  /// Where it computes, and the weights that it was opened with.
  public let opening: NetworkOpening
  /// Lines about its file's tensors: those left out, those rounded from F64.
  package let fileNotes: [String]

  private let timeEmbedding: UNetTimeEmbedding
  private let stages: UNetStages

  /// Creates a model from its configuration and its weights, each of which must be present, have the right shape, and
  /// be used.
  ///
  /// - Parameters:
  ///   - config: The configuration.
  ///   - parameters: The weights.
  ///   - device: The device to compute on.
  ///   - threads: The number of threads, 1 to 1024.
  ///   - weights: The precision that the weights are rounded to.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: ``DiffusionError``: `badData` for a configuration that contradicts itself or weights that do not fit it,
  ///   `usage` or `unavailable` for a number of threads that is not possible; what `progress` throws.
  public init(
    config: UNet2DModelConfig, parameters: ParameterStore, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    let checked = try UNet2DModel.checked(parameters, config, progress: progress)
    opening = try NetworkOpening(checked, device: device, threads: threads, weights: weights, progress: progress)
    let reader = opening.reader(progress: progress)
    (stages, timeEmbedding) = try UNet2DModel.layers(config, from: reader)
    fileNotes = reader.finish()
    self.config = config
  }

  private static func layers(
    _ config: UNet2DModelConfig, from reader: ParameterReader
  ) throws -> (UNetStages, UNetTimeEmbedding) {
    (try UNetStages(config, from: reader), try UNetTimeEmbedding(config.timeEmbedding, from: reader))
  }

  /// The weights, once all that the network needs was found there, of the right shape and finite: what is not takes no
  /// memory beside the file.
  ///
  /// - Throws: As the initialiser.
  package static func checked(
    _ parameters: ParameterStore, _ config: UNet2DModelConfig, progress: OpeningProgressHandler?
  ) throws -> ParameterStore {
    try parameters.checked(progress: progress) { try layers(config, from: $0) }
  }

  /// The same network, from the weights as they are in the file.
  public func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> UNet2DModel {
    try UNet2DModel(
      config: config, parameters: opening.parameters, device: device, threads: threads, weights: weights,
      progress: progress)
  }

  /// Predicts the noise in a sample, for a model without classes.
  ///
  /// - Parameters:
  ///   - sample: `[batch, inChannels, height, width]`; height and width must be multiples of 2 to the number of levels
  ///     less one.
  ///   - timestep: The training timestep, the same for the whole batch.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: `[batch, outChannels, height, width]`.
  /// - Throws: ``DiffusionError`` (`usage`) if the sample does not fit, the timestep is beyond 2^20 or the model has
  ///   classes; what `progress` throws.
  public func callAsFunction(
    _ sample: Tensor<Float>, timestep: Float, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    try predict(ModelInput(sample: sample, timestep: timestep), progress: progress)
  }

  /// Predicts from a sample, a timestep and, where the model has classes, the class of each image.
  ///
  /// - Parameters:
  ///   - input: The sample and the timestep as for ``callAsFunction(_:timestep:progress:)``; class labels where the
  ///     configuration has `num_class_embeds` or the `class_embed_type` `timestep`, class embeddings,
  ///     `[batch, timeEmbedDim]`, where that is `identity`.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: `[batch, outChannels, height, width]`.
  /// - Throws: ``DiffusionError`` (`usage`) if a part of the input is missing or does not fit, or the timestep is
  ///   beyond 2^20; what `progress` throws.
  public func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler? = nil) throws -> Tensor<Float> {
    try predict(input, progress: progress)
  }

  /// Predicts, with an observer or a profiler of the layers.
  package func predict(
    _ input: ModelInput, observer: LayerObserver? = nil, profiler: LayerProfiler? = nil,
    progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try config.validate(sample: input.sample.shape)
    guard input.conditioning.encoderHiddenStates == nil, input.conditioning.timestepConditioning == nil else {
      throw DiffusionError(.usage, "the model takes no prompt: it is unconditional")
    }
    try timeEmbedding.validate(input)
    context.backend.begin(use: input.sample.shape)
    var context = context
    (context.observer, context.profiler) = (observer, profiler)
    let time = try timeEmbedding(input, in: context)
    var pass = ForwardPass(
      context: context, time: time.activated, plainTime: time.plain, blocks: stages.blocks, report: progress)
    let divisor = config.timeEmbeddingType == .fourier ? input.timestep : 1
    return try stages(config.input(input.sample, in: context), divisor: divisor, in: &pass).tensor(on: context.backend)
  }
}

extension UNet2DModel {
  /// The layers, in the order they run, for one image of a given size.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the levels do not divide the size.
  public func describe(height: Int, width: Int) throws -> ModelDescription {
    try config.validate(height: height, width: width)
    var description = ModelDescription()
    _ = timeEmbedding.describe(FeatureShape(channels: 0, height: 1, width: 1), in: &description)
    stages.describe(height: height, width: width, in: &description)
    return description
  }
}
