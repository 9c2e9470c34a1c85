extension StableDiffusionXLModel {
  /// Texts as the UNet reads them: the penultimate states of all encoders side by side, `[batch, tokens, features]`,
  /// and each as a whole, `[batch, features]`.
  private struct Texts {
    var states, whole: Tensor<Float>

    func rows(_ indices: [Int]) -> Texts {
      Texts(states: states.rows(indices), whole: whole.rows(indices))
    }

    /// As many texts of zeros.
    var zeros: Texts { Texts(states: states.map { _ in 0 }, whole: whole.map { _ in 0 }) }
  }

  /// Refuses settings that the model, or a run with a refiner, has no use for.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the setting.
  func check(_ settings: RunSettings) throws {
    try settings.checkDenoisingEnd()
    guard settings.refiner != nil else { return try checkSizes(of: settings) }
    if settings.invert {
      throw DiffusionError(
        .usage, "\(Setting.invert.name): a run with a refiner has no use for it: leave it out")
    }
  }

  /// Refuses scores and sizes that the model does not read; a refiner may read what the model before it does not.
  private func checkSizes(of settings: RunSettings) throws {
    guard !options.takesScore else { return }
    let request = RunRequest(settings: settings), sizes = settings.sizes
    let scores: [Setting] = [.aestheticScore, .negativeAestheticScore]
    if let found = scores.first(where: { !$0.isUsual(in: request) }) {
      throw DiffusionError(
        .usage,
        "\(found.name): the model reads no score: it is for a refiner, which has requires_aesthetics_score")
    }
    if settings.initImage != nil {
      guard sizes.negativeCrops == nil else {
        throw DiffusionError(
          .usage,
          "negative_crops_coords_top_left: a run from a picture has one crop for both predictions, as in Diffusers: "
            + "leave it out")
      }
    } else if sizes.negativeOriginal != nil || sizes.negativeCrops != nil || sizes.negativeTarget != nil,
      sizes.negativeOriginal == nil || sizes.negativeTarget == nil
    {
      throw DiffusionError(
        .usage,
        "negative_original_size and negative_target_size count together alone, as in Diffusers: give both, or neither "
          + "of the negative sizes")
    }
  }

  /// The scale of a run that takes two predictions; nil for one.
  func guidance(of settings: RunSettings) -> Double? {
    latents.guidance(settings.guidanceScale ?? Self.usualGuidanceScale)
  }

  /// Encodes texts (`encode_prompt`); each is encoded once.
  private func encode(_ texts: [String]) throws -> (cut: [TokenizedPrompt], texts: Texts) {
    var cuts: [[TokenizedPrompt]] = []
    var states: [Tensor<Float>] = []
    var whole: Tensor<Float>?
    for encoder in textEncoders {
      let cut = texts.map { encoder.tokenizer($0) }
      let output = try encoder.network(cut.map { $0.tokens.map(\.id) })
      states.append(output.hiddenStates[max(0, output.hiddenStates.count - 2)])
      cuts.append(cut)
      whole = output.textEmbeds ?? whole
    }
    guard let whole else {
      throw DiffusionError(
        .badData, "no text encoder has a projection: expected a CLIPTextModelWithProjection")
    }
    return (cuts[0], Texts(states: .besides(states), whole: whole))
  }

  /// What the prompts and the sizes tell the network.
  package func conditioning(of settings: RunSettings) throws -> RunConditioning {
    try conditioning(of: settings, fromPicture: settings.initImage != nil)
  }

  /// What they tell it.
  ///
  /// - Parameter fromPicture: Whether the run starts from a picture, or goes on with one.
  func conditioning(of settings: RunSettings, fromPicture: Bool) throws -> RunConditioning {
    let prompts = settings.prompts.isEmpty ? [""] : settings.prompts
    let scale = guidance(of: settings)
    let blend = settings.promptBlend
    let zeroes = settings.negativePrompt.isEmpty && options.forcesZeros
    let isNegative = scale != nil && !zeroes
    let all =
      prompts + (blend.map { [$0.prompt] } ?? []) + (isNegative ? [settings.negativePrompt] : [])
    let (cut, texts) = try encode(all)
    let images = settings.selection.image.map { $0 - 1..<$0 } ?? 0..<settings.batchSize
    var own = texts.rows(images.map { prompts.count > 1 ? $0 : 0 })
    if let blend {
      let other = texts.rows(images.map { _ in prompts.count })
      own = Texts(
        states: blend.applied(to: own.states, towards: other.states),
        whole: blend.applied(to: own.whole, towards: other.whole))
    }
    let size = latents.imageSize(of: settings)
    let numbers = settings.sizes.numbers(
      of: SizeConditioning.Pair(size.height, size.width), takesScore: options.takesScore,
      fromPicture: fromPicture)
    func told(_ texts: Texts, _ numbers: [Float]) -> ModelInput.Conditioning {
      ModelInput.Conditioning(
        encoderHiddenStates: texts.states, textEmbeds: texts.whole,
        timeIDs: Tensor(unchecked: [images.count, numbers.count], images.flatMap { _ in numbers }))
    }
    var conditional = told(own, numbers.with)
    conditional.timestepConditioning = latents.timestepConditioning(
      settings.guidanceScale ?? Self.usualGuidanceScale, images: images.count)
    guard let scale else { return RunConditioning(conditional, prompts: cut) }
    let without = zeroes ? own.zeros : texts.rows(images.map { _ in all.count - 1 })
    return RunConditioning(
      conditional,
      guidance: Guidance(
        unconditional: told(without, numbers.without), scale: scale,
        rescale: settings.guidanceRescale),
      prompts: isNegative && settings.negativePrompt.isEmpty ? Array(cut.dropLast()) : cut)
  }
}

extension Tensor<Float> {
  /// Tensors `[batch, tokens, features]` of as many tokens, with the features of each beside those of the one before.
  fileprivate static func besides(_ parts: [Tensor<Float>]) -> Tensor<Float> {
    guard let first = parts.first, parts.count > 1 else {
      return parts.first ?? Tensor(unchecked: [0, 0, 0], [])
    }
    let rows = first.shape[0] * first.shape[1]
    let widths = parts.map { $0.shape[2] }
    var scalars: [Float] = []
    scalars.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for row in 0..<rows {
      for (part, width) in zip(parts, widths) {
        scalars += part.scalars[row * width..<(row + 1) * width]
      }
    }
    return Tensor(unchecked: [first.shape[0], first.shape[1], widths.reduce(0, +)], scalars)
  }
}
