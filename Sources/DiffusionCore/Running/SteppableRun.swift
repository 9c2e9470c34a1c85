/// A run that is advanced one step at a time: ``DenoisingRun``, or a substitute in tests.
public protocol SteppableRun {
  /// The settings of the run.
  var settings: RunSettings { get }
  /// The terms of every step, in order.
  var schedule: [UpdateTerms] { get }
  /// alpha-bar of every training timestep; empty where it is not known.
  var alphasCumprod: [Float] { get }
  /// The scheduler, as a receipt records it.
  var schedulerRecord: ReceiptScheduler { get }
  /// The short name of the model's own scheduler where another one replaces it by default.
  var exchangedScheduler: String? { get }
  /// A line for each doubtful place in the model's files.
  var warnings: [String] { get }
  /// A line for each setting that was given and changes nothing in it.
  var idleSettings: [String] { get }
  /// Why schedulers are not made for its model, by their short names; see ``SchedulerSource/unsuited``.
  var unsuitedSchedulers: [String: String] { get }
  /// The initial noise, `[batch, channels, height, width]`.
  var initialNoise: Tensor<Float> { get }
  /// The start of the first step: the noise, scaled as the scheduler requires, or a picture with noise added.
  var initialSample: Tensor<Float> { get }
  /// The picture that the run starts from; nil for noise alone.
  var picture: PictureRecord? { get }
  /// The number of completed steps.
  var completedSteps: Int { get }
  /// Takes the next step; if `progress` throws, the run is left unchanged.
  mutating func step(progress: ForwardProgressHandler?) throws -> DenoisingStep
  /// Takes over the steps before a branch, which another run with the same settings up to there has computed.
  ///
  /// - Returns: Whether the run has taken them over; it may do so only before its first step.
  mutating func skip(_ steps: [DenoisingStep]) -> Bool
  /// Whether its samples are latents.
  var samplesAreLatents: Bool { get }
  /// What its samples are if they are latents; nil if they are images.
  var latents: LatentFormat? { get }
  /// Its prompts as the tokenizer cut them; empty for a model that takes none.
  var tokenizedPrompts: [TokenizedPrompt] { get }
  /// The class of each of its images; empty for a model without classes.
  var imageClasses: [ImageClass] { get }
  /// The stages that its steps belong to, in their order; empty for a run of one stage.
  var stages: [StageSteps] { get }
  /// How much each pixel of a step's first image attends to each token of its prompt; nil for a model that attends to
  /// none. `progress` is called before each block of the model and may throw to stop.
  func textAttention(of step: DenoisingStep, progress: ForwardProgressHandler?) throws -> TextAttention?
  /// The images of one of its samples, `[batch, height, width, channels]` in [0, 1].
  func images(of sample: Tensor<Float>) throws -> Tensor<Float>
  /// The images of one of its samples, as ``images(of:)``; `progress` is called before each block of a decoder and may
  /// throw to stop it.
  func images(of sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> Tensor<Float>
  /// Decodes one of its samples again to find the first layer of the decoder whose output is not finite; nil if there
  /// is none, or no decoder. `progress` is called as for ``images(of:progress:)``.
  func firstNonFiniteLayer(decoding sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> NonFiniteLayer?
}

extension SteppableRun {
  /// Without a report.
  public func images(of sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try images(of: sample)
  }
  /// Nil: there is no decoder.
  public func firstNonFiniteLayer(
    decoding sample: Tensor<Float>, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? { nil }

  /// The layer of the decoder that made the first NaN of images; nil if they are finite, or their sample is not.
  ///
  /// - Parameters:
  ///   - images: The images of `sample`.
  ///   - sample: One of the run's samples.
  ///   - progress: As for ``images(of:progress:)``; it is called only if the decoder must run again.
  /// - Throws: What `progress` throws.
  package func nonFiniteLayer(
    behind images: Tensor<Float>, of sample: Tensor<Float>, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? {
    func isFinite(_ tensor: Tensor<Float>) -> Bool { tensor.scalars.allSatisfy(\.isFinite) }
    guard !isFinite(images), isFinite(sample) else { return nil }
    return try firstNonFiniteLayer(decoding: sample, progress: progress)
  }

  /// Nil: it attends to none.
  public func textAttention(of step: DenoisingStep, progress: ForwardProgressHandler?) throws -> TextAttention? { nil }
  /// Empty: not known.
  public var alphasCumprod: [Float] { [] }
  /// Nil: none.
  public var exchangedScheduler: String? { nil }
  /// Nil: noise alone.
  public var picture: PictureRecord? { nil }
  /// As ``latents`` says.
  public var samplesAreLatents: Bool { latents != nil }
  /// Nil: images.
  public var latents: LatentFormat? { nil }
  /// Empty: one stage.
  public var stages: [StageSteps] { [] }
  /// Empty: the model takes none.
  public var tokenizedPrompts: [TokenizedPrompt] { [] }
  /// Empty: the model has no classes.
  public var imageClasses: [ImageClass] { [] }
  /// Empty: none.
  public var warnings: [String] { [] }
  /// Empty: not known.
  public var idleSettings: [String] { [] }
  /// Empty: not known.
  public var unsuitedSchedulers: [String: String] { [:] }
  /// False: every step is computed.
  public mutating func skip(_ steps: [DenoisingStep]) -> Bool { false }
}

/// Creates runs and takes their steps. It is not shared: only one thread at a time uses it.
public protocol DenoisingEngine {
  /// Creates a run of a model, up to its initial noise. It may take long.
  mutating func makeRun(_ request: RunRequest) throws -> any SteppableRun

  /// Creates a run as ``makeRun(_:)``, and reports on the opening of its model.
  ///
  /// - Parameters:
  ///   - request: The model and the settings.
  ///   - progress: Called before each tensor of a model that has to be opened; may throw to stop.
  mutating func makeRun(
    _ request: RunRequest, progress: @escaping OpeningProgressHandler
  ) throws -> any SteppableRun

  /// The runs, by index, that take their next step together; each is in exactly one pass.
  func passes(of runs: [any SteppableRun]) -> [[Int]]

  /// Takes the next step of the runs of one pass.
  ///
  /// - Parameters:
  ///   - runs: The runs. One that fails or is stopped is left unchanged.
  ///   - progress: Called before each block of the model; may throw to stop.
  /// - Returns: For each run its step, or its error: what `progress` threw, or the failure of that run alone.
  mutating func step(
    _ runs: inout [any SteppableRun], progress: @escaping ForwardProgressHandler
  ) -> [Result<DenoisingStep, any Error>]
}

extension DenoisingEngine {
  /// Without a report.
  public mutating func makeRun(
    _ request: RunRequest, progress: @escaping OpeningProgressHandler
  ) throws -> any SteppableRun {
    try makeRun(request)
  }

  /// Each run by itself.
  public func passes(of runs: [any SteppableRun]) -> [[Int]] { runs.indices.map { [$0] } }

  /// One run after the other.
  public mutating func step(
    _ runs: inout [any SteppableRun], progress: @escaping ForwardProgressHandler
  ) -> [Result<DenoisingStep, any Error>] {
    runs.indices.map { index in Result { try runs[index].step(progress: progress) } }
  }
}
