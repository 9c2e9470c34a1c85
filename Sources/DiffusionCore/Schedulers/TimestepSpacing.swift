/// How the timesteps of a run are chosen from the training timesteps (`timestep_spacing` of `diffusers.DDIMScheduler`;
/// table 2 of Lin et al. 2023, arXiv 2305.08891).
public enum TimestepSpacing: String, Sendable, Hashable, CaseIterable, Codable {
  /// Multiples of `numTrainTimesteps / steps` rounded down, from 0, plus `stepsOffset`.
  case leading
  /// Counted down from `numTrainTimesteps - 1` by `numTrainTimesteps / steps`, rounded at the end.
  case trailing
  /// Evenly spaced from 0 to `numTrainTimesteps - 1`, both included.
  case linspace
}

extension TimestepSpacing {
  /// The timesteps of a run, in the order they are taken (`DDIMScheduler.set_timesteps`).
  ///
  /// `trailing` counts as `numpy.arange` does, whose length comes from a rounded quotient: of the 1000 step counts for
  /// 1000 training timesteps, 62 (61, 103, 121, ...) give one timestep more than requested, a last one of -1.
  ///
  /// - Parameters:
  ///   - steps: The number of inference steps requested, 1 to `trainTimesteps`.
  ///   - trainTimesteps: The number of training timesteps.
  ///   - stepsOffset: Added to each timestep, for `leading` only.
  func timesteps(_ steps: Int, of trainTimesteps: Int, stepsOffset: Int) -> [Int] {
    switch self {
    case .leading:
      let ratio = trainTimesteps / steps
      return (0..<steps).reversed().map { $0 * ratio + stepsOffset }
    case .trailing:
      return Self.trailingTimesteps(steps, of: trainTimesteps)
    case .linspace:
      let last = Double(trainTimesteps - 1)
      // A single point is the start of the interval: numpy never reaches its end.
      guard steps > 1 else { return [0] }
      let stride = last / Double(steps - 1)
      return (0..<steps).reversed().map { index in
        let value = index == steps - 1 ? last : Double(index) * stride
        return Int(value.rounded(.toNearestOrEven))
      }
    }
  }

  private static func trailingTimesteps(_ steps: Int, of trainTimesteps: Int) -> [Int] {
    let start = Double(trainTimesteps)
    let ratio = start / Double(steps)
    let count = Int((start / ratio).rounded(.up))
    // numpy.arange multiplies by the difference of its first two elements, not by the step it was given.
    let stride = (start - ratio) - start
    return (0..<count).map { Int((start + Double($0) * stride).rounded(.toNearestOrEven)) - 1 }
  }
}
