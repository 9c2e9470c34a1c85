import DiffusionCore
import DiffusionTUI
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("The panel of a download") struct DownloadTests {
  private var engine = SmilingEngine()
  private static let model = ModelReference("owner/name")

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  private func progress(_ bytes: Int, rate: Double? = nil, left: Double? = nil) -> OpeningProgress {
    OpeningProgress(bytes: bytes, totalBytes: 143_120_000, stage: .downloading(rate: rate, secondsLeft: left))
  }

  /// Types the name of a model of the Hub, and leaves its run waiting. Returns its number.
  private mutating func typed(_ columns: Int = 80, _ rows: Int = 24) throws -> (State, run: Int) {
    var state = Scenes.after(2, columns, rows, steps: 4, engine: &engine)
    engine.press(.character(":"), on: &state)
    for character in "model owner/name" { engine.press(.character(character), on: &state) }
    let effects = reduce(&state, .key(.enter))
    let run = try #require(
      effects.lazy.compactMap {
        if case .start(let run, let request) = $0, request.model == Self.model { run } else { nil }
      }
      .first)
    return (state, run)
  }

  @Test("has the share, the amount, the rate and the time left", arguments: [(200, 60), (80, 24), (40, 12), (20, 5)])
  mutating func shows(columns: Int, rows: Int) throws {
    var (state, run) = try typed(columns, rows)
    _ = reduce(&state, .modelOpening(run: run, progress(0)))
    #expect(state.topLayer?.kind == .download && text(state).contains("0%"))
    _ = reduce(&state, .modelOpening(run: run, progress(64_100_000, rate: 12_345_678, left: 125)))
    let screen = text(state)
    #expect(screen.contains("44%") && screen.contains("downloading"))
    if columns >= 40 { #expect(screen.contains("64.1 of 143.1 MB")) }
    guard columns >= 80 else { return }
    #expect(screen.contains("downloading owner/name"))
    #expect(screen.contains("12.3 MB/s, 2 min 5 s left   Esc stops it"))
    #expect(screen.contains("Esc stop the download"))
    try Golden.check(view(state), "download-\(columns)x\(rows)", tier: .trueColor)
  }

  @Test(
    "times are whole seconds, minutes and hours",
    arguments: [
      (0.2, "1 s"), (59, "59 s"), (59.5, "1 min 0 s"), (3600, "1 h 0 min"), (1e12, "99 h 59 min"),
    ])
  mutating func times(left: Double, expected: String) throws {
    var (state, run) = try typed()
    _ = reduce(&state, .modelOpening(run: run, progress(1, rate: 10, left: left)))
    #expect(text(state).contains("0.0 MB/s, \(expected) left"))
  }

  @Test("Esc stops it, and the run before it stays with its settings") mutating func escape() throws {
    var (state, run) = try typed()
    let former = state.run
    _ = reduce(&state, .modelOpening(run: run, progress(5_000_000)))
    #expect(reduce(&state, .key(.escape)).contains(.discard(runs: [run])))
    #expect(state.layers.isEmpty && state.run == former && !state.isBusy)
    #expect(state.pane.latestRequest.model == .demo)
    #expect(state.notice == "owner/name is not downloaded: it was stopped")
    // What is still under way says nothing any more, and there is no change to take back.
    _ = reduce(&state, .modelOpening(run: run, progress(6_000_000)))
    #expect(state.layers.isEmpty)
    engine.press(.character("U"), on: &state)
    #expect(state.pane.latestRequest.model == .demo && state.pane.pending == nil)
  }

  @Test("Esc at the start of the program leaves a pane that says so") mutating func first() throws {
    let request = RunRequest(model: Self.model, settings: RunSettings(steps: 4, threads: 1))
    let capabilities = TerminalCapabilities(colorTier: .mono, unicode: true, reason: "test")
    var state = State(size: Size(columns: 80, rows: 24), capabilities: capabilities, run: request)
    guard case .start(let run, _)? = state.start().first else {
      Issue.record("nothing starts")
      return
    }
    _ = reduce(&state, .modelOpening(run: run, progress(5)))
    _ = reduce(&state, .key(.escape))
    #expect(state.pane.failure == "owner/name is not downloaded: it was stopped" && !state.isBusy)
  }

  @Test(
    "is over when the weights are read, when the run starts or fails, and when another is asked for",
    arguments: ["reading", "started", "failed", "other"])
  mutating func ends(how: String) throws {
    var (state, run) = try typed()
    _ = reduce(&state, .modelOpening(run: run, progress(5)))
    #expect(state.topLayer?.kind == .download)
    switch how {
    case "reading":
      _ = reduce(&state, .modelOpening(run: run, OpeningProgress(bytes: 1_000_000, totalBytes: 2_000_000)))
      #expect(state.opening?.contains("reading and packing the weights: 1 of 2 MB") == true)
    case "started": engine.carryOut([.start(run: run, state.pane.latestRequest)], on: &state)
    case "failed": _ = reduce(&state, .runFailed(run: run, message: "no network"))
    default: _ = reduce(&state, .run(.restart))
    }
    #expect(!state.isOpen(.download))
  }

  @Test("keys go to the runs meanwhile, and what is typed is typed") mutating func keys() throws {
    var (state, run) = try typed()
    engine.press(.character(":"), .character("s"), on: &state)
    _ = reduce(&state, .modelOpening(run: run, progress(5)))
    #expect(state.isModal && state.isTyping)
    engine.press(.character("e"), on: &state)
    #expect(state.palette?.query == "se")
    engine.press(.escape, on: &state)
    #expect(state.layers.map(\.kind) == [.palette])
  }
}

/// Stopping a download, with a Hub that sends slowly.
@Suite struct StoppedDownloadTests {
  @Test(.timeLimit(.minutes(1))) func leavesNothingHalfWritten() async throws {
    let weights = "unet/diffusion_pytorch_model.safetensors"
    let hub = try FakeHub(model: "\(Fixtures.folder)/unet/two-levels") {
      $0.insteadOfContent = { _, _, reply in
        var reply = reply
        reply.stall = reply.body.count / 2
        return reply
      }
    }
    let home = "\(NSTemporaryDirectory())/stopped-download-\(UUID().uuidString)", cache = "\(home)/hub"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: home) }
    let environment = ["HF_ENDPOINT": hub.address, "HF_HUB_CACHE": cache, "HOME": home]
    let session = DenoisingSession {
      PipelineEngine(reporting: { request, progress in
        let source = try Hub(environment: environment).source(request.model.name) { download in
          try Task.checkCancellation()
          if download.totalBytes > 0 { try progress?(OpeningProgress(download)) }
        }
        return try DiffusionPipeline.load(source, threads: 1)
      })
    }
    let begun = Mutex(false)
    let task = Task.detached {
      try await session.start(
        run: 1, RunRequest(model: ModelReference("owner/name"), settings: RunSettings(steps: 2, threads: 1))
      ) {
        if case .downloading = $0.stage, $0.bytes > 0 { begun.withLock { $0 = true } }
      }
    }
    func incomplete() -> [String] {
      ((try? FileManager.default.subpathsOfDirectory(atPath: cache)) ?? []).filter { $0.hasSuffix(".incomplete") }
    }
    while !begun.withLock({ $0 }) || incomplete().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    task.cancel()
    let result = await task.result
    #expect(throws: CancellationError.self) { _ = try result.get() }
    #expect(incomplete().isEmpty)
    let left = try FileManager.default.subpathsOfDirectory(atPath: cache)
    #expect(!left.contains { $0.hasSuffix(weights) || $0.contains("refs/") }, "\(left)")
  }
}
