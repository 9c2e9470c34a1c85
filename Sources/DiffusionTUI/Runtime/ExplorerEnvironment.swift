import DiffusionCore

/// What an explorer takes from the world: time, chance and an engine.
public struct ExplorerEnvironment: Sendable {
  /// The time since some fixed moment; never goes back.
  public let now: @Sendable () -> Duration
  /// Draws a seed.
  public let drawSeed: @Sendable () -> Seed
  /// Makes the engine. Called once, off the terminal's thread, when the first run starts.
  public let makeEngine: @Sendable () -> any DenoisingEngine

  /// Writes files, and spells out runs.
  public let keeper: Keeper

  /// Describes the world.
  public init(
    now: @escaping @Sendable () -> Duration, drawSeed: @escaping @Sendable () -> Seed,
    makeEngine: @escaping @Sendable () -> any DenoisingEngine, keeper: Keeper = .none
  ) {
    self.now = now
    self.drawSeed = drawSeed
    self.makeEngine = makeEngine
    self.keeper = keeper
  }

  /// The real world: the system's monotonic clock and its random numbers.
  ///
  /// - Parameters:
  ///   - open: Opens the pipeline of a run's model. Called off the terminal's thread when the first run of it starts,
  ///     so that the screen stands before; called again by the next run if it threw.
  ///   - keeper: Writes files.
  public static func system(
    open: @escaping PipelineEngine.Open, keeper: Keeper
  ) -> ExplorerEnvironment {
    let clock = ContinuousClock()
    let start = clock.now
    return ExplorerEnvironment(
      now: { start.duration(to: clock.now) },
      drawSeed: { Seed(UInt64.random(in: 0...UInt64(UInt32.max))) },
      makeEngine: { PipelineEngine(open: open) }, keeper: keeper)
  }
}
