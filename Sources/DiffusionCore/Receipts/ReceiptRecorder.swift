/// Records a run as it proceeds: its noise, its steps in order, and its images at the end.
public struct ReceiptRecorder: Sendable {
  private let heading: ReceiptHeading
  private let scheduler: ReceiptScheduler
  private let settings: RunSettings
  private let initialNoise: ReceiptTensor
  private let picture: PictureRecord?
  private let initialSample: ReceiptTensor?
  private var steps: [ReceiptStep] = []

  /// Creates a recorder, starting with the noise.
  ///
  /// - Parameters:
  ///   - heading: The model.
  ///   - scheduler: The scheduler of the run.
  ///   - settings: The settings of the run, as in ``DenoisingRun/settings``.
  ///   - initialNoise: The initial noise, `[batch, channels, height, width]`.
  ///   - picture: The picture that the run starts from; nil for noise alone.
  ///   - initialSample: The picture with noise added, in the shape of the noise; nil for noise alone.
  public init(
    _ heading: ReceiptHeading, scheduler: ReceiptScheduler, settings: RunSettings, initialNoise: Tensor<Float>,
    picture: PictureRecord? = nil, initialSample: Tensor<Float>? = nil
  ) {
    (self.heading, self.scheduler, self.settings) = (heading, scheduler, settings)
    self.initialNoise = ReceiptTensor(initialNoise)
    self.picture = picture
    self.initialSample = picture == nil ? nil : initialSample.map(ReceiptTensor.init)
  }

  /// Records the next step.
  public mutating func record(_ step: DenoisingStep) { steps.append(ReceiptStep(step)) }

  /// The receipt of the run.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]` in [0, 1].
  ///   - pixels: The SHA-256 of the pixels of each image's file; nil if the receipt has none beside it.
  ///   - statistics: The SHA-256 of the file with the statistics of the steps; nil if the receipt has none beside it.
  /// - Throws: An `EncodingError` if the scheduler's configuration holds a number that JSON cannot represent.
  public func receipt(
    images: Tensor<Float>, pixels: [String]? = nil, statistics: String? = nil
  ) throws -> Receipt {
    try Receipt(
      computedBy: ReceiptComputer(settings, programVersion: heading.programVersion, machine: heading.machine),
      model: heading.model,
      scheduler: scheduler, settings: ReceiptSettings(settings), picture: picture,
      result: ReceiptResult(
        initialNoise: initialNoise, initialSample: initialSample, steps: steps,
        images: ReceiptResult.Images(images, pixels: pixels), statistics: statistics))
  }
}
