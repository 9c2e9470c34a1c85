/// The networks of a pipeline, all on one device: the one that predicts, and those around it.
///
/// A run asks it once, at its start, for what it needs beside the predictions: the shape of its samples
/// (``sampleShape(of:)``), how they become images (``format``), and what its prompts tell the network
/// (``conditioning(of:)``). Everything behind that is the model's own: how many text encoders there are, what they add
/// to the conditioning, and which networks a stage uses.
package protocol PipelineModel: AnyObject, DenoisingModel {
  /// The device that it computes on.
  var device: Device { get }
  /// The number of threads that it computes with.
  var threads: Int { get }
  /// The precision that its weights were rounded to.
  var weights: WeightPrecision { get }
  /// Lines about its files: tensors left out or rounded from F64, keys of a vocabulary that occur again.
  var fileNotes: [String] { get }
  /// What its samples are.
  var format: any SampleFormat { get }
  /// The class of the network that predicts.
  var className: String { get }

  /// The model on the settings' device, with their threads and weights; itself if it already is.
  ///
  /// - Parameters:
  ///   - settings: The settings of a run.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: As the models' initialisers.
  func on(_ settings: RunSettings, progress: OpeningProgressHandler?) throws -> Self

  /// The settings with the model's own values where they leave the choice to it.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a setting that the model has no use for.
  func resolved(_ settings: RunSettings) throws -> RunSettings

  /// The shape of the samples of one image, `[channels, height, width]`; `[features]` where the first stage makes an
  /// embedding.
  ///
  /// - Throws: ``DiffusionError``: `usage` for a height or width that the model cannot make, `badData` if the
  ///   configuration has no size.
  func sampleShape(of settings: RunSettings) throws -> [Int]

  /// What the settings' prompts tell the network.
  ///
  /// - Parameter settings: Resolved settings.
  /// - Throws: ``DiffusionError``.
  func conditioning(of settings: RunSettings) throws -> RunConditioning

  /// Whether it reads sizes, crops and scores, and may have a refiner.
  var takesSizes: Bool { get }

  /// Whether a picture tells it what to make: its runs begin with noise, and need one.
  var showsPicture: Bool { get }

  /// What a picture and the settings' prompts tell the network, where ``showsPicture`` is true.
  ///
  /// - Parameters:
  ///   - settings: Resolved settings.
  ///   - picture: The picture.
  /// - Throws: ``DiffusionError``.
  func conditioning(of settings: RunSettings, showing picture: SourcePicture) throws -> RunConditioning

  /// The name of the first of its stages; nil for a model of one stage.
  var firstStage: String? { get }

  /// The number of inference steps of its first stage.
  ///
  /// - Parameter settings: Resolved settings.
  func firstSteps(of settings: RunSettings) -> Int

  /// The stages behind the first, in their order; none for most models.
  ///
  /// - Parameters:
  ///   - settings: Resolved settings.
  ///   - first: The conditioning of the first stage.
  /// - Throws: ``DiffusionError``.
  func stages(of settings: RunSettings, after first: RunConditioning) throws -> [RunStage]

  /// For each of its stages, the settings that it is the last to read: a branch in a later one cannot change them.
  var stageSettings: [[Setting]] { get }

  /// The memory of a run beside the model, in bytes.
  ///
  /// - Parameters:
  ///   - settings: Resolved settings.
  ///   - keptSteps: The number of steps whose tensors are kept.
  /// - Throws: As ``sampleShape(of:)``.
  func memory(of settings: RunSettings, keptSteps: Int) throws -> Int

  /// Its networks, the one that predicts first.
  ///
  /// - Parameter settings: The height and width count; without them, the size that the model was trained on.
  /// - Throws: ``DiffusionError`` (`usage`) for a size that the model cannot make.
  func networks(of settings: RunSettings) throws -> [PipelineNetwork]

  /// An input of noise, for measurements.
  ///
  /// - Parameter settings: The number of images, the height and the width count; without the last two, the size that
  ///   the model was trained on.
  /// - Throws: As ``networks(of:)``.
  func exampleInput(of settings: RunSettings) throws -> ModelInput

  /// Predicts, with a profiler of the layers.
  func predict(_ input: ModelInput, profiler: LayerProfiler, progress: ForwardProgressHandler?) throws -> Tensor<Float>
}

