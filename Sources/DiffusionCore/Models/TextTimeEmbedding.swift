import TensorKernels

/// What Stable Diffusion XL adds to the embedding of the timestep: a text as a whole beside the sines of sizes, crops
/// and scores, through two linear layers (`add_embedding`, `addition_embed_type` `text_time`; Podell et al. 2023,
/// arXiv 2307.01952).
struct TextTimeEmbedding: Sendable {
  /// What a configuration asks for.
  struct Form: Sendable, Equatable {
    /// The features of the text and of the sines together.
    var features: Int
    /// The sines and cosines of each number.
    var timesteps: Timesteps

    static func == (left: Form, right: Form) -> Bool {
      left.features == right.features && left.timesteps.channels == right.timesteps.channels
    }

    /// The numbers that stand behind a text of some features; nil if they do not come out even.
    func numbers(besideText width: Int) -> Int? {
      let rest = features - width
      return rest > 0 && rest.isMultiple(of: timesteps.channels) ? rest / timesteps.channels : nil
    }
  }

  static let name = "add_embedding"

  private let form: Form
  private let embedding: TimestepEmbedding

  /// Reads its parameters.
  ///
  /// - Parameter channels: The channels of the time embedding.
  init(_ form: Form, channels: Int, from reader: ParameterReader) throws {
    self.form = form
    embedding = try TimestepEmbedding(
      Self.name, inputChannels: form.features, timeChannels: channels, from: reader)
  }

  /// The embedding of each image, `[batch][channels]`, of a conditioning that was checked.
  func callAsFunction(_ conditioning: ModelInput.Conditioning, in context: ComputeContext) throws
    -> FeatureMap
  {
    let empty = Tensor<Float>(unchecked: [0, 0], [])
    let text = conditioning.textEmbeds ?? empty
    let numbers = conditioning.timeIDs ?? empty
    let (width, count) = (text.shape[1], numbers.shape[1])
    var rows: [Float] = []
    rows.reserveCapacity(text.shape[0] * form.features)
    for image in 0..<text.shape[0] {
      rows += text.scalars[image * width..<(image + 1) * width]
      for number in numbers.scalars[image * count..<(image + 1) * count] {
        rows += form.timesteps.sinusoidal(number)
      }
    }
    return try embedding(
      FeatureMap(
        rows: Tensor(unchecked: [text.shape[0], form.features], rows), of: embedding.inputName,
        in: context),
      in: context)
  }

  /// Checks the text and the numbers of an input.
  ///
  /// - Parameter own: The model's embedding; nil for a model without one.
  /// - Throws: ``DiffusionError`` (`usage`) that says what is missing, too much or of the wrong shape.
  static func validate(_ given: ModelInput.Conditioning, batch: Int, for own: TextTimeEmbedding?)
    throws
  {
    guard let form = own?.form else {
      if given.timeIDs != nil {
        throw DiffusionError(.usage, "the model takes no sizes: its addition_embed_type is null")
      }
      return
    }
    guard let text = given.textEmbeds, let numbers = given.timeIDs else {
      throw DiffusionError(
        .usage, "the model takes text embeds and time ids beside its text, found none")
    }
    guard text.shape.count == 2, let count = form.numbers(besideText: text.shape[1]) else {
      throw DiffusionError(
        .usage,
        "text embeds of shape \(text.shape): they leave no whole numbers of \(form.features) features"
      )
    }
    try text.require([batch, text.shape[1]], "text embeds")
    try numbers.require([batch, count], "time ids")
    for number in numbers.scalars { try form.timesteps.validate(number) }
  }
}

extension TextTimeEmbedding: DescribedLayer {
  func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    embedding.describe(input, in: &description)
  }
}
