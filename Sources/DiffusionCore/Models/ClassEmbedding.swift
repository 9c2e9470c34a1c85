import TensorKernels

/// The embedding of the class of each image (`class_embedding`), which joins that of the timestep.
struct ClassEmbedding: Sendable {
  /// How a configuration embeds classes.
  enum Form: Sendable, Equatable {
    /// A row for each class.
    case table(count: Int)
    /// As a timestep: what the timestep is projected to, for the label, then two linear layers.
    case timestep
    /// Not at all: features as wide as the time embedding are given.
    case identity
    /// Two linear layers over given features.
    case projection(features: Int)
    /// One linear layer over given features.
    case simpleProjection(features: Int)
  }

  private enum Layers {
    case table([Float])
    case timestep(TimestepEmbedding)
    case identity
    case projection(TimestepEmbedding)
    case simpleProjection(Convolution)
  }

  static let name = "class_embedding"

  private let form: Form
  private let layers: Layers
  private let projection: TimestepProjection
  private let channels: Int

  /// Reads its parameters.
  ///
  /// - Parameters:
  ///   - projection: What a timestep is projected to, and a label in its place.
  ///   - channels: The channels of the time embedding.
  init(_ form: Form, projection: TimestepProjection, channels: Int, from reader: ParameterReader) throws {
    func embedding(_ features: Int) throws -> TimestepEmbedding {
      try TimestepEmbedding(Self.name, inputChannels: features, timeChannels: channels, from: reader)
    }
    (self.form, self.projection, self.channels) = (form, projection, channels)
    switch form {
    case .table(let count): layers = .table(try reader.read("\(Self.name).weight", [count, channels]))
    case .timestep: layers = .timestep(try embedding(projection.channels))
    case .identity: layers = .identity
    case .projection(let features): layers = .projection(try embedding(features))
    case .simpleProjection(let features):
      layers = .simpleProjection(try Convolution(linear: [Self.name], features, channels, from: reader))
    }
  }

  /// The embedding of each image's class, `[batch][channels]`, of a conditioning that was checked.
  func callAsFunction(_ conditioning: ModelInput.Conditioning, in context: ComputeContext) throws -> FeatureMap {
    let labels = conditioning.classLabels ?? []
    func features() throws -> FeatureMap {
      try FeatureMap(
        rows: conditioning.classEmbeddings ?? Tensor(unchecked: [0, channels], []), of: Self.name, in: context)
    }
    switch layers {
    case .table(let rows):
      let embeddings = labels.flatMap { rows[$0 * channels..<($0 + 1) * channels] }
      return try FeatureMap(
        rows: Tensor(unchecked: [labels.count, channels], embeddings), of: Self.name, in: context)
    case .timestep(let embedding):
      return try embedding(projection(labels.map(Float.init), of: embedding.inputName, in: context), in: context)
    case .identity: return try features()
    case .projection(let embedding): return try embedding(features(), in: context)
    case .simpleProjection(let projection): return try projection(features(), in: context)
    }
  }
}

extension ClassEmbedding: DescribedLayer {
  func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let output = FeatureShape(channels: channels, height: 1, width: 1)
    switch layers {
    case .identity: break
    case .table(let rows): description.add(Self.name, kind: "Embedding", output, parameters: rows.count, flops: 0)
    case .timestep(let embedding), .projection(let embedding): _ = embedding.describe(input, in: &description)
    case .simpleProjection(let projection): _ = projection.describe(input, in: &description)
    }
    return output
  }
}

extension ClassEmbedding {
  /// Checks the class labels and class embeddings of an input.
  ///
  /// - Parameter classes: The model's embedding of classes; nil for a model without classes.
  /// - Throws: ``DiffusionError`` (`usage`) that says what is missing, too much or of the wrong shape.
  static func validate(
    _ given: ModelInput.Conditioning, batch: Int, for classes: ClassEmbedding?
  ) throws {
    if given.classLabels != nil, classes?.takesLabels != true {
      throw DiffusionError(.usage, "the model takes no class labels")
    }
    switch (given.classEmbeddings, classes?.features) {
    case (nil, nil): break
    case (let embeddings?, let features?): try embeddings.require([batch, features], "class embeddings")
    case (nil, let features?):
      throw DiffusionError(.usage, "the model takes class embeddings: expected [\(batch), \(features)], found none")
    case (_?, nil): throw DiffusionError(.usage, "the model takes no class embeddings")
    }
    try classes?.validate(labels: given.classLabels, batch: batch)
  }

  /// The features of a class embedding that is given in the place of a label; nil where labels are.
  private var features: Int? {
    switch form {
    case .table, .timestep: nil
    case .identity: channels
    case .projection(let features), .simpleProjection(let features): features
    }
  }

  private var takesLabels: Bool { features == nil }

  private func validate(labels: [Int]?, batch: Int) throws {
    guard takesLabels else { return }
    guard let labels, labels.count == batch else {
      throw DiffusionError(
        .usage, "the model takes a class label for each of \(batch) images: found \(labels?.count ?? 0)")
    }
    if case .table(let count) = form, let label = labels.first(where: { !(0..<count).contains($0) }) {
      throw DiffusionError(.usage, "class label \(label) is out of range: expected 0 to \(count - 1)")
    }
    if form == .timestep {
      for label in labels { try projection.validate(Float(label)) }
    }
  }
}

extension FeatureMap {
  /// A row for each image, `[batch, channels]`, as a map of one pixel.
  ///
  /// - Parameter layer: The layer that it is for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  init(rows: Tensor<Float>, of layer: String, in context: ComputeContext) throws {
    self = try context.output(of: layer, batch: rows.shape[0], height: 1, width: 1, channels: rows.shape[1])
    try context.backend.upload(rows.scalars, to: buffer)
  }
}

extension Tensor<Float> {
  /// Refuses a part of an input that has another shape.
  func require(_ shape: [Int], _ name: String) throws {
    guard self.shape == shape else {
      throw DiffusionError(.usage, "\(name) of shape \(self.shape): expected \(shape)")
    }
  }
}
