import DiffusionCore
import DiffusionTUI
import Testing

/// Every size with every number of colours, in Unicode and in ASCII. The file for a size holds each text once, and a
/// digest of the colours for each tier.
@Suite("Screens of every size, colour tier and alphabet") struct ScreenMatrixTests {
  enum Scene: String, CaseIterable, Sendable {
    case oneRun, fourRuns, help, palette
  }

  private static let sizes = [(20, 5), (80, 24), (120, 40), (200, 60)].map { Size(columns: $0, rows: $1) }

  private func state(_ scene: Scene) -> State {
    var engine = SmilingEngine()
    if scene == .fourRuns {
      var state = Scenes.comparing(seeds: [0, 1, 2, 3], engine: &engine)
      engine.press(.right, .right, .right, on: &state)
      return state
    }
    var state = Scenes.after(5, steps: 8, engine: &engine)
    if scene == .help { engine.press(.character("?"), on: &state) }
    if scene == .palette { engine.press(.character(":"), .character("s"), on: &state) }
    return state
  }

  @Test("match their golden files", arguments: Scene.allCases, sizes) func matrix(scene: Scene, size: Size) throws {
    var state = state(scene)
    _ = reduce(&state, .resize(size))
    let frames = [true, false].flatMap { unicode in
      ColorTier.allCases.map { tier in
        let capabilities = TerminalCapabilities(colorTier: tier, unicode: unicode, reason: "test")
        return (
          tier: tier, isUnicode: unicode,
          frame: view(state, size: size, capabilities: capabilities, theme: state.theme)
        )
      }
    }
    for (tier, isUnicode, frame) in frames {
      #expect(frame.size == size)
      if !isUnicode { #expect(frame.cells.allSatisfy { $0.character.isASCII }, "\(tier)") }
      if tier == .mono {
        #expect(frame.cells.allSatisfy { $0.style.foreground == nil && $0.style.background == nil })
      }
    }
    try Golden.check(frames, "matrix-\(scene.rawValue)-\(size.columns)x\(size.rows)")
  }
}
