import TensorKernels

/// The time embedding of a conditional UNet: the timestep with its condition, and the class of each image.
struct ConditionalTimeEmbedding: Sendable {
  /// What makes an embedding of classes.
  private enum Classes {
    case none
    /// A row for each class.
    case table([Float])
    case timestep(TimestepEmbedding)
    case identity
    case projection(TimestepEmbedding)
    case simpleProjection(Convolution)
  }

  private static let name = "class_embedding"

  private let config: UNet2DConditionModelConfig
  private let timesteps: Timesteps
  private let time: TimestepEmbedding
  private let classes: Classes

  init(_ config: UNet2DConditionModelConfig, from reader: ParameterReader) throws {
    self.config = config
    timesteps = config.timesteps
    time = try TimestepEmbedding(
      inputChannels: timesteps.channels, timeChannels: config.timeEmbedDim, conditionChannels: config.timeCondProjDim,
      from: reader)
    classes = try Self.classes(config, from: reader)
  }

  private static func classes(_ config: UNet2DConditionModelConfig, from reader: ParameterReader) throws -> Classes {
    let features = config.projectionClassEmbeddingsInputDim ?? 0, channels = config.timeEmbedDim
    switch config.classEmbedType {
    case nil:
      guard let count = config.numClassEmbeds else { return .none }
      return .table(try reader.read("\(name).weight", [count, channels]))
    case .timestep:
      return .timestep(
        try TimestepEmbedding(name, inputChannels: config.timesteps.channels, timeChannels: channels, from: reader))
    case .identity: return .identity
    case .projection:
      return .projection(
        try TimestepEmbedding(name, inputChannels: features, timeChannels: channels, from: reader))
    case .simpleProjection:
      return .simpleProjection(try Convolution(linear: [name], features, channels, from: reader))
    }
  }

  /// SiLU of the embedding, `[batch][blockTimeChannels]`, of an input that was checked.
  func callAsFunction(_ input: ModelInput, in context: ComputeContext) throws -> FeatureMap {
    let batch = input.sample.shape[0], conditioning = input.conditioning
    let sinusoids = try timesteps(
      Array(repeating: input.timestep, count: batch), of: time.inputName, in: context)
    let condition = try conditioning.timestepConditioning.map { try rows($0, of: "timestep_cond", in: context) }
    var embedding = try time(sinusoids, condition: condition, in: context)
    if let activation = config.timestepPostAct {
      embedding = try activation.function(embedding, as: "time_embedding.post_act", in: context)
    }
    if let classes = try classEmbedding(conditioning, in: context) {
      embedding = try join(embedding, classes, in: context)
    }
    if let activation = config.timeEmbeddingActFn {
      embedding = try activation.function(embedding, as: "time_embed_act", in: context)
    }
    // Every layer that reads the embedding begins with it.
    return try Activation.silu(embedding, as: "time_embedding.silu", in: context)
  }

  private func classEmbedding(
    _ conditioning: ModelInput.Conditioning, in context: ComputeContext
  ) throws -> FeatureMap? {
    func features() throws -> FeatureMap? {
      try conditioning.classEmbeddings.map { try rows($0, of: Self.name, in: context) }
    }
    let labels = conditioning.classLabels ?? [], channels = config.timeEmbedDim
    switch classes {
    case .none: return nil
    case .table(let rows):
      let embeddings = labels.flatMap { rows[$0 * channels..<($0 + 1) * channels] }
      return try self.rows(Tensor(unchecked: [labels.count, channels], embeddings), of: Self.name, in: context)
    case .timestep(let embedding):
      return try embedding(timesteps(labels.map(Float.init), of: embedding.inputName, in: context), in: context)
    case .identity: return try features()
    case .projection(let embedding): return try features().map { try embedding($0, in: context) }
    case .simpleProjection(let projection): return try features().map { try projection($0, in: context) }
    }
  }

