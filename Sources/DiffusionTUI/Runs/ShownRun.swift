import DiffusionCore

/// The run on the screen, with every step it has taken.
public struct ShownRun: Sendable, Equatable {
  /// The number from its ``Effect/start(run:_:)``.
  package let number: Int
  /// What was known about it before its first step.
  package let description: RunDescription
  /// The steps it has taken, in order.
  package private(set) var history: [ShownStep] = []
  /// Its latents that are decoded.
  private var decoded = DecodedImages()

  /// Creates a run before its first step.
  package init(number: Int, _ description: RunDescription) {
    self.number = number
    self.description = description
  }

  /// The number of steps, as the scheduler counts them.
  package var stepCount: Int { description.schedule.count }

  /// The statistics of x_T.
  package var noiseStatistics: TensorStatistics { description.noiseStatistics }

  /// The size of its largest pictures in pixels, for which a screen is laid out: of latents that of the decoded image.
  /// Nil for tensors that are not images.
  package var layoutSize: Size? {
    let scale = description.latents?.scale ?? 1
    return tensorSize.map { Size(columns: $0.columns * scale, rows: $0.rows * scale) }
  }

  /// The size of its tensors in elements across and down, with stages that of the last; nil for those that are not
  /// images.
  package var tensorSize: Size? {
    if let shape = description.stages.last?.sampleShape {
      return shape.count == 3 ? Size(columns: shape[2], rows: shape[1]) : nil
    }
    return Self.size(of: description.initialNoise)
  }

  /// The size of a view's tensor after some steps, which differs from stage to stage; ``tensorSize`` where none is an
  /// image.
  package func tensorSize(_ view: TensorView, at position: Int) -> Size? {
    guard !description.stages.isEmpty else { return tensorSize }
    return tensor(view, at: position).flatMap(Self.size(of:)) ?? tensorSize
  }

  private static func size(of tensor: Tensor<Float>) -> Size? {
    let shape = tensor.shape
    return shape.count == 4 ? Size(columns: shape[3], rows: shape[2]) : nil
  }

  /// Adds the next step.
  package mutating func append(_ step: ShownStep) {
    history.append(step)
  }

  /// The tensor of a view after `position` steps; nil if no step has made it yet.
  package func tensor(_ view: TensorView, at position: Int) -> Tensor<Float>? {
    guard position > 0 else { return view == .sample ? description.initialSample : nil }
    guard position <= history.count else { return nil }
    let step = history[position - 1].step
    switch view {
    case .sample: return step.prevSample
    case .predOriginalSample: return step.predOriginalSample
    case .modelOutput: return step.modelOutput
    }
  }

  /// The statistics of a view after `position` steps; nil if no step has made it yet.
  package func statistics(_ view: TensorView, at position: Int) -> TensorStatistics? {
    guard position > 0 else { return view == .sample ? noiseStatistics : nil }
    guard position <= history.count else { return nil }
    let statistics = history[position - 1].statistics
    switch view {
    case .sample: return statistics.prevSample
    case .predOriginalSample: return statistics.predOriginalSample
    case .modelOutput: return statistics.modelOutput
    }
  }

  /// The request that decodes a view after some steps; nil for what no decoder takes, and what is not there yet.
  package func decodeRequest(_ view: TensorView, at position: Int) -> DecodeRequest? {
    guard description.latents != nil, view != .modelOutput, tensor(view, at: position) != nil else { return nil }
    return DecodeRequest(run: number, view: view, position: position)
  }

  /// The request that decodes the last sample.
  package var lastRequest: DecodeRequest { DecodeRequest(run: number, view: .sample, position: stepCount) }

  /// Whether all steps are taken and the last latents are not decoded.
  package var awaitsImages: Bool {
    description.latents != nil && history.count == stepCount && history.last?.images == nil
  }

  /// The decoded image of a view after some steps; nil if there is none.
  package func decodedImage(_ view: TensorView, at position: Int) -> DecodedImage? {
    description.latents == nil ? nil : decoded[DecodeRequest(run: number, view: view, position: position)]
  }

