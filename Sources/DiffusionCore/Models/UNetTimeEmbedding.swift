import TensorKernels

/// The time embedding of a UNet: the timestep with its condition, and the class of each image.
struct UNetTimeEmbedding: Sendable {
  /// What a configuration asks for.
  struct Form: Sendable {
    /// What the timestep is projected to.
    var projection: TimestepProjection.Form
    /// The channels of the embedding of the timestep, and of that of the class.
    var channels: Int
    /// The features of what is projected and added to the timestep's sinusoids; nil for no such projection.
    var conditionChannels: Int?
    /// The activation of the timestep's embedding, before the class joins it; nil for none.
    var timeActivation: Activation?
    /// How classes are embedded; nil for no classes.
    var classes: ClassEmbedding.Form?
    /// What is added for a text as a whole and for sizes; nil for nothing.
    var addition: TextTimeEmbedding.Form?
    /// Whether the embedding of the class follows that of the timestep, and is not added to it.
    var concatenatesClasses = false
    /// The activation once the class is in it; nil for none.
    var lastActivation: Activation?
    /// The activation with which the layers that read the embedding begin.
    var readersActivation = Activation.silu
    /// Whether some layers read it without that activation.
    var isReadPlain = false
  }

  /// The names of its activations in reports.
  private enum Name {
    static let timeActivation = "time_embedding.post_act"
    static let lastActivation = "time_embed_act"
    static let readersActivation = "time_embedding.nonlinearity"
  }

  private let form: Form
  private let projection: TimestepProjection
  private let time: TimestepEmbedding
  private let classes: ClassEmbedding?
  private let addition: TextTimeEmbedding?

  /// Reads the parameters.
  init(_ form: Form, from reader: ParameterReader) throws {
    self.form = form
    projection = try TimestepProjection(form.projection, from: reader)
    let projection = projection
    time = try TimestepEmbedding(
      inputChannels: projection.channels, timeChannels: form.channels, conditionChannels: form.conditionChannels,
      from: reader)
    classes = try form.classes.map {
      try ClassEmbedding($0, projection: projection, channels: form.channels, from: reader)
    }
    let channels = form.concatenatesClasses ? Int.product(2, form.channels) : form.channels
    addition = try form.addition.map { try TextTimeEmbedding($0, channels: channels, from: reader) }
  }

  /// The channels of the embedding, the class's included.
  private var channels: Int { form.concatenatesClasses ? .product(2, form.channels) : form.channels }

  /// Whether the last linear layer ends with SiLU, with which every layer that reads the embedding begins: nothing is
  /// between the two.
  private var endsWithSiLU: Bool {
    classes == nil && addition == nil && form.timeActivation == nil && form.lastActivation == nil
      && form.readersActivation == .silu
      && !form.isReadPlain
  }

  /// The embedding of an input that was checked, `[batch][channels]`: with the activation of its readers, and without
  /// where some read it so.
  func callAsFunction(
    _ input: ModelInput, in context: ComputeContext
  ) throws -> (activated: FeatureMap, plain: FeatureMap?) {
    let batch = input.sample.shape[0], conditioning = input.conditioning
    let sinusoids = try projection(
      Array(repeating: input.timestep, count: batch), of: time.inputName, in: context)
    let condition = try conditioning.timestepConditioning.map {
      try FeatureMap(rows: $0, of: "timestep_cond", in: context)
    }
    var embedding = try time(sinusoids, condition: condition, silu: endsWithSiLU, in: context)
    guard !endsWithSiLU else { return (embedding, nil) }
    if let activation = form.timeActivation {
      embedding = try activation(embedding, as: Name.timeActivation, in: context)
    }
    if let classes {
      embedding = try join(embedding, classes(conditioning, in: context), in: context)
    }
    if let addition {
      embedding = try embedding.sum(
        with: addition(conditioning, in: context), of: TextTimeEmbedding.name, in: context)
    }
    if let activation = form.lastActivation {
      embedding = try activation(embedding, as: Name.lastActivation, in: context)
    }
    let activated = try form.readersActivation(embedding, as: Name.readersActivation, in: context)
    return (activated, form.isReadPlain ? embedding : nil)
  }

  /// The sum of both embeddings, or their concatenation, for each image.
  private func join(_ time: FeatureMap, _ classes: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    if form.concatenatesClasses { return try time.joined(classes, of: ClassEmbedding.name, in: context) }
    return try time.sum(with: classes, of: ClassEmbedding.name, in: context)
  }
}

extension UNetTimeEmbedding: DescribedLayer {
  func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    projection.describe(in: &description)
    let time = time.describe(input, in: &description)
    form.timeActivation?.describe(time, as: Name.timeActivation, in: &description)
    _ = classes?.describe(time, in: &description)
    _ = addition?.describe(time, in: &description)
    let output = FeatureShape(channels: channels, height: 1, width: 1)
    form.lastActivation?.describe(output, as: Name.lastActivation, in: &description)
    if !endsWithSiLU { form.readersActivation.describe(output, as: Name.readersActivation, in: &description) }
    return output
  }
}

extension UNetTimeEmbedding {
  /// Checks the timestep and the conditioning of an input, apart from the text.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that says what is missing, too much or of the wrong shape.
  func validate(_ input: ModelInput) throws {
    let batch = input.sample.shape[0], given = input.conditioning
    try projection.validate(input.timestep)
    if let condition = given.timestepConditioning {
      guard let channels = form.conditionChannels else {
        throw DiffusionError(.usage, "the model takes no condition of the timestep: its time_cond_proj_dim is null")
      }
      try condition.require([batch, channels], "a condition of the timestep")
    }
    try ClassEmbedding.validate(given, batch: batch, for: classes)
    try TextTimeEmbedding.validate(given, batch: batch, for: addition)
  }
}
