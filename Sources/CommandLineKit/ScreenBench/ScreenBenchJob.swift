import DiffusionCore
import DiffusionTUI
import Dispatch
import Glibc

/// Measures the response times of the screen: through ncurses and a pseudo-terminal, with the explorer's own view and
/// event loop.
public struct ScreenBenchJob: Sendable {
  /// The screen size that the limits apply to.
  private static let size = Size(columns: 200, rows: 60)
  /// The seeds of the runs side by side.
  private static let seeds: [Seed] = [0, 1, 2, 3]
  /// The number of steps in the changing images.
  private static let pictureSteps = 8
  private static let frames = 100
  private static let keys = 150
  /// More steps than can be taken while keys are typed.
  private static let computedSteps = 1000

  private let request: BenchRequest
  private let checkCancellation: @Sendable () throws -> Void

  /// Creates a job.
  ///
  /// - Parameters:
  ///   - request: The device and the number of threads.
  ///   - checkCancellation: Called before every block of the model while images are made; may throw to stop.
  public init(request: BenchRequest, checkCancellation: @escaping @Sendable () throws -> Void) {
    self.request = request
    self.checkCancellation = checkCancellation
  }

  /// Measures. Meanwhile, standard input and output belong to another terminal.
  ///
  /// - Throws: ``DiffusionError``, `unavailable` if the system has no pseudo-terminal, or what `checkCancellation`
  ///   throws.
  public func run(_ source: ModelSource) throws -> ScreenBenchReport {
    let pipeline = try DiffusionPipeline.load(source, device: request.device, threads: request.threads)
    let pseudo = try PseudoTerminal(size: Self.size)
    defer { pseudo.leave() }
    let terminal = try openTerminal()
    defer { terminal.close() }
    let measures =
      try measurePictures(terminal, pipeline, source.name) + [measureNoise(terminal)]
      + [measureKeys(terminal, pseudo, source)] + measureCancellation(source)
    return ScreenBenchReport(
      model: source.name, request: request, columns: Self.size.columns, rows: Self.size.rows, measures: measures)
  }

  /// An xterm with 24-bit colours and UTF-8, independent of the process's own terminal.
  private func openTerminal() throws -> NCursesTerminal {
    let former = getenv("LC_ALL").map { String(cString: $0) }
    setenv("LC_ALL", "C.UTF-8", 1)
    defer { if let former { setenv("LC_ALL", former, 1) } else { unsetenv("LC_ALL") } }
    return try NCursesTerminal(color: .trueColor, environment: ["TERM": "xterm-256color", "COLORTERM": "truecolor"])
  }

  private func state(_ name: String, steps: Int, _ capabilities: TerminalCapabilities) -> State {
    let runs = Self.seeds.map { seed in
      RunRequest(
        model: ModelReference(name),
        settings: RunSettings(seeds: [seed], steps: steps, device: request.device, threads: request.threads))
    }
    return State(
      size: Self.size, capabilities: capabilities, run: runs[0], others: Array(runs.dropFirst()))
  }

  /// Measures four runs that all change from frame to frame.
  private func measurePictures(
    _ terminal: NCursesTerminal, _ pipeline: DiffusionPipeline, _ name: String
  ) throws -> [ScreenMeasure] {
    var player = SnapshotPlayer(
      state: state(name, steps: Self.pictureSteps, terminal.capabilities),
      engine: PipelineEngine(open: { _ in pipeline }), drawSeed: { 0 }, checkCancellation: checkCancellation)
    terminal.show(try player.play([.end]))
    var state = player.state, building: [Duration] = [], drawing: [Duration] = []
    for index in 0..<Self.frames {
      _ = reduce(&state, .go(to: index % (Self.pictureSteps + 1)))
      var frame = Frame(size: Self.size)
      building.append(Self.time { frame = view(state) })
      drawing.append(Self.time { terminal.show(frame) })
    }
    return [
      ScreenMeasure("four changing pictures, to build", times: building, limitMs: 5),
      ScreenMeasure("four changing pictures, to draw", times: drawing, limitMs: 20),
    ]
  }

  private func measureNoise(_ terminal: NCursesTerminal) -> ScreenMeasure {
    var noise = NoiseFrame()
    let times = (0..<Self.frames).map { _ in
      let frame = noise.next(size: Self.size)
      return Self.time { terminal.show(frame) }
    }
    return ScreenMeasure("noise in every cell, to draw", times: times, limitMs: 45)
  }

  /// Measures from a key typed while four runs compute to the end of the frame that shows its effect.
  private func measureKeys(
    _ terminal: NCursesTerminal, _ pseudo: PseudoTerminal, _ source: ModelSource
  ) throws -> ScreenMeasure {
    let keys = TypedKeys()
    // A separate pipeline, since the threads of the other have the priority of the thread that opened it.
    let open = opening(source)
    var watched = WatchedTerminal(terminal, keys: keys)
    var state = state(source.name, steps: Self.computedSteps, terminal.capabilities)
    state.playback.speed = .unlimited
    let effects = state.start() + reduce(&state, .playback(.togglePlay))
    var explorer = Explorer(
      state: state, environment: .system(open: open, picture: PictureFiles().open, keeper: .none),
      reduce: { reduce(&$0, $1) },
      view: { view($0, size: $1, capabilities: $2, theme: $0.theme) })
    let typist = DispatchGroup()
    DispatchQueue(label: "typist").async(group: typist) { [end = pseudo.main] in
      keys.play(
        Array(repeating: "v", count: Self.keys) + ["q"], pause: { usleep(.random(in: 5_000...45_000)) },
        type: { key in _ = Array(key.utf8).withUnsafeBytes { write(end, $0.baseAddress, $0.count) } })
    }
    let end = explorer.run(on: &watched, effects: effects)
    keys.end()
    typist.wait()
    guard end.completedSteps > 0, end.completedSteps < end.stepCount else {
      throw DiffusionError(
        .unavailable, "bench --tui: the model did not compute while keys were typed: \(end.notice ?? "it was done")")
    }
    return ScreenMeasure("a key, until it shows while four runs compute", times: keys.waits, limitMs: 16)
  }

  /// Measures from a cancellation to the end of the engine's work.
  private func measureCancellation(_ source: ModelSource) throws -> [ScreenMeasure] {
    let settings = RunSettings(device: request.device, threads: request.threads)
    let bench = CancellationBench(settings: settings, checkCancellation: checkCancellation, open: opening(source))
    return try bench.measures(runs: Self.seeds)
  }

  /// Opens the one model that all runs use here.
  private func opening(_ source: ModelSource) -> PipelineEngine.Open {
    { [request] _ in try DiffusionPipeline.load(source, device: request.device, threads: request.threads) }
  }

  private static func time(_ work: () -> Void) -> Duration { ContinuousClock().measure(work) }
}

/// Screens on which no two cells are alike: two pixels of noise in each, the worst case for a terminal.
struct NoiseFrame {
  /// A fixed seed, so that the screens are always the same.
  private var twister = MersenneTwister(seed: 0)

  /// The next screen; half blocks in 24-bit colours.
  mutating func next(size: Size) -> Frame {
    var frame = Frame(size: size)
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        let bits = twister.next64()
        frame[column, row] = Cell("\u{2580}", Style(foreground: Self.color(bits), background: Self.color(bits >> 24)))
      }
    }
    return frame
  }

  private static func color(_ bits: UInt64) -> RGB {
    RGB(UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits >> 16))
  }
}
