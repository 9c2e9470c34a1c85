import DemoModel
import DiffusionCore
import DiffusionTUI
import Synchronization
import Testing

@Suite("CUDA's noise of the card of this machine, in the explorer") struct InstalledCardTests {
  private static let a4000 = InstalledCard(name: "Stub 40", multiprocessors: 48, threadsPerMultiprocessor: 1536)

  /// A session whose machine has a card, which counts how often it is asked for it.
  private static func session(
    _ settings: RunSettings, card: InstalledCard? = a4000, asked: @escaping @Sendable () -> Void = {}
  ) throws -> PlainSession {
    let state = State(
      size: Size(columns: 80, rows: 24), capabilities: TerminalCapabilities(colorTier: .mono, unicode: false),
      run: RunRequest(settings: settings))
    let engine = PipelineEngine(
      open: { _ in try DiffusionPipeline.load(DemoModel.source, threads: 1) },
      installedCard: {
        asked()
        return card
      })
    var session = PlainSession(player: SnapshotPlayer(state: state, engine: engine, drawSeed: { 7 }))
    _ = try session.start()
    return session
  }

  @Test("is asked for when an edit makes the noise CUDA's, and its numbers stay") func edited() throws {
    var session = try Self.session(RunSettings(steps: 3, threads: 1))
    let lines = try session.answer("noise cuda")
    #expect(lines.first?.contains("48 multiprocessors") == true, "\(lines)")
    #expect(
      lines.last == "the noise is that of Stub 40 of this machine, 48 multiprocessors of 1536 threads", "\(lines)")
    #expect(session.state.settings.card == .cuda(multiprocessors: 48, threadsPerMultiprocessor: 1536))
    #expect(session.state.settings.cardText == "Stub 40 of this machine, 48 multiprocessors of 1536 threads")
    for line in ["seed 3", "noise cpu", "noise cuda", "undo", "undo", "redo", "redo"] { _ = try session.answer(line) }
    #expect(session.state.settings.generatorDevice == .cuda)
    #expect(session.state.settings.card == .cuda(multiprocessors: 48, threadsPerMultiprocessor: 1536))
  }

  @Test("is not asked for where a card is named, where the noise was CUDA's before, and for the CPU's") func named()
    throws
  {
    let count = Mutex(0)
    for (settings, lines) in [
      (RunSettings(steps: 3, threads: 1), ["card t4", "noise cuda"]),
      (RunSettings(steps: 3, threads: 1), ["multiprocessors 40", "noise cuda"]),
      (RunSettings(steps: 3, generatorDevice: .cuda, threads: 1), ["seed 7", "noise cuda"]),
      (RunSettings(steps: 3, threads: 1), ["seed 7", "steps 2"]),
    ] {
      var session = try Self.session(settings) { count.withLock { $0 += 1 } }
      for line in lines { #expect(try session.answer(line).first?.hasPrefix("Error") == false) }
      #expect(session.state.settings.installedCard == nil)
      let isNamed = lines.first != "seed 7"
      #expect(session.state.settings.multiprocessors == (isNamed ? 40 : 132))
    }
    #expect(count.withLock { $0 } == 0)
  }

  @Test("is a card of 132 multiprocessors where there is none") func absent() throws {
    var session = try Self.session(RunSettings(steps: 3, threads: 1), card: nil)
    _ = try session.answer("noise cuda")
    #expect(session.state.settings.card == .cuda(multiprocessors: 132, threadsPerMultiprocessor: 2048))
    #expect(session.state.settings.installedCard == nil)
  }
}
