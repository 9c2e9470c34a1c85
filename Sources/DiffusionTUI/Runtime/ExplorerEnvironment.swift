import DiffusionCore

/// What an explorer needs from outside: a clock, random seeds and an engine.
public struct ExplorerEnvironment: Sendable {
  /// The time since some fixed moment; monotonic.
  public let now: @Sendable () -> Duration
  /// Draws a random seed.
  public let drawSeed: @Sendable () -> Seed
  /// Creates the engine. Called once, off the terminal's thread, when the first run starts.
  public let makeEngine: @Sendable () -> any DenoisingEngine

  /// Writes files, and spells out runs as command lines.
  public let keeper: Keeper
  /// Reads the folder of a sweep.
  public let readSweep: SweepReader
  /// Lists the devices of the machine. Called once at most, off the terminal's thread.
  public let listDevices: DeviceLister

  /// Creates an environment.
  public init(
    now: @escaping @Sendable () -> Duration, drawSeed: @escaping @Sendable () -> Seed,
    makeEngine: @escaping @Sendable () -> any DenoisingEngine, keeper: Keeper = .none,
    readSweep: @escaping SweepReader = { watch, _ in SweepFinding(number: watch.number) },
    listDevices: @escaping DeviceLister = { [] }
  ) {
    (self.readSweep, self.listDevices) = (readSweep, listDevices)
    self.now = now
    self.drawSeed = drawSeed
    self.makeEngine = makeEngine
    self.keeper = keeper
  }

  /// The real environment: the system's monotonic clock and random numbers.
  ///
  /// - Parameters:
  ///   - open: Opens the pipeline of a run's model. Called off the terminal's thread when the first run of the model
  ///     starts, so that the screen appears first; called again for the next run if it threw.
  ///   - picture: Reads a picture that a run starts from, as often as a run does.
  ///   - keeper: Writes files.
  public static func system(
    open: @escaping PipelineEngine.Open, picture: @escaping SourcePicture.Open, keeper: Keeper
  ) -> ExplorerEnvironment {
    system(reporting: { request, _ in try open(request) }, picture: picture, keeper: keeper)
  }

  /// The real environment, in which the opening of models is shown.
  ///
  /// - Parameters:
  ///   - open: As for ``system(open:picture:keeper:)``; its second argument is called before each tensor.
  ///   - picture: As for ``system(open:picture:keeper:)``.
  ///   - identity: Tells which references are to one model; their names and variants if omitted.
  ///   - keeper: Writes files.
  ///   - readSweep: Reads the folder of a sweep.
  ///   - listDevices: Lists the devices of the machine; none if omitted.
  public static func system(
    reporting open: @escaping PipelineEngine.ReportingOpen, picture: @escaping SourcePicture.Open,
    identity: @escaping PipelineEngine.Identity = \.key, keeper: Keeper,
    readSweep: @escaping SweepReader = { watch, _ in SweepFinding(number: watch.number) },
    listDevices: @escaping DeviceLister = { [] }
  ) -> ExplorerEnvironment {
    let clock = ContinuousClock()
    let start = clock.now
    return ExplorerEnvironment(
      now: { start.duration(to: clock.now) },
      drawSeed: { Seed(UInt64.random(in: 0...UInt64(UInt32.max))) },
      makeEngine: {
        PipelineEngine(reporting: open, picture: picture, identity: identity, installedCard: InstalledCard.first)
      }, keeper: keeper, readSweep: readSweep, listDevices: listDevices)
  }
}
