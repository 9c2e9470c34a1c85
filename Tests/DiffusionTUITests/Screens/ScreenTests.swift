import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Golden screens") struct ScreenTests {
  static let sizes: [(Int, Int)] = [
    (200, 60), (120, 40), (80, 24), (60, 20), (40, 40), (40, 12), (20, 5), (12, 3), (1, 1),
  ]
  /// A run of eight steps, five of them taken.
  private let state: State

  init() {
    var engine = SmilingEngine()
    state = Scenes.after(5, steps: 8, engine: &engine)
  }

  private func check(_ state: State, _ name: String) throws {
    try Golden.check(view(state), name, tier: state.capabilities.colorTier)
  }

  @Test("every size") func sizes() throws {
    for (columns, rows) in Self.sizes {
      var state = state
      _ = reduce(&state, .resize(Size(columns: columns, rows: rows)))
      try check(state, "size-\(columns)x\(rows)")
    }
  }

  @Test("every colour tier, in Unicode and ASCII", arguments: ColorTier.allCases, [true, false])
  func tiers(tier: ColorTier, unicode: Bool) throws {
    let capabilities = TerminalCapabilities(colorTier: tier, unicode: unicode, reason: "test")
    let frame = view(state, size: state.size, capabilities: capabilities, theme: state.theme)
    if !unicode { #expect(frame.cells.allSatisfy { $0.character.isASCII }) }
    if tier == .mono { #expect(frame.cells.allSatisfy { $0.style.foreground == nil && $0.style.background == nil }) }
    try Golden.check(frame, "tier-\(tier.rawValue)-\(unicode ? "unicode" : "ascii")", tier: tier)
  }

  @Test("every theme") func themes() throws {
    for theme in ThemeLibrary.builtIn.themes {
      let frame = view(state, size: state.size, capabilities: state.capabilities, theme: theme)
      try Golden.check(frame, "theme-\(theme.name)", tier: .trueColor)
    }
  }

  @Test("everything that keys open") func opened() throws {
    let scenes: [(String, String)] = [
      ("help", "?"), ("help-end", "? end"), ("view-predicted", "v"), ("view-output", "v v"), ("not-yet", "home v"),
      ("editing", "s 7"), ("refused", "d t p u enter"), ("done", "end"), ("ascii-ramp", "m"), ("back", "left left"),
    ]
    for (name, keys) in scenes {
      var engine = SmilingEngine()
      var state = Scenes.after(5, steps: 8, engine: &engine)
      for key in try KeySequence(parsing: keys).keys { engine.press(key, on: &state) }
      try check(state, name)
    }
  }

  @Test("while a step is being computed") func computing() throws {
    var engine = SmilingEngine()
    var state = Scenes.after(2, steps: 8, engine: &engine)
    engine.answersSteps = false
    engine.press(.right, .right, on: &state)
    let progress = ForwardProgress(block: "up_blocks.1.attentions.0", completed: 17, total: 29)
    #expect(reduce(&state, .progress(runs: [1], progress)) == [])
    try check(state, "computing")
    _ = reduce(&state, .resize(Size(columns: 200, rows: 60)))
    try check(state, "computing-200x60")
  }

  @Test("NaN and infinity raise the alarm, beside the picture and in it") func notFinite() throws {
    var state = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor,
      run: RunRequest(settings: RunSettings(steps: 1, threads: 1)))
    let noise = try Tensor<Float>(shape: [1, 1, 2, 2], scalars: [.nan, 0, .infinity, 1])
    let place = UpdateTerms(timestep: 0, alphaCumprod: 1, sigma: 0)
    _ = state.start()
    _ = reduce(
      &state,
      .runStarted(run: 1, .init(settings: state.settings, scheduler: .ddim, schedule: [place], initialNoise: noise)))
    let frame = view(state)
    let alarm = state.theme.style(.alarm)
    #expect(FrameText(frame).text.contains("NaN/Inf        1 / 1"))
    #expect(frame.cells.filter { $0.style == alarm }.map(\.character) == Array("1 / 1"))
    #expect(frame.cells.contains { $0.style.foreground == Picture.notANumber })
  }

  @Test("a notice, without a run") func notices() throws {
    var state = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor,
      run: RunRequest(model: ModelReference("folder"), settings: RunSettings(threads: 1)))
    let effects = state.start()
    try check(state, "starting")
    #expect(effects.count == 1)
    _ = reduce(&state, .runFailed(run: 1, message: "folder/unet/config.json: sample_size is missing; add it"))
    try check(state, "failed")
  }

  @Test("pictures of other shapes", arguments: [(64, 48, 1, 2), (256, 256, 3, 1), (16, 16, 4, 1), (5, 7, 2, 1)])
  func shapes(width: Int, height: Int, channels: Int, batch: Int) throws {
    var engine = SmilingEngine()
    engine.width = width
    engine.height = height
    engine.channels = channels
    engine.batch = batch
    let state = Scenes.started(steps: 4, engine: &engine)
    try check(state, "shape-\(batch)x\(channels)x\(height)x\(width)")
  }
}
