import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The choice of renderer") struct RendererKindTests {
  private func capabilities(
    _ tier: ColorTier = .trueColor, unicode: Bool = true, pixels: Bool = false
  ) -> TerminalCapabilities {
    TerminalCapabilities(colorTier: tier, unicode: unicode, pixelGraphics: pixels)
  }

  @Test("parsed by name", arguments: ["half-block", "ascii", "quadrant", "sextant", "braille", "kitty"])
  func names(name: String) throws {
    let kind = try ImageRendererKind(parsing: name)
    #expect(kind.rawValue == name)
    #expect(!kind.label.isEmpty && !kind.summary.isEmpty && !kind.requirement.isEmpty)
    #expect(throws: DiffusionError.self) { try ImageRendererKind(parsing: name + "s") }
  }

  @Test("a full-featured terminal shows every kind, exact or approximate", arguments: ImageRendererKind.allCases)
  func everything(kind: ImageRendererKind) {
    #expect(kind.shown(on: capabilities(pixels: true)) == kind)
    let noise = Pictures.scaled(Pictures.noise(8, 8))
    #expect(kind.isExact == (kind.renderer.approximatedCells(of: noise) == 0))
  }

  @Test("a terminal that lacks something falls back to another renderer")
  func fallbacks() {
    #expect(ImageRendererKind.kitty.shown(on: capabilities()) == .halfBlock)
    #expect(ImageRendererKind.kitty.shown(on: capabilities(.palette256, pixels: true)) == .halfBlock)
    #expect(ImageRendererKind.kitty.shown(on: capabilities(unicode: false, pixels: true)) == .asciiRamp)
    #expect(ImageRendererKind.sextant.shown(on: capabilities(.mono)) == .asciiRamp)
    #expect(ImageRendererKind.braille.shown(on: capabilities(.mono)) == .braille)
    for kind in ImageRendererKind.allCases {
      #expect(kind.shown(on: capabilities(.mono, unicode: false)) == .asciiRamp)
    }
  }

  @Test(
    "the environment says whether a terminal shows pixels",
    arguments: [
      (["TERM": "xterm-kitty"], true, "TERM=xterm-kitty"),
      (["TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"], true, "KITTY_WINDOW_ID is set"),
      (["TERM": "xterm-ghostty"], true, "TERM=xterm-ghostty"),
      (["TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"], true, "TERM_PROGRAM=ghostty"),
      (["TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "KITTY_WINDOW_ID": "1"], false, "inside tmux"),
      (["TERM": "screen.xterm-kitty", "KITTY_WINDOW_ID": "1"], false, "TERM=screen.xterm-kitty"),
      (["TERM": "xterm-256color"], false, "neither kitty nor ghostty"), ([:], false, "neither kitty nor ghostty"),
    ] as [([String: String], Bool, String)])
  func detection(environment: [String: String], isOn: Bool, reason: String) {
    let found = PixelGraphicsChoice.choose(flag: nil, environment: environment)
    #expect(found.isOn == isOn)
    #expect(found.reason == reason)
    let forced = PixelGraphicsChoice.choose(flag: .kitty, environment: environment)
    #expect(forced.isOn && forced.reason == "--renderer kitty")
    #expect(PixelGraphicsChoice.choose(flag: .halfBlock, environment: environment) == found)
  }
}