/// A network of a pipeline, as reports show it.
package struct PipelineNetwork: Sendable {
  /// Its name in `model_index.json`: `unet`.
  package let component: String
  /// Its class in Diffusers or Transformers.
  package let className: String
  /// Its configuration, whose properties are its options.
  package let configuration: any Sendable
  /// Its layers, in the order they run, for one image.
  package let description: ModelDescription
}

/// What a run tells the network beside the sample: its prompts or classes, and how far to follow them.
package struct RunConditioning: Sendable, Equatable {
  /// With the prompts, for each image of the run.
  package var conditional = ModelInput.Conditioning()
  /// How its predictions are guided; nil for the conditional ones as they are.
  package var guidance: Guidance?
  /// The prompts as the tokenizer cut them, then a negative prompt that counts.
  package var prompts: [TokenizedPrompt] = []
  /// The class of each image; empty for a model without classes.
  package var classes: [ImageClass] = []
  /// Whether noise is the first sample as it is drawn, and a step starts from the sample that the scheduler scaled for
  /// the model (`DiTPipeline`, with schedulers over sigmas).
  package var stepsFromModelInput = false

  /// Creates a conditioning; none by default.
  package init(
    _ conditional: ModelInput.Conditioning = ModelInput.Conditioning(), guidance: Guidance? = nil,
    prompts: [TokenizedPrompt] = [], classes: [ImageClass] = [], stepsFromModelInput: Bool = false
  ) {
    (self.conditional, self.guidance, self.prompts) = (conditional, guidance, prompts)
    (self.classes, self.stepsFromModelInput) = (classes, stepsFromModelInput)
  }
}

extension PipelineModel {
  package var takesSizes: Bool { false }

  package var showsPicture: Bool { false }

  package func conditioning(of settings: RunSettings, showing picture: SourcePicture) throws -> RunConditioning {
    try conditioning(of: settings)
  }

  package var firstStage: String? { nil }

  package func firstSteps(of settings: RunSettings) -> Int { settings.steps }

  package func stages(of settings: RunSettings, after first: RunConditioning) throws -> [RunStage] { [] }

  package var stageSettings: [[Setting]] { [] }

  /// Refuses a branch that changes what only stages in front of it read.
  ///
  /// - Parameters:
  ///   - branch: The branch.
  ///   - stages: The stages of its run; none for a run of one stage.
  /// - Throws: ``DiffusionError`` (`usage`) that names the setting and the stage.
  func check(_ branch: RunBranch, in stages: [StageSteps]) throws {
    guard let number = stages.firstIndex(where: { $0.steps.contains(branch.step) }) else { return }
    for (stage, settings) in zip(stages, stageSettings).prefix(number) {
      guard let found = settings.first(where: { branch.changes[$0.name] != nil }) else { continue }
      throw DiffusionError(
        .usage,
        "branch at step \(branch.step): \(found.name) is for the \(stage.name), which ends with step "
          + "\(stage.steps.upperBound): leave it out, or branch before that")
    }
  }

  /// The settings with the model's own values, without any that is for stages which the model does not have.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a setting that the model has no use for.
  func accepted(_ settings: RunSettings) throws -> RunSettings {
    if firstStage == nil { try settings.refuseStages() }
    if !takesSizes { try settings.refuseSizes() }
    return try resolved(settings)
  }

  /// Whether it matches the settings.
  func suits(_ settings: RunSettings) -> Bool {
    device == settings.device && threads == settings.threads && weights == settings.weights
  }
}
