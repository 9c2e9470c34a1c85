import DiffusionCore
import DiffusionTUI

/// Sends random but repeatable events, and checks the invariants after each.
struct Monkey {
  private(set) var state: State
  private var random: SplitMix
  private var engine = SmilingEngine()
  /// Broken invariants, with the number of the event.
  private(set) var complaints: [String] = []
  private(set) var events = 0

  /// Every key with a meaning, and keys for typing. Some are more likely, so that it does not get stuck.
  private static let keys: [Key] =
    KeyMap.standard.bindings.flatMap(\.keys) + "0159.-: step theme qz".map { Key.character($0) } + [
      .character("界"), .character("\u{301}"), .enter, .escape, .backspace, .delete, .control("u"), .control("c"),
      .function(5), .pageUp, .pageDown, .up, .down,
      .right, .right, .left, .character(" "), .character("c"), .escape, .escape, .enter,
    ]
  private static let pastes = [
    "", "42", "theme light\n", "-1", "1e9", "\u{1B}[31m", "\u{E9}\u{1F600}", "seed 7 8 9", "wide",
    "twin", "gone", "model wide", "model gone", "モデル", "model 界\u{301}\u{202E}نموذج", "\u{1F468}\u{200D}\u{1F467}",
  ]
  /// As long as a terminal's paste can be.
  private static let longPastes = [
    String(repeating: "a", count: 65_536), String(repeating: "9", count: 4000),
    String(repeating: "theme ", count: 10_000),
    "e" + String(repeating: "\u{301}", count: 65_535), String(repeating: "界 ", count: 32_768),
  ]
  private static let kinds: [MouseEvent.Kind] = [
    .press, .press, .release, .drag, .wheelUp, .wheelDown, .wheelLeft, .wheelRight,
  ]
  /// A limit on the effects of one event: with ticks, playback keeps itself going.
  private static let mostEffects = 300

  /// A model whose images differ in shape from the demo model's here, one whose images do not, and a missing one.
  static let wide = ModelReference("wide"), twin = ModelReference("twin"), gone = ModelReference("gone")

  /// Opens the given number of runs of five steps, taking the models in turn.
  init(seed: UInt64, panes: Int, models: [ModelReference] = [.demo], hasPrompt: Bool = false) {
    random = SplitMix(state: seed)
    (engine.width, engine.height, engine.channels) = (8, 6, 1)
    if hasPrompt { engine.useLatents() }
    (engine.imageShapes, engine.missing) = ([Self.wide: [3, 5, 21]], [Self.gone])
    let runs = (0..<panes).map { index in
      RunRequest(
        model: models[index % models.count], settings: RunSettings(seeds: [Seed(index)], steps: 5, threads: 2))
    }
    state = Scenes.comparing(runs, engine: &engine)
  }

  /// Sends the next event, and checks the whole screen now and then.
  mutating func act() {
    engine.answersSteps = random.next(below: 4) > 0
    engine.answersDecoding = random.next(below: 3) > 0
    engine.failing = random.next(below: 50) > 0 ? [] : Set(state.panes.prefix(2).compactMap(\.run?.number))
    let followsTicks = random.next(below: 3) > 0
    carryOut(reduce(&state, nextAction()), ticks: followsTicks)
    if random.next(below: 2) == 0 {
      for action in engine.finishStep() + engine.finishDecoding() { carryOut(reduce(&state, action), ticks: false) }
    }
    complain(StateInvariants.broken(by: state))
    complain(StateInvariants.brokenEscape(from: state))
    complain(StateInvariants.brokenFooter(of: state))
    if events.isMultiple(of: 25) { complain(StateInvariants.broken(byScreenOf: state)) }
    events += 1
  }

  private mutating func nextAction() -> Action {
    switch random.next(below: 100) {
    case 0..<6:
      return .resize(Size(columns: 1 + random.next(below: 250), rows: 1 + random.next(below: 70)))
    case 6..<16:
      return .mouse(
        MouseEvent(
          Self.kinds[random.next(below: Self.kinds.count)], column: random.next(below: state.size.columns + 2) - 1,
          row: random.next(below: state.size.rows + 2) - 1, button: random.next(below: 4) > 0 ? .left : .right))
    case 16..<18:
      let pastes = random.next(below: 10) > 0 ? Self.pastes : Self.longPastes
      return .paste(pastes[random.next(below: pastes.count)])
    default: return .key(Self.keys[random.next(below: Self.keys.count)])
    }
  }

  private mutating func carryOut(_ effects: [Effect], ticks: Bool) {
    var waiting = effects
    for _ in 0..<Self.mostEffects where !waiting.isEmpty {
      let effect = waiting.removeFirst()
      complain(StateInvariants.broken(by: effect, of: state))
      for action in engine.answers(to: effect, ticks: ticks) { waiting += reduce(&state, action) }
    }
  }

  private mutating func complain(_ problem: String?) {
    if let problem, complaints.count < 5 { complaints.append("event \(events): \(problem)") }
  }
}
