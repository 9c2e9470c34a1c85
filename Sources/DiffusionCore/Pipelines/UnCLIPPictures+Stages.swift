import TensorKernels

extension UnCLIPPictures {
  /// Refuses settings that unCLIP has no use for.
  ///
  /// - Parameters:
  ///   - others: Those that one of its pipelines has no use for, beside those of both.
  ///   - reason: What the pipeline is.
  /// - Throws: ``DiffusionError`` (`usage`) that names the setting.
  static func refuse(_ others: [Setting], in settings: RunSettings, because reason: String) throws {
    let request = RunRequest(settings: settings)
    let unused: [Setting] = [
      .negativePrompt, .guidanceRescale, .promptBlend, .classLabels, .call, .variation,
    ]
    if let found = (unused + others).first(where: { !$0.isUsual(in: request) }) {
      throw DiffusionError(SettingFault(found.name, refusal: "\(reason) has no use for it: leave it out"))
    }
    if let name = settings.scheduler, SchedulerClass.find(name)?.shortName != UnCLIPScheduler.shortName {
      throw DiffusionError(
        .usage,
        "\(Setting.scheduler.name) \(name): the networks of unCLIP are made for \(UnCLIPScheduler.shortName) alone: "
          + "leave it out")
    }
  }

  /// Refuses a size of images that it cannot make.
  func check(sizeOf settings: RunSettings) throws {
    let size = try largeSize()
    guard settings.height ?? size.height == size.height, settings.width ?? size.width == size.width else {
      throw DiffusionError(
        .usage,
        "width and height are \(settings.width ?? size.width)x\(settings.height ?? size.height): the model makes "
          + "images of \(size.width)x\(size.height)")
    }
  }

  /// The embeddings of texts, in the order of `_encode_prompt`; each is encoded once.
  ///
  /// - Returns: The texts as the tokenizer cut them, and a conditioning with a row for each index into them.
  func encode(
    _ texts: [String]
  ) throws -> (cut: [TokenizedPrompt], rows: @Sendable ([Int]) -> ModelInput.Conditioning) {
    let cut = try texts.map { try tokenizer($0, vocabularySize: textEncoder.config.vocabSize) },
      length = tokenizer.length
    let output = try textEncoder(cut.map { $0.tokens.map(\.id) })
    guard let embeds = output.textEmbeds else {
      throw DiffusionError(
        .badData, "the text encoder has no projection: expected a CLIPTextModelWithProjection")
    }
    return (
      cut,
      { rows in
        let mask = rows.flatMap { row in cut[row].tokens.indices.map { $0 < cut[row].count ? Float(1) : 0 } }
        return ModelInput.Conditioning(
          encoderHiddenStates: output.lastHiddenState.rows(rows),
          encoderAttentionMask: Tensor(unchecked: [rows.count, length], mask), textEmbeds: embeds.rows(rows))
      }
    )
  }

  /// What the decoder is told.
  ///
  /// - Parameters:
  ///   - embeddings: Those of images, `[batch, features]`.
  ///   - text: The texts.
  ///   - unconditional: The text without a prompt; nil for no guidance.
  ///   - scale: How far to guide.
  func decoding(
    _ embeddings: Tensor<Float>, text: ModelInput.Conditioning, unconditional: ModelInput.Conditioning?, scale: Double
  ) throws -> RunConditioning {
    let guidance = try unconditional.map {
      Guidance(
        unconditional: try textProj(nil, text: $0), scale: scale, guidedChannels: decoder.config.inChannels)
    }
    return RunConditioning(try textProj(embeddings, text: text), guidance: guidance)
  }

  /// The stage that makes the decoder's pictures larger.
  func enlarging(_ settings: RunSettings) throws -> RunStage {
    let size = try largeSize()
    return RunStage(
      Self.stages.superResolution, steps: settings.superResSteps ?? Self.usual.superResSteps,
      model: SuperResolutionModel(unet: superResFirst), lastModel: SuperResolutionModel(unet: superResLast),
      sampleShape: [decoder.config.inChannels, size.height, size.width]
    ) { picture in
      let limited = picture.map { clamp($0, -1, 1) }
      return RunConditioning(
        ModelInput.Conditioning(
          image: try BicubicResizing.resized(limited, height: size.height, width: size.width)))
    }
  }

  /// The memory of both stages of pictures.
  ///
  /// - Parameters:
  ///   - passes: The predictions of a step of the decoder for each image: 2 with guidance.
  ///   - keptSteps: 0 if no step's tensors are kept.
  func memory(of settings: RunSettings, passes: Int, keptSteps: Int) throws -> Int {
    let images = settings.selection.image == nil ? settings.batchSize : 1, large = try largeSize()
    let decoding = MemoryEstimate.run(
      decoder.config, shape: [.product(images, passes)] + (try smallShape()),
      keptSteps: keptSteps == 0 ? 0 : settings.steps)
    let enlarging = MemoryEstimate.run(
      superResFirst.config, shape: [images, superResFirst.config.inChannels, large.height, large.width],
      keptSteps: keptSteps == 0 ? 0 : settings.superResSteps ?? Self.usual.superResSteps)
    return keptSteps == 0 ? max(decoding, enlarging) : .sum(of: [decoding, enlarging])
  }

  /// The text encoder, then the networks of pictures.
  func networks() throws -> (text: PipelineNetwork, pictures: [PipelineNetwork]) {
    let small = try smallSize(), large = try largeSize(), tokens = tokenizer.length
    func superRes(_ component: String, _ unet: UNet2DModel) throws -> PipelineNetwork {
      PipelineNetwork(
        component: component, className: "UNet2DModel", configuration: unet.config,
        description: try unet.describe(height: large.height, width: large.width))
    }
    let text = PipelineNetwork(
      component: "text_encoder", className: "CLIPTextModelWithProjection", configuration: textEncoder.config,
      description: textEncoder.describe(tokens: tokens))
    let pictures = [
      PipelineNetwork(
        component: "text_proj", className: "UnCLIPTextProjModel", configuration: textProj.config,
        description: textProj.describe(tokens: tokens)),
      PipelineNetwork(
        component: "decoder", className: "UNet2DConditionModel", configuration: decoder.config,
        description: try decoder.describe(
          height: small.height, width: small.width, tokens: tokens + textProj.config.clipExtraContextTokens)),
      try superRes("super_res_first", superResFirst), try superRes("super_res_last", superResLast),
    ]
    return (text, pictures)
  }
}
