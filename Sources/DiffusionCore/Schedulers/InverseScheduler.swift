/// A scheduler that takes an image to its noise: its timesteps rise, and a run from a picture begins with the picture
/// itself (`inverse_scheduler` of `StableDiffusionDiffEditPipeline`).
///
/// Its ``Scheduler/start(at:)`` cuts the timesteps above a noise level, and its ``Scheduler/noiseLevel(at:)`` also
/// knows the level that the last step leads to, by the number of steps.
public protocol InverseScheduler: Scheduler {
  /// The class in Diffusers whose steps it takes in the other direction.
  static var reversedClass: String { get }
}

extension InverseScheduler {
  /// Refuses an empty schedule.
  ///
  /// - Parameter timestep: Where the schedule was cut.
  static func requireSteps(_ timesteps: [Float], above timestep: Float) throws {
    guard timesteps.isEmpty else { return }
    throw DiffusionError(
      .usage,
      "\(className) has no timestep above \(timestep.wholeText): begin it at an earlier one, or ask for more steps")
  }
}

extension SchedulerClass {
  /// The class that takes a picture to the noise that this one goes back from: its own inverse, or that of DDIM.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a class that goes to the noise itself.
  func inverse() throws -> SchedulerClass {
    guard reversedClass == nil else {
      throw DiffusionError(
        .usage,
        "invert goes to the noise and back, and scheduler \(shortName) goes to the noise only: leave out invert, or "
          + "choose the scheduler to go back with")
    }
    return Self.all.first { $0.reversedClass == className } ?? SchedulerClass(DDIMInverseScheduler.self)
  }
}
