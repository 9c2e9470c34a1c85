import TestSupport
import Testing

/// Random keys and window sizes, the same every time. A longer sequence is played without a terminal.
@Suite(.serialized, .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
struct MonkeyInTmuxTests {
  private static let keys = [
    "Space", "Right", "Left", "Home", "End", "h", "l", "r", "R", "s", "n", "e", "d", "g", "v", "m", "t", "?", "<", ">",
    "Enter", "Escape", "Up", "Down", "Tab", "BSpace", "DC", "PPage", "NPage", "0", "7", "-", ".", "x", "F5",
  ]

  @Test(arguments: [1, 2] as [UInt64]) func survivesAMonkey(seed: UInt64) throws {
    let terminal = try TmuxSession()
    let modes = try terminal.sttyState
    // It may write files, which go to the current folder.
    let folder = try TemporaryFolder()
    try terminal.run("cd \(folder.path)")
    try terminal.explore("--seed 0 --steps 4")
    var random = MonkeyGenerator(state: seed)
    for _ in 0..<40 {
      try terminal.send((0..<8).map { _ in Self.keys.randomElement(using: &random) ?? "Space" })
      if Int.random(in: 0..<4, using: &random) == 0 {
        try terminal.resize(columns: .random(in: 1...120, using: &random), rows: .random(in: 1...40, using: &random))
      }
    }
    #expect(terminal.isRunning)
    try terminal.resize(columns: 80, rows: 24)
    // An open editor would take the first key.
    try terminal.send("Escape")
    try terminal.waitFor("step ")
    try terminal.send("C-c")
    try terminal.waitForShell()
    #expect(!terminal.isRunning)
    #expect(try terminal.leftovers(since: modes) == [])
  }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
private struct MonkeyGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
