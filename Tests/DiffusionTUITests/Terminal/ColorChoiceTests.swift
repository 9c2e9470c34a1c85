import DiffusionTUI
import Testing

@Suite struct ColorChoiceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let environment: [String: String]
    let colors: Int
    let tier: ColorTier
    var flag: ColorTier?
    var reason: String?
    var testDescription: String { "\(environment), \(colors) colors, flag \(flag.map(\.rawValue) ?? "auto")" }
  }

  static let cases: [Case] = [
    Case(environment: ["TERM": "xterm-256color"], colors: 256, tier: .palette256),
    Case(environment: ["TERM": "xterm"], colors: 8, tier: .ansi8, reason: "TERM=xterm has 8 colors"),
    Case(environment: ["TERM": "xterm-16color"], colors: 16, tier: .ansi16),
    Case(environment: ["TERM": "xterm-88color"], colors: 88, tier: .ansi16),
    Case(environment: ["TERM": "vt100"], colors: 0, tier: .mono),
    Case(environment: ["TERM": "vt100"], colors: -1, tier: .mono, reason: "TERM=vt100 has 0 colors"),
    Case(environment: ["TERM": "linux"], colors: 8, tier: .ansi8),
    // Signs of more colours.
    Case(
      environment: ["TERM": "xterm-256color", "COLORTERM": "truecolor"], colors: 256, tier: .trueColor,
      reason: "COLORTERM=truecolor"),
    Case(environment: ["TERM": "xterm", "COLORTERM": "24bit"], colors: 8, tier: .trueColor),
    Case(environment: ["TERM": "xterm-256color", "COLORTERM": "yes"], colors: 256, tier: .palette256),
    Case(environment: ["TERM": "xterm-direct"], colors: 0x1000000, tier: .trueColor, reason: "TERM=xterm-direct"),
    Case(
      environment: ["TERM": "tmux-256color", "TMUX": "socket,1,0"], colors: 256, tier: .trueColor,
      reason: "inside tmux"),
    Case(environment: ["TERM": "screen-256color", "TMUX": "socket,1,0"], colors: 256, tier: .trueColor),
    Case(environment: ["TERM": "xterm-256color", "TMUX": ""], colors: 256, tier: .palette256),
    // Not signs of more colours.
    Case(environment: ["TERM": "screen-256color", "COLORTERM": "truecolor"], colors: 256, tier: .palette256),
    Case(environment: ["TERM": "screen", "COLORTERM": "truecolor", "STY": "1.a"], colors: 8, tier: .ansi8),
    Case(environment: ["TERM": "linux", "COLORTERM": "truecolor"], colors: 8, tier: .ansi8),
    Case(environment: ["TERM": "vt100", "COLORTERM": "truecolor"], colors: 0, tier: .mono),
    // Precedence.
    Case(
      environment: ["TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"], colors: 256, tier: .mono,
      reason: "NO_COLOR=1"),
    Case(environment: ["TERM": "xterm-256color", "NO_COLOR": ""], colors: 256, tier: .palette256),
    Case(environment: ["TERM": "xterm-256color", "NO_COLOR": "1"], colors: 256, tier: .trueColor, flag: .trueColor),
    Case(
      environment: ["TERM": "xterm-256color", "COLORTERM": "truecolor"], colors: 256, tier: .mono, flag: .mono,
      reason: "--color mono"),
    Case(environment: [:], colors: 0, tier: .mono),
  ]

  @Test(arguments: cases) func choosesInOrder(_ example: Case) {
    let choice = ColorTier.choose(
      flag: example.flag, environment: example.environment, terminfoColors: example.colors)
    #expect(choice.tier == example.tier)
    if let reason = example.reason { #expect(choice.reason == reason) }
  }
}
