import DiffusionCore

/// Where a cursor is to go, on a schedule that may be any run's.
public enum CursorTarget: Sendable, Equatable {
  /// After so many steps.
  case step(Int)
  /// After the last step whose training timestep is this one or above it.
  case timestep(Float)
  /// After the last step.
  case last

  /// How many steps that is on a schedule.
  package func position(on schedule: [UpdateTerms]) -> Int {
    switch self {
    case .step(let count): min(max(0, count), schedule.count)
    case .timestep(let timestep): schedule.prefix { $0.timestep >= timestep }.count
    case .last: schedule.count
    }
  }
}
