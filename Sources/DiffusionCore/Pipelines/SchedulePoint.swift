/// Where a step stands on the schedule.
public struct SchedulePoint: Sendable, Equatable {
  /// The training timestep, from `numTrainTimesteps - 1` (noise) down to 0.
  public let timestep: Int
  /// The cumulative product of 1 - beta there, 1 (image) to 0 (noise).
  public let alphaCumprod: Float
  /// The same product where the step leads to; not always that of the next point, and 1 or the first timestep's after the last.
  public let alphaCumprodPrev: Float
  /// The standard deviation of the noise that the step adds, by its eta; 0 when eta is 0.
  public let sigma: Float

  /// Describes a point on the schedule, by default one whose step leads to the image.
  public init(timestep: Int, alphaCumprod: Float, alphaCumprodPrev: Float = 1, sigma: Float) {
    self.timestep = timestep
    self.alphaCumprod = alphaCumprod
    self.alphaCumprodPrev = alphaCumprodPrev
    self.sigma = sigma
  }
}
