import DiffusionCore

/// Where two runs diverge, and how far: the first step after which their samples x_t are not bit-identical, and the
/// distance after each step. Found incrementally, so that each new step costs one comparison.
public struct Divergence: Sendable, Equatable {
  private let reference, other: Int
  /// Whether differences are measured, not only found.
  private let measures: Bool
  /// The distances after 0, 1, 2 ... steps.
  package private(set) var distances: [SampleDistance] = []
  /// The number of steps after which they first differ, 0 for the noise; nil if they have not diverged.
  package private(set) var first: Int?

  /// Compares two runs, starting from their noise.
  ///
  /// - Parameters:
  ///   - reference: The run that the other one is compared with.
  ///   - other: The other run.
  ///   - measures: Whether differences are measured, not only found.
  package init(reference: ShownRun, other: ShownRun, measures: Bool = true) {
    (self.reference, self.other, self.measures) = (reference.number, other.number, measures)
    update(reference: reference, other: other)
  }

  /// The comparison of two runs: this one continued, or a new one if it is of different runs.
  ///
  /// - Parameter shown: A comparison of what the runs show, which is not computed again if it is of their samples.
  package func updated(reference: ShownRun, other: ShownRun, shown: PaneComparison? = nil) -> Divergence {
    guard reference.number == self.reference, other.number == self.other else {
      return Divergence(reference: reference, other: other)
    }
    var divergence = self
    divergence.update(reference: reference, other: other, shown: shown)
    return divergence
  }

  /// The largest difference of two values after 0, 1, 2 ... steps; NaN where shapes differ, or where it is not
  /// measured.
  package var largest: [Double] { distances.map(\.largest) }

  /// The number of steps at which both are bit-identical, not counting the noise; nil once they have diverged.
  package var equalSteps: Int? { first == nil ? distances.count - 1 : nil }

  private mutating func update(reference: ShownRun, other: ShownRun, shown: PaneComparison? = nil) {
    let count = min(reference.history.count, other.history.count) + 1
    while distances.count < count {
      let step = distances.count
      let isEqual = reference.statistics(.sample, at: step)?.sha256 == other.statistics(.sample, at: step)?.sha256
      if !isEqual, first == nil { first = step }
      let known = shown.flatMap { $0.isOfSamples(after: step) ? $0.metrics : nil }.map(SampleDistance.init)
      distances.append(
        isEqual ? .none : !measures ? .unknown : known ?? SampleDistance(reference, other, after: step))
    }
  }
}

/// How far the sample of a run is from that of another after a step.
package struct SampleDistance: Sendable, Equatable {
  /// The largest difference of two values, and the root of the mean squared difference.
  package var largest, rootMeanSquareError: Double
  /// The least power of two that more than half of the values differ by less than, in units in the last place, as its
  /// exponent: 0 where they are equal.
  package var ulpExponent: Double
  /// The share of values whose bits are equal, in percent.
  package var equalPercent: Double

  /// Of equal samples.
  static let none = SampleDistance(largest: 0, rootMeanSquareError: 0, ulpExponent: 0, equalPercent: 100)
  /// Of samples that are not compared.
  static let unknown = SampleDistance(
    largest: .nan, rootMeanSquareError: .nan, ulpExponent: .nan, equalPercent: .nan)
}

extension SampleDistance {
  /// Compares the samples of two runs; unknown where shapes differ.
  fileprivate init(_ reference: ShownRun, _ other: ShownRun, after step: Int) {
    guard let left = reference.tensor(.sample, at: step), let right = other.tensor(.sample, at: step),
      let comparison = try? TensorComparison(reference: left, other: right)
    else {
      self = .unknown
      return
    }
    self.init(comparison)
  }

  fileprivate init(_ comparison: TensorComparison) {
    largest = comparison.maximumAbsoluteDifference
    rootMeanSquareError = comparison.rootMeanSquareError
    ulpExponent = comparison.medianDistanceExponent.map(Double.init) ?? .nan
    equalPercent = 100 * comparison.shareOfEqualElements
  }
}

/// What the plot of differences over the steps shows.
public enum DifferenceMeasure: Sendable, Equatable, CaseIterable {
  case largest, rootMeanSquareError, ulps, equal

  /// Its name in a sentence.
  package var label: String {
    switch self {
    case .largest: "the largest difference"
    case .rootMeanSquareError: "the RMSE"
    case .ulps: "the distance in ulps"
    case .equal: "the share of equal values"
    }
  }

  /// What the plot shows of each run, against a reference.
  ///
  /// - Parameter reference: The reference's name: `run 1`.
  package func subject(against reference: String) -> String {
    switch self {
    case .largest: "largest difference of x_t from \(reference)"
    case .rootMeanSquareError: "RMSE of x_t from \(reference)"
    case .ulps: "median ulps of x_t from \(reference), log2"
    case .equal: "% of x_t with the bits of \(reference)"
    }
  }

  /// The name of a curve in the legend.
  package var curve: String {
    switch self {
    case .largest: "max|d|"
    case .rootMeanSquareError: "RMSE"
    case .ulps: "log2 ulp"
    case .equal: "% equal"
    }
  }

  /// Its value.
  package func callAsFunction(_ distance: SampleDistance) -> Double {
    switch self {
    case .largest: distance.largest
    case .rootMeanSquareError: distance.rootMeanSquareError
    case .ulps: distance.ulpExponent
    case .equal: distance.equalPercent
    }
  }

  /// The next one, in turn.
  var next: DifferenceMeasure {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}
