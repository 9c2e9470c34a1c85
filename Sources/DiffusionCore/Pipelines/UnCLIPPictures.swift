import TensorKernels

/// The networks of unCLIP that make pictures of image embeddings, in both of its pipelines: a text encoder with its
/// tokenizer, a decoder of small pictures with what tells it of embeddings and texts, and two networks that make
/// pictures larger. All are on one device.
struct UnCLIPPictures: Sendable {
  /// Encodes prompts; it has a projection.
  let textEncoder: CLIPTextModel
  /// Cuts prompts into the text encoder's tokens.
  let tokenizer: CLIPTokenizer
  /// Tells the decoder of an embedding and a text.
  let textProj: UnCLIPTextProjModel
  /// Predicts the noise in small pictures.
  let decoder: UNet2DConditionModel
  /// Predicts the noise in large pictures, in all steps but the last.
  let superResFirst: UNet2DModel
  /// Predicts the noise in large pictures in the last step.
  let superResLast: UNet2DModel

  /// What a run has where its settings leave the choice to the model.
  static let usual = (superResSteps: 7, guidanceScale: 8.0)
  /// The stages that follow an embedding.
  static let stages = (decoder: "decoder", superResolution: "super-resolution")

  /// The components in the order of their configurations.
  private static let components = ["text_encoder", "text_proj", "decoder", "super_res_first", "super_res_last"]

  /// The classes of its components, by their names in `model_index.json`.
  static let classes = [
    "text_encoder": ["CLIPTextModelWithProjection"], "tokenizer": ["CLIPTokenizer", "CLIPTokenizerFast"],
    "text_proj": ["UnCLIPTextProjModel"], "decoder": ["UNet2DConditionModel"], "super_res_first": ["UNet2DModel"],
    "super_res_last": ["UNet2DModel"],
  ]

  /// Creates a set of networks.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) for networks that do not fit each other.
  init(
    textEncoder: CLIPTextModel, tokenizer: CLIPTokenizer, textProj: UnCLIPTextProjModel, decoder: UNet2DConditionModel,
    superResFirst: UNet2DModel, superResLast: UNet2DModel
  ) throws {
    (self.textEncoder, self.tokenizer, self.textProj) = (textEncoder, tokenizer, textProj)
    (self.decoder, self.superResFirst, self.superResLast) = (decoder, superResFirst, superResLast)
    try check()
  }

  /// The configurations and the weights of the networks, and the tokenizer, as they are in a folder.
  struct Files {
    let text: CLIPTextConfig
    let textProj: UnCLIPTextProjModelConfig
    let decoder: UNet2DConditionModelConfig
    /// Of the first network for super-resolution, and of the last.
    let superRes: [UNet2DModelConfig]
    let tokenizer: CLIPTokenizer
    /// The weights, checked, in the order of the components.
    let parameters: [ParameterStore]

    /// Reads what describes the networks, and checks their weights.
    ///
    /// - Parameters:
    ///   - source: The folder.
    ///   - progress: Called before each tensor is checked; may throw to stop.
    init(_ source: ModelSource, progress: OpeningProgressHandler?) throws {
      // Configurations first: what is not supported is said soon.
      let files = try UnCLIPPictures.components.map { component -> (json: [UInt8], path: String) in
        let file = try source.config(of: component)
        return ([UInt8](try file.read()), file.path)
      }
      let text = try CLIPTextConfig(json: files[0].json, file: files[0].path)
      textProj = try UnCLIPTextProjModelConfig(json: files[1].json, file: files[1].path)
      decoder = try UNet2DConditionModelConfig(json: files[2].json, file: files[2].path)
      superRes = try files[3...].map { try UNet2DModelConfig(json: $0.json, file: $0.path) }
      tokenizer = try CLIPTokenizer(
        folder: "\(source.name)/tokenizer", maximumLength: text.maxPositionEmbeddings
      ) { source.tokenizerFile($0, of: "tokenizer") }
      self.text = text
      let stored = try UnCLIPPictures.components.map { try source.parameters(of: $0) }
      parameters = [
        try CLIPTextModel.checked(stored[0], text, .projection, progress: progress),
        try UnCLIPTextProjModel.checked(stored[1], textProj, progress: progress),
        try UNet2DConditionModel.checked(stored[2], decoder, progress: progress),
        try UNet2DModel.checked(stored[3], superRes[0], progress: progress),
        try UNet2DModel.checked(stored[4], superRes[1], progress: progress),
      ]
    }
  }

