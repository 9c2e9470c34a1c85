import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("The kept receipt") struct KeptReceiptTests {
  /// Presses keys, answers the effects, and records the receipts that were written, by seed and number of
  /// steps.
  private struct Desk {
    var engine = SmilingEngine()
    var state: State
    var written: [String] = []
    /// The answer to writing a receipt, in place of success.
    var refusal: ExportResult?

    init(seeds: [Seed] = [42]) {
      let runs = seeds.map { RunRequest(settings: RunSettings(seeds: [$0], steps: 3, threads: 2)) }
      state = State(
        size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor, run: runs[0],
        others: Array(runs.dropFirst()))
      state.keepReceipt(at: "run.json")
      carryOut(state.start())
    }

    mutating func press(_ keys: Key...) {
      for key in keys { carryOut(reduce(&state, .key(key))) }
    }

    private mutating func carryOut(_ effects: [Effect]) {
      var effects = effects
      while !effects.isEmpty {
        let effect = effects.removeFirst()
        var answers = engine.answers(to: effect)
        if case .export(let number, let export) = effect, case .run(let run) = export.content, export.path == "run.json"
        {
          #expect(export.kind == .receipt && export.collision == .replace && run.isFinished)
          written.append("\(run.settings.seeds[0])/\(run.settings.steps)")
          if let refusal { answers = [.exportEnded(number: number, refusal)] }
        }
        for answer in answers { effects += reduce(&state, answer) }
      }
    }
  }

  @Test("is written once, when the run has taken its last step") func once() {
    var desk = Desk()
    desk.press(.right, .right)
    #expect(desk.written == [])
    desk.press(.right)
    #expect(desk.written == ["42/3"])
    #expect(FrameText(view(desk.state)).text.contains("wrote /folder/run.json"))
    desk.press(.left, .home, .end, .character("v"), .right)
    #expect(desk.written == ["42/3"])
    #expect(desk.state.owedReceipt == nil && desk.state.reasonAgainstReceipt == nil)
  }

  @Test("is written again for every later run that finishes") func again() {
    var desk = Desk()
    desk.press(.end, .character("r"))
    #expect(desk.written == ["42/3"])
    desk.press(.end)
    desk.press(.character("s"), .character("7"), .enter, .end)
    #expect(desk.written == ["42/3", "42/3", "7/3"])
  }

  @Test("is that of the focused run") func focus() {
    var desk = Desk(seeds: [1, 2])
    desk.press(.end)
    #expect(desk.written == ["1/3"])
    desk.press(.tab)
    #expect(desk.written == ["1/3", "2/3"])
    desk.press(.tab)
    #expect(desk.written == ["1/3", "2/3", "1/3"])
  }

  @Test("is owed while it is being written; that of the run focused by then follows") func waiting() throws {
    var state = Desk(seeds: [1, 2]).state
    var engine = SmilingEngine()
    var exports: [(number: Int, seed: Seed)] = []
    func act(_ actions: [Action]) {
      var actions = actions
      while !actions.isEmpty {
        for effect in reduce(&state, actions.removeFirst()) {
          if case .export(let number, let export) = effect, case .run(let run) = export.content {
            exports.append((number, run.settings.seeds[0]))
          } else {
            actions += engine.answers(to: effect)
          }
        }
      }
    }
    for pane in state.panes { _ = engine.answers(to: .start(run: try #require(pane.run?.number), pane.request)) }
    act([.key(.end)])
    act([.key(.tab), .key(.tab), .key(.tab)])
    #expect(exports.map(\.seed) == [1])
    #expect(state.owedReceipt != nil)
    act([.exportEnded(number: exports[0].number, .written("/run.json"))])
    #expect(exports.map(\.seed) == [1, 2])
  }

  @Test("is reported once if it cannot be written, and stays owed") func failure() {
    var desk = Desk()
    desk.refusal = .failed("run.json: cannot be written: No space left on device")
    desk.press(.end)
    #expect(FrameText(view(desk.state)).text.contains("No space left on device"))
    desk.press(.character("v"))
    #expect(desk.written == ["42/3"])
    #expect(desk.state.owedReceipt?.path == "run.json")
    desk.refusal = nil
    desk.press(.character("r"), .end)
    #expect(desk.written == ["42/3", "42/3"])
    #expect(desk.state.owedReceipt == nil)
  }

  @Test("is not written for a lesson's runs") func lesson() {
    var desk = Desk()
    desk.state.lessonFiles = ["test": LessonScenes.text]
    desk.press(.character("L"), .enter, .end)
    #expect(desk.state.lesson != nil && desk.state.completedSteps == 4)
    #expect(desk.written == [])
    desk.press(.escape, .escape, .end)
    #expect(desk.written == ["42/3"])
  }

  @Test("its absence is explained at the end") func reason() throws {
    var desk = Desk()
    desk.press(.right)
    #expect(desk.state.reasonAgainstReceipt?.contains("1 of 3 steps") == true)
    desk.press(.end)
    #expect(desk.state.reasonAgainstReceipt == nil)
  }

  @Test("Esc stops the requested file, but not the receipt") func escape() {
    var desk = Desk()
    desk.press(.right, .right)
    var effects = reduce(&desk.state, .key(.character("x"))) + reduce(&desk.state, .key(.character("p")))
    effects += reduce(&desk.state, .key(.enter))
    guard case .export(let number, _)? = effects.first else {
      Issue.record("nothing is written")
      return
    }
    desk.press(.escape)
    #expect(desk.state.exportTask == nil)
    desk.press(.escape, .escape, .right)
    #expect(number == 1 && desk.written == ["42/3"])
  }
}
