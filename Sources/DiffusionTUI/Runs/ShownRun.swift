import DiffusionCore

/// The run on the screen, with every step it has taken.
public struct ShownRun: Sendable, Equatable {
  /// The number from its ``Effect/start(run:_:)``.
  package let number: Int
  /// What was known about it before its first step.
  package let description: RunDescription
  /// The steps it has taken, in order.
  package private(set) var history: [ShownStep] = []

  /// Creates a run before its first step.
  package init(number: Int, _ description: RunDescription) {
    self.number = number
    self.description = description
  }

  /// The number of steps, as the scheduler counts them.
  package var stepCount: Int { description.schedule.count }

  /// The statistics of x_T.
  package var noiseStatistics: TensorStatistics { description.noiseStatistics }

  /// The size of its pictures in pixels; nil for tensors that are not images.
  package var pictureSize: Size? {
    let shape = description.initialNoise.shape
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

  /// The standard deviation of x_t after 0, 1, 2 ... steps.
  package var sampleStd: [Double] { [noiseStatistics.std] + history.map(\.statistics.prevSample.std) }
}

/// A completed step with its statistics for the screen.
public struct ShownStep: Sendable, Equatable {
  /// The step.
  package let step: DenoisingStep
  /// The final images of the run, `[batch, height, width, channels]` in [0, 1]; nil before its last step.
  package let images: Tensor<Float>?
  /// The statistics of the step.
  package let statistics: StepStatistics

  /// The update of the step with its numbers.
  package let update: MeasuredUpdate

  /// Measures a step, which takes a while: do not call it on the terminal's thread.
  ///
  /// - Parameters:
  ///   - images: The final images, `[batch, height, width, channels]` in [0, 1]; nil before the last step.
  public init(_ step: DenoisingStep, images: Tensor<Float>? = nil) {
    self.step = step
    update = MeasuredUpdate(step)
    statistics = StepStatistics(of: step, images: images)
    self.images = images
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
  /// `np.abs(image).sum()` of the finished image in [0, 1]; nil before the last step.
  package let imageAbsoluteSum: Double?
  /// The SHA-256 of the finished image in [0, 1], as `generate` prints it; nil before the last step.
  package let imageSHA256: String?

  /// Measures a step, and the final images if it is the last one.
  package init(of step: DenoisingStep, images: Tensor<Float>?) {
    prevSample = TensorStatistics(of: step.prevSample)
    predOriginalSample = TensorStatistics(of: step.predOriginalSample)
    modelOutput = TensorStatistics(of: step.modelOutput)
    let image = images.map { TensorStatistics(of: $0, histogramBins: 0) }
    (imageAbsoluteSum, imageSHA256) = (image?.absoluteSum, image?.sha256)
  }
}