  /// Opens the components of a folder.
  ///
  /// - Parameters:
  ///   - files: The configurations, the tokenizer and the weights.
  ///   - settings: The device, the threads and the weights' precision.
  ///   - progress: Called before each tensor is read; may throw to stop.
  init(_ files: Files, _ settings: RunSettings, progress: OpeningProgressHandler?) throws {
    let (device, threads, weights) = (settings.device, settings.threads, settings.weights)
    func enlarging(_ index: Int) throws -> UNet2DModel {
      try UNet2DModel(
        config: files.superRes[index], parameters: files.parameters[3 + index], device: device, threads: threads,
        weights: weights, progress: progress)
    }
    try self.init(
      textEncoder: CLIPTextModel(
        config: files.text, parameters: files.parameters[0], head: .projection, device: device, threads: threads,
        weights: weights, progress: progress),
      tokenizer: files.tokenizer,
      textProj: UnCLIPTextProjModel(
        config: files.textProj, parameters: files.parameters[1], device: device, threads: threads, weights: weights,
        progress: progress),
      decoder: UNet2DConditionModel(
        config: files.decoder, parameters: files.parameters[2], device: device, threads: threads, weights: weights,
        progress: progress),
      superResFirst: enlarging(0), superResLast: enlarging(1))
  }

  /// The same networks with the settings' device, threads and weights.
  func on(_ settings: RunSettings, progress: OpeningProgressHandler?) throws -> UnCLIPPictures {
    func moved<Moved: Network>(_ network: Moved) throws -> Moved {
      try network.on(settings.device, threads: settings.threads, weights: settings.weights, progress: progress)
    }
    return try UnCLIPPictures(
      textEncoder: moved(textEncoder), tokenizer: tokenizer, textProj: moved(textProj), decoder: moved(decoder),
      superResFirst: moved(superResFirst), superResLast: moved(superResLast))
  }

  var fileNotes: [String] {
    tokenizer.warnings + textEncoder.fileNotes + textProj.fileNotes + decoder.fileNotes + superResFirst.fileNotes
      + superResLast.fileNotes
  }
}

extension UnCLIPPictures {
  /// Refuses a number of one network that does not fit another's.
  static func require(_ found: Int, _ expected: Int, _ what: String) throws {
    guard found != expected else { return }
    throw DiffusionError(.badData, "\(what) is \(found): expected \(expected); do the networks belong together?")
  }

  /// Refuses networks that do not fit each other.
  private func check() throws {
    let text = textEncoder.config, proj = textProj.config, decoder = decoder.config
    try Self.require(
      proj.clipEmbeddingsDim, text.hiddenSize, "text_proj's clip_embeddings_dim, for the text encoder's,")
    try Self.require(
      decoder.textChannels ?? 0, proj.crossAttentionDim, "the decoder's cross_attention_dim, for text_proj's,")
    try Self.require(decoder.timeEmbedDim, proj.timeEmbedDim, "the decoder's time_embed_dim, for text_proj's,")
    try Self.require(
      decoder.outChannels, 2 * decoder.inChannels, "the decoder's out_channels, with variances behind the noise,")
    guard decoder.classEmbedType == .identity else {
      throw DiffusionError(
        .badData, "the decoder's class_embed_type is \(decoder.classEmbedType?.rawValue ?? "null"): expected identity")
    }
    for (name, config) in [("super_res_first", superResFirst.config), ("super_res_last", superResLast.config)] {
      try Self.require(
        config.inChannels, 2 * decoder.inChannels, "\(name)'s in_channels, with a picture behind the sample,")
      try Self.require(config.outChannels, decoder.inChannels, "\(name)'s out_channels")
    }
    _ = try smallSize()
    let own = try largeSize(), other = try Self.size(superResLast.config.sampleSize, of: "super_res_last")
    try Self.require(other.height, own.height, "super_res_last's sample_size")
    try Self.require(other.width, own.width, "super_res_last's sample_size")
  }

  /// The height and width of the pictures of a UNet.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) where its configuration has none.
  private static func size(
    _ size: (height: Int, width: Int)?, of component: String
  ) throws -> (height: Int, width: Int) {
    guard let size else {
      throw DiffusionError(
        .badData, "\(component)/config.json: sample_size is null: expected the height and width of its pictures")
    }
    return size
  }

  /// The height and width of the decoder's pictures.
  func smallSize() throws -> (height: Int, width: Int) { try Self.size(decoder.config.sampleSize, of: "decoder") }

  /// The height and width of the images.
  func largeSize() throws -> (height: Int, width: Int) {
    try Self.size(superResFirst.config.sampleSize, of: "super_res_first")
  }

  /// The shape of the decoder's pictures.
  func smallShape() throws -> [Int] {
    let size = try smallSize()
    return [decoder.config.inChannels, size.height, size.width]
  }
}
