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
