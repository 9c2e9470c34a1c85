import DiffusionCore

/// The run on the screen and every step it has taken.
public struct ShownRun: Sendable, Equatable {
  /// The number that its ``Effect/start(run:_:)`` gave it.
  package let number: Int
  /// What was known of it before its first step.
  package let description: RunDescription
  /// The steps it has taken, in order.
  package private(set) var history: [ShownStep] = []

  /// A run before its first step.
  package init(number: Int, _ description: RunDescription) {
    self.number = number
    self.description = description
  }

  /// How many steps there are; the scheduler's own number.
  package var stepCount: Int { description.schedule.count }

  /// What was measured of x_T.
  package var noiseStatistics: TensorStatistics { description.noiseStatistics }

  /// How large its pictures are, in pixels; nil for tensors that are none.
  package var pictureSize: Size? {
    let shape = description.initialNoise.shape
    return shape.count == 4 ? Size(columns: shape[3], rows: shape[2]) : nil
  }

  /// Adds the next step.
  package mutating func append(_ step: ShownStep) {
    history.append(step)
  }

  /// The tensor of a view after `position` steps; nil where no step has made it yet.
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

  /// The statistics of a view after `position` steps; nil where no step has made it yet.
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

/// A completed step with what the screen says of it.
public struct ShownStep: Sendable, Equatable {
  /// The step.
  package let step: DenoisingStep
  /// The images that the run ends with, `[batch, height, width, channels]` in [0, 1]; nil before its last step.
  package let images: Tensor<Float>?
  /// What was measured of it.
  package let statistics: StepStatistics

  /// The step written out with its numbers.
  package let update: MeasuredUpdate

  /// Measures a step, which takes a while: not for the terminal's thread.
  ///
  /// - Parameters:
  ///   - images: The images that it ends with, `[batch, height, width, channels]` in [0, 1]; nil before the last step.
  public init(_ step: DenoisingStep, images: Tensor<Float>? = nil) {
    self.step = step
    update = MeasuredUpdate(step)
    statistics = StepStatistics(of: step, images: images)
    self.images = images
  }
}

/// What the screen says of the tensors of one step. Measured once, when the step arrives.
public struct StepStatistics: Sendable, Equatable {
  /// Of x_{t-1}, the sample that leaves the step.
  package let prevSample: TensorStatistics
  /// Of the predicted original sample.
  package let predOriginalSample: TensorStatistics
  /// Of the model output.
  package let modelOutput: TensorStatistics
  /// `np.abs(image).sum()` of the finished image in [0, 1]; nil before the last step.
  package let imageAbsoluteSum: Double?

  /// Measures a step, and the images that the last one ends with.
  package init(of step: DenoisingStep, images: Tensor<Float>?) {
    prevSample = TensorStatistics(of: step.prevSample)
    predOriginalSample = TensorStatistics(of: step.predOriginalSample)
    modelOutput = TensorStatistics(of: step.modelOutput)
    imageAbsoluteSum = images.map { TensorStatistics(of: $0, histogramBins: 0).absoluteSum }
  }
}
