import TensorKernels

/// The stages of a UNet between a sample and a prediction: the way down, the middle and the way up.
package struct UNetStages: Sendable {
  private let convIn: Convolution
  private let downBlocks: [UNetDownBlock]
  private let midBlock: UNetMidBlock
  private let upBlocks: [UNetUpBlock]
  private let convNormOut: GroupNorm
  private let convOut: Convolution
  private let inChannels: Int
  /// The projections of the time embedding for all residual blocks, on a device that joins them.
  private let projections: Convolution?

  /// Reads the parameters of all stages.
  package init(_ config: some UNetBlockConfiguration, from reader: ParameterReader) throws {
    let channels = config.blockOutChannels, first = channels[0], last = channels[channels.count - 1]
    inChannels = config.inChannels
    let joined = reader.joinsProjections ? JoinedLinear() : nil
    reader.joined = joined
    defer { reader.joined = nil }
    convIn = try Convolution("conv_in", config.inChannels, first, kernel: config.convInKernel, from: reader)
    downBlocks = try channels.indices.map { try UNetDownBlock($0, config: config, from: reader) }
    midBlock = try UNetMidBlock(config: config, channels: last, from: reader)
    upBlocks = try channels.indices.map { try UNetUpBlock($0, config: config, from: reader) }
    projections = try joined?.layer("time_emb_proj", from: reader)
    convNormOut = try GroupNorm(
      "conv_norm_out", channels: first, groups: config.groups(channels: first), epsilon: config.normEps, from: reader)
    convOut = try Convolution("conv_out", first, config.outChannels, kernel: config.convOutKernel, from: reader)
  }

  /// The number of blocks that a forward pass reports.
  package var blocks: Int {
    2 + downBlocks.reduce(0) { $0 + $1.blocks } + midBlock.blocks + upBlocks.reduce(0) { $0 + $1.blocks }
  }

  /// Predicts from a sample.
  ///
  /// - Parameter divisor: The value that the prediction is divided by.
  package func callAsFunction(
    _ sample: FeatureMap, divisor: Float = 1, in pass: inout ForwardPass
  ) throws -> FeatureMap {
    try pass.begin(convIn.name)
    pass.projections = try projections.map { try $0(pass.time, in: pass.context.unobserved) }
    var hidden = try convIn(sample, in: pass.context)
    var skips: [FeatureMap?] = [hidden]
    pass.image = sample
    for block in downBlocks { hidden = try block(hidden, skips: &skips, in: &pass) }
    pass.image = nil
    hidden = try midBlock(hidden, in: &pass)
    for block in upBlocks { hidden = try block(hidden, skips: &skips, in: &pass) }
    try pass.begin(convOut.name)
    var epilogue = Convolution.Epilogue()
    (epilogue.residual, epilogue.divisor) = (pass.image, divisor)
    return try convOut(convNormOut(hidden, silu: true, in: pass.context), epilogue: epilogue, in: pass.context)
  }

  /// Adds the layers to a description, for one image of a given size.
  package func describe(height: Int, width: Int, in description: inout ModelDescription) {
    let sample = FeatureShape(channels: inChannels, height: height, width: width)
    var shape = convIn.describe(sample, in: &description)
    var shapes = UNetShapes(skips: [shape], image: sample)
    for block in downBlocks { shape = block.describe(shape, shapes: &shapes, in: &description) }
    shapes.image = nil
    shape = midBlock.describe(shape, in: &description)
    for block in upBlocks { shape = block.describe(shape, shapes: &shapes, in: &description) }
    _ = convOut.describe(convNormOut.describe(shape, in: &description), in: &description)
  }
}