  /// Keeps a decoded image. That of the last sample is the run's result.
  package mutating func keep(_ image: DecodedImage, of request: DecodeRequest) {
    decoded.keep(image, of: request, lasting: lastRequest)
    if request == lastRequest, history.count == stepCount { history[stepCount - 1].take(image) }
  }

  /// What the picture of a view shows after `position` steps; nil if no step has made it yet. Latents are shown as
  /// decoded if they are, or else as a linear preview. The model output, and one channel alone, are shown as they are.
  package func pictured(_ view: TensorView, at position: Int, channel: Int?) -> PicturedTensor? {
    guard let tensor = tensor(view, at: position) else { return nil }
    let pictured = view == .modelOutput ? PicturedTensor(tensor: tensor, source: .values) : previewed(tensor, channel)
    guard pictured.source == .linearPreview, let image = decodedImage(view, at: position) else { return pictured }
    return PicturedTensor(tensor: image.planes, source: .decoded)
  }

  /// Latents as a linear preview; other samples, and one channel alone, as they are.
  package func previewed(_ sample: Tensor<Float>, _ channel: Int?) -> PicturedTensor {
    let hasChannel = channel.map { sample.shape.count == 4 && $0 < sample.shape[1] } ?? false
    guard let latents = description.latents, !hasChannel, sample.shape.count == 4,
      latents.factors.count == sample.shape[1]
    else { return PicturedTensor(tensor: sample, source: .values) }
    return PicturedTensor(tensor: latents.preview(sample), source: .linearPreview)
  }

  /// The standard deviation of x_t after 0, 1, 2 ... steps.
  package var sampleStd: [Double] { [noiseStatistics.std] + history.map(\.statistics.prevSample.std) }
}

/// A completed step with its statistics for the screen.
public struct ShownStep: Sendable, Equatable {
  /// The step.
  package let step: DenoisingStep
  /// The final images of the run, `[batch, height, width, channels]` in [0, 1]; nil before its last step, and until
  /// its latents are decoded.
  package private(set) var images: Tensor<Float>?
  /// The statistics of the step.
  package private(set) var statistics: StepStatistics

  /// The update of the step with its numbers.
  package let update: MeasuredUpdate

  /// Measures a step, which takes a while: do not call it on the terminal's thread.
  ///
  /// - Parameters:
  ///   - images: The final images, `[batch, height, width, channels]` in [0, 1]; nil where there are none yet.
  public init(_ step: DenoisingStep, images: Tensor<Float>? = nil) {
    self.step = step
    update = MeasuredUpdate(step)
    statistics = StepStatistics(of: step, images: images)
    self.images = images
  }

  /// Adds the final images, where they are decoded after the last step.
  mutating func take(_ image: DecodedImage) {
    images = image.images
    statistics.take(image.statistics)
  }
}

/// The statistics of one step's tensors. They are measured once, when the step arrives.
public struct StepStatistics: Sendable, Equatable {
  /// The statistics of x_{t-1}, the sample after the step.
  package let prevSample: TensorStatistics
  /// The statistics of the predicted original sample.
  package let predOriginalSample: TensorStatistics
  /// The statistics of the model output.
  package let modelOutput: TensorStatistics
  /// `np.abs(image).sum()` of the finished image in [0, 1]; nil until there is one.
  package private(set) var imageAbsoluteSum: Double?
  /// The SHA-256 of the finished image in [0, 1], as `generate` prints it; nil until there is one.
  package private(set) var imageSHA256: String?

  /// Measures a step, and the final images if it is the last one.
  package init(of step: DenoisingStep, images: Tensor<Float>?) {
    prevSample = TensorStatistics(of: step.prevSample)
    predOriginalSample = TensorStatistics(of: step.predOriginalSample)
    modelOutput = TensorStatistics(of: step.modelOutput)
    let image = images.map { TensorStatistics(of: $0, histogramBins: 0) }
    (imageAbsoluteSum, imageSHA256) = (image?.absoluteSum, image?.sha256)
  }

  /// Adds those of the final images.
  fileprivate mutating func take(_ image: TensorStatistics) {
    (imageAbsoluteSum, imageSHA256) = (image.absoluteSum, image.sha256)
  }
}