  /// The sum of both embeddings, or their concatenation, for each image.
  private func join(_ time: FeatureMap, _ classes: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    let (first, second) = (try context.backend.download(time.buffer), try context.backend.download(classes.buffer))
    let channels = config.timeEmbedDim, joined: [Float]
    if config.classEmbeddingsConcat {
      joined = (0..<time.batch).flatMap { image in
        let row = image * channels..<(image + 1) * channels
        return first[row] + second[row]
      }
    } else {
      joined = zip(first, second).map(+)
    }
    return try rows(Tensor(unchecked: [time.batch, config.blockTimeChannels], joined), of: Self.name, in: context)
  }

  private func rows(_ tensor: Tensor<Float>, of layer: String, in context: ComputeContext) throws -> FeatureMap {
    let map = try context.output(of: layer, batch: tensor.shape[0], height: 1, width: 1, channels: tensor.shape[1])
    try context.backend.upload(tensor.scalars, to: map.buffer)
    return map
  }
}

extension ConditionalTimeEmbedding: DescribedLayer {
  func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let output = time.describe(input, in: &description)
    switch classes {
    case .none, .identity: break
    case .table(let rows):
      description.add(Self.name, kind: "Embedding", output, parameters: rows.count, flops: 0)
    case .timestep(let embedding), .projection(let embedding): _ = embedding.describe(input, in: &description)
    case .simpleProjection(let projection): _ = projection.describe(input, in: &description)
    }
    return FeatureShape(channels: config.blockTimeChannels, height: 1, width: 1)
  }
}

extension ConditionalTimeEmbedding {
  /// Checks the timestep and the conditioning of an input, apart from the text.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that says what is missing, too much or of the wrong shape.
  func validate(_ input: ModelInput) throws {
    let batch = input.sample.shape[0], given = input.conditioning
    try timesteps.validate(input.timestep)
    if let condition = given.timestepConditioning {
      guard let channels = config.timeCondProjDim else {
        throw DiffusionError(.usage, "the model takes no condition of the timestep: its time_cond_proj_dim is null")
      }
      try Self.validate(condition, "a condition of the timestep", [batch, channels])
    }
    try validateLabels(given.classLabels, batch: batch)
    let features = config.classEmbedType == .identity ? config.timeEmbedDim : config.projectionClassEmbeddingsInputDim
    switch (given.classEmbeddings, takesFeatures ? features : nil) {
    case (nil, nil): break
    case (let embeddings?, let features?): try Self.validate(embeddings, "class embeddings", [batch, features])
    case (nil, let features?):
      throw DiffusionError(.usage, "the model takes class embeddings: expected [\(batch), \(features)], found none")
    case (_?, nil): throw DiffusionError(.usage, "the model takes no class embeddings")
    }
  }

  private var takesFeatures: Bool {
    [.identity, .projection, .simpleProjection].contains(config.classEmbedType)
  }

  private func validateLabels(_ labels: [Int]?, batch: Int) throws {
    guard config.takesClasses, !takesFeatures else {
      guard labels != nil else { return }
      throw DiffusionError(.usage, "the model takes no class labels")
    }
    guard let labels, labels.count == batch else {
      throw DiffusionError(
        .usage, "the model takes a class label for each of \(batch) images: found \(labels?.count ?? 0)")
    }
    if config.classEmbedType == .timestep {
      for label in labels { try timesteps.validate(Float(label)) }
    } else if let count = config.numClassEmbeds, let label = labels.first(where: { !(0..<count).contains($0) }) {
      throw DiffusionError(.usage, "class label \(label) is out of range: expected 0 to \(count - 1)")
    }
  }

  private static func validate(_ tensor: Tensor<Float>, _ name: String, _ shape: [Int]) throws {
    guard tensor.shape == shape else {
      throw DiffusionError(.usage, "\(name) of shape \(tensor.shape): expected \(shape)")
    }
  }
}

extension UNet2DConditionModelConfig.TimeActivation {
  fileprivate var function: Activation {
    switch self {
    case .silu: .silu
    case .gelu: .gelu
    }
  }
}
