/// One run on a schedule plot.
package struct ScheduleRun: Sendable, Equatable {
  /// What the plot calls it, such as a seed.
  package let label: String
  /// Its timesteps in the order in which they are taken.
  package let timesteps: [Int]
  /// The step that it stands at, an index of `timesteps`; nil before the first.
  package let current: Int?
  /// How it looks.
  package let role: ThemeRole

  /// alpha-bar of the step that it stands at, on its own model's schedule; nil to take it from the curve.
  package let alphaCumprod: Double?

  package init(label: String, timesteps: [Int], current: Int?, role: ThemeRole, alphaCumprod: Double? = nil) {
    self.alphaCumprod = alphaCumprod
    self.label = label
    self.timesteps = timesteps
    self.current = current
    self.role = role
  }

  /// The timestep that it stands at.
  package var timestep: Int? {
    current.flatMap { timesteps.indices.contains($0) ? timesteps[$0] : nil }
  }

  /// `16/32`: steps taken, of how many.
  package var progress: String { "\(min(timesteps.count, (current ?? -1) + 1))/\(timesteps.count)" }
}
