extension DDIMScheduler {
  /// Where each step of a run stands, in order.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) before ``setTimesteps(_:)``, or for a timestep outside the schedule.
  package func schedulePoints(eta: Float) throws -> [SchedulePoint] {
    try timesteps.map { timestep in
      SchedulePoint(
        timestep: timestep, alphaCumprod: try alphaCumprod(at: timestep),
        alphaCumprodPrev: try alphaCumprodPrev(of: timestep),
        sigma: eta == 0 ? 0 : try coefficients(timestep: timestep, eta: eta).sigma)
    }
  }
}
