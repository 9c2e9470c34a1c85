import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Screens of several models") struct ModelsScreenTests {
  private static let sizes = [(20, 5), (80, 24), (120, 40), (200, 60)].map { Size(columns: $0, rows: $1) }

  @Test("match their golden files", arguments: sizes) func models(size: Size) throws {
    var engine = SmilingEngine()
    engine.imageShapes = [ModelReference("models/wide"): [1, 8, 12]]
    let runs = [nil, "models/twin", "models/wide"].map { name in
      RunRequest(model: ModelReference(name), settings: RunSettings(seeds: [3], steps: 4, threads: 2))
    }
    var state = Scenes.comparing(runs, size.columns, size.rows, engine: &engine)
    engine.press(.right, .right, .character("3"), on: &state)
    let frames = [(ColorTier.trueColor, true), (.palette256, true), (.mono, false)].map { tier, unicode in
      let capabilities = TerminalCapabilities(colorTier: tier, unicode: unicode, reason: "test")
      let frame = view(state, size: size, capabilities: capabilities, theme: state.theme)
      return (tier: tier, isUnicode: unicode, frame: frame)
    }
    try Golden.check(frames, "models-\(size.columns)x\(size.rows)")
  }
}
