import TensorKernels

/// Estimates of the memory that work takes, in bytes, made before it starts. They count what grows with the settings,
/// and rather too little than too much: what they miss is refused when it is allocated.
package enum MemoryEstimate {
  /// The feature maps of a level that are in memory at once, besides the skip connections.
  private static let mapsOfALevel = 8
  /// The feature maps of a residual block that are in memory at once: its input, and what is computed from what.
  private static let mapsOfAResnet = 3
  /// The tensors that are kept of each step.
  private static let tensorsKept = 4

  /// The memory of a run beside its model.
  ///
  /// - Parameters:
  ///   - config: The model.
  ///   - shape: The sample's shape, `[batch, channels, height, width]`.
  ///   - keptSteps: The number of steps whose tensors are kept.
  package static func run(_ config: some UNetBlockConfiguration, shape: [Int], keptSteps: Int) -> Int {
    let levels = config.blockOutChannels.enumerated().map { index, channels in
      let size = LevelSize(index, height: shape[2], width: shape[3])
      return Int.product(shape[0], channels, size.height, size.width, config.layers(ofLevel: index) + mapsOfALevel)
    }
    let tensors = Int.product(.product(of: shape), StepTensors.count + tensorsKept * keptSteps)
    return .product(.sum(of: levels + [tensors]), MemoryLayout<Float>.stride)
  }

  /// The memory of a run of a transformer over patches beside its model.
  ///
  /// - Parameters:
  ///   - config: The transformer.
  ///   - shape: The sample's shape, `[batch, channels, height, width]`.
  ///   - keptSteps: The number of steps whose tensors are kept.
  package static func run(_ config: DiTTransformer2DModelConfig, shape: [Int], keptSteps: Int) -> Int {
    // Around the linear layers of a block: the input, its residual, four times the channels twice.
    let maps = mapsOfAResnet + (config.activationFn.operation.isGated ? 12 : 8)
    let tokens = Int.product(shape[0], config.side, config.side, config.innerDim, maps)
    let tensors = Int.product(.product(of: shape), StepTensors.count + tensorsKept * keptSteps)
    return .product(.sum(of: [tokens, tensors]), MemoryLayout<Float>.stride)
  }

  /// The memory of a decoder's or an encoder's feature maps, which are the largest at the image's size.
  ///
  /// - Parameters:
  ///   - config: The autoencoder.
  ///   - shape: The shape of the images, `[batch, channels, height, width]`.
  package static func pass(_ config: AutoencoderKLConfig, images shape: [Int]) -> Int {
    pass(blockOutChannels: config.blockOutChannels, images: shape)
  }

  /// The same of an autoencoder with these levels.
  package static func pass(blockOutChannels: [Int], images shape: [Int]) -> Int {
    let levels = blockOutChannels.enumerated().map { index, channels in
      let size = LevelSize(index, height: shape[2], width: shape[3])
      // Where a level meets the next, a map of that one's channels has its size.
      let widest = max(channels, blockOutChannels.dropFirst(index + 1).first ?? 0)
      return Int.product(shape[0], widest, size.height, size.width, mapsOfAResnet)
    }
    return .product(.sum(of: levels), MemoryLayout<Float>.stride)
  }

  /// The memory of a model's weights.
  package static func weights(_ parameters: ParameterStore) -> Int {
    .product(parameters.elementCount, MemoryLayout<Float>.stride)
  }

  /// The memory of `randn`: the tensor, its numbers in float32 twice while they are drawn and measured, and the file.
  package static func noise(shape: [Int], elementSize: Int, writesFile: Bool) -> Int {
    .product(.product(of: shape), elementSize + 8 + (writesFile ? max(4, elementSize) : 0))
  }
}
