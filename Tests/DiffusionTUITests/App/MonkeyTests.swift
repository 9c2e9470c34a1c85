import DiffusionCore
import DiffusionTUI
import Testing

@Suite("A seeded monkey") struct MonkeyTests {
  /// Keys that quit or suspend are left out: they end a session.
  private static let keys: [Key] =
    " lhrRsnedgvmt?<>0159.-cpua:cC=uD123458TpPzZo[]GGb+xyxrpaniNWIiiI".map { Key.character($0) } + [
      .left, .right, .up, .down, .home, .end, .pageUp, .pageDown, .enter, .escape, .tab, .backTab, .backspace, .delete,
      .control("u"), .shiftLeft, .shiftRight, .shiftUp, .shiftDown, .right, .right, .left, .character(" "), .escape,
      .escape,
    ]

  @Test("20,000 keys and resizes break nothing", arguments: [1, 2], [false, true])
  func monkey(seed: UInt64, hasPrompt: Bool) {
    var random = SplitMix(state: seed)
    var engine = SmilingEngine()
    engine.width = 12
    engine.height = 8
    engine.channels = 1
    if hasPrompt { engine.useLatents(tokens: 6) }
    var state = Scenes.started(steps: 5, engine: &engine)
    for event in 0..<10_000 {
      if random.next(below: 12) == 0 {
        let size = Size(columns: 1 + random.next(below: 130), rows: 1 + random.next(below: 45))
        _ = reduce(&state, .resize(size))
      } else if random.next(below: 10) == 0 {
        engine.carryOut(reduce(&state, .mouse(mouse(&random, state.size))), on: &state)
      } else {
        engine.answersSteps = random.next(below: 4) > 0
        engine.answersDecoding = random.next(below: 3) > 0
        engine.decodingFailure = random.next(below: 20) > 0 ? nil : "out of memory"
        let key = Self.keys[random.next(below: Self.keys.count)]
        engine.press(key, on: &state, ticks: random.next(below: 3) > 0)
        if random.next(below: 2) == 0 { engine.finish(on: &state) }
      }
      for pane in state.panes {
        #expect(0 <= pane.position && pane.position <= pane.completedSteps && pane.completedSteps <= pane.stepCount)
      }
      #expect(state.panes.indices.contains(state.focus) && state.panes.indices.contains(state.compare.reference))
      #expect(state.panes.count <= State.maximumPanes)
      #expect(StateInvariants.broken(by: state) == nil)
      #expect(StateInvariants.brokenEscape(from: state) == nil)
      #expect(StateInvariants.brokenFooter(of: state) == nil)
      if event.isMultiple(of: 10) { check(state) }
    }
  }

  private func mouse(_ random: inout SplitMix, _ size: Size) -> MouseEvent {
    let kinds: [MouseEvent.Kind] = [.press, .release, .drag, .wheelUp, .wheelDown]
    return MouseEvent(
      kinds[random.next(below: kinds.count)], column: random.next(below: size.columns + 2) - 1,
      row: random.next(below: size.rows + 2) - 1, button: .left)
  }

  private func check(_ state: State) {
    let frame = view(state)
    #expect(frame.size == state.size)
    #expect(frame.cells.count == state.size.columns * state.size.rows)
    // The palette and the export menu may cover a low screen entirely.
    guard state.size.columns >= 60, state.palette == nil && state.exportMenu == nil || state.size.rows >= 10
    else { return }
    // The status of a gallery is of its selected image.
    let settings = state.kept.settings
    let text = FrameText(frame).text
    let words = [
      "seed \(settings.seeds[0])", state.isInGallery ? "step " : "step \(state.position)/\(state.stepCount)",
      "device \(settings.device)",
      "noise \(settings.generatorDevice.rawValue)",
    ]
    for word in words { #expect(text.contains(word), "at \(state.size.columns)x\(state.size.rows)") }
  }
}

extension SmilingEngine {
  /// Answers the pending step, if any.
  mutating func finish(on state: inout State) {
    for action in finishStep() + finishGallery() + finishDecoding() {
      carryOut(reduce(&state, action), on: &state, ticks: false)
    }
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same keys on every run.
struct SplitMix {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }
}
