import DiffusionCore

/// A run that is walked one step at a time: ``DiffusionCore/DenoisingRun``, or a stand-in in tests.
public protocol SteppableRun {
  /// What it runs with.
  var settings: RunSettings { get }
  /// Every step's place on the schedule, in order.
  var schedule: [SchedulePoint] { get }
  /// The noise it starts from, `[batch, channels, height, width]`.
  var initialNoise: Tensor<Float> { get }
  /// How many steps are done.
  var completedSteps: Int { get }
  /// Takes the next step; a throwing `progress` leaves the run as it was before.
  mutating func step(progress: ForwardProgressHandler?) throws -> DenoisingStep
}

extension DenoisingRun: SteppableRun {}

/// What makes runs. Belongs to one ``DenoisingSession``.
public protocol DenoisingEngine {
  /// Makes a run at its noise. May take long, and throws what keeps it from being made.
  mutating func makeRun(_ settings: RunSettings) throws -> any SteppableRun
}
