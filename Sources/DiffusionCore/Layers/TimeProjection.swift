import TensorKernels

/// The linear layer of a residual block that reads the time embedding: by itself, or as a part of one layer with those
/// of all blocks, on a device that prefers one launch to many. Each output is the same chain in either.
package enum TimeProjection: Sendable {
  case own(Convolution)
  case part(JoinedLinear.Part)

  /// Reads `name.weight` and `name.bias`.
  init(_ name: String, _ inputFeatures: Int, _ outputFeatures: Int, from reader: ParameterReader) throws {
    if let part = try reader.joined?.add(name, inputFeatures, outputFeatures, from: reader) {
      self = .part(part)
    } else {
      self = .own(try Convolution(linear: [name], inputFeatures, outputFeatures, from: reader))
    }
  }

  /// Projects a time embedding, `[batch][inputFeatures]`.
  ///
  /// - Parameter projections: The projections of all blocks; nil where each is by itself.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  func callAsFunction(
    _ time: FeatureMap, projections: FeatureMap?, in context: ComputeContext
  ) throws -> ChannelRange {
    switch self {
    case .own(let linear): return ChannelRange(try linear(time, in: context))
    case .part(let part):
      guard let projections else { preconditionFailure("\(part.name) got no projections") }
      return try part(projections, in: context)
    }
  }
}

extension TimeProjection: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    switch self {
    case .own(let linear): return linear.describe(input, in: &description)
    case .part(let part):
      let output = FeatureShape(channels: part.channels, height: 1, width: 1)
      description.add(
        part.name, kind: "Linear", output, parameters: .product(part.inputFeatures + 1, part.channels),
        flops: .product(2, part.inputFeatures, part.channels))
      return output
    }
  }
}

/// Linear layers that share one input, collected while a model's parameters are read, to be one layer with their
/// outputs side by side.
package final class JoinedLinear {
  /// One of the layers.
  package struct Part: Sendable {
    /// Its name in reports.
    let name: String
    let inputFeatures: Int
    /// Its outputs, and the first of them among those of all.
    let channels: Int
    let first: Int

    /// Its outputs among those of all layers; where layers are observed or timed, a map of their own.
    func callAsFunction(_ all: FeatureMap, in context: ComputeContext) throws -> ChannelRange {
      let range = ChannelRange(all, from: first)
      guard context.observer != nil || context.profiler != nil else { return range }
      let output = try context.output(of: name, batch: all.batch, height: 1, width: 1, channels: channels)
      let work = LayerWork(
        name: name, kind: .linear, algorithm: nil, outputShape: [all.batch, channels, 1, 1],
        flops: .product(2, all.batch, inputFeatures, channels),
        bytes: .product(4, inputFeatures + 1 + all.batch, channels))
      try context.run(work, of: name, output: output) { backend in
        try backend.place(PlacementOperation([.init(range, channels: channels)], output: output))
      }
      return ChannelRange(output)
    }
  }

  private var weights: [Float] = []
  private var bias: [Float] = []
  private var inputFeatures: Int?

  /// Reads a layer; nil if its input has another size than those before it.
  func add(
    _ name: String, _ inputFeatures: Int, _ outputFeatures: Int, from reader: ParameterReader
  ) throws -> Part? {
    guard self.inputFeatures ?? inputFeatures == inputFeatures else { return nil }
    self.inputFeatures = inputFeatures
    let first = bias.count
    weights += try reader.read("\(name).weight", [outputFeatures, inputFeatures])
    bias += try reader.read("\(name).bias", [outputFeatures])
    return Part(name: name, inputFeatures: inputFeatures, channels: outputFeatures, first: first)
  }

  /// All of them as one layer; nil if there are none.
  func layer(_ name: String, from reader: ParameterReader) throws -> Convolution? {
    guard let inputFeatures else { return nil }
    return try Convolution(
      name: name, weights: weights, bias: bias,
      shape: ConvolutionShape(inputChannels: inputFeatures, outputChannels: bias.count, kernel: 1), from: reader)
  }
}
