import TestSupport
import Testing

/// The explorer's memory does not grow with use: terminal, session and engine together.
@Suite(.serialized, .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
struct MemoryInTmuxTests {
  /// In KiB: the allocator's growth for other reasons. In ten runs of this test the growth was 112 to 3580 KiB, 2.5 MiB
  /// of which came and went with the work in progress; twice the maximum leaves room for other machines. The 765
  /// restarts that count would take 38 MiB if their runs were kept.
  private static let allowance = 7 * 1024

  /// Restarts the run twice, and adds another and closes it.
  private static let round = ["r", "R", "c", "Right", "C"]

  @Test func isFlatOverAThousandRestarts() throws {
    let terminal = try TmuxSession()
    try terminal.explore("--seed 0 --steps 2")
    var early = 0
    for batch in 1...20 {
      try terminal.send(Array(repeating: Self.round, count: 25).flatMap { $0 } + ["r", "Right"])
      try terminal.wait(for: "the run after a step") { $0.contains("step 1/2") && $0.contains("paused") }
      let memory = try #require(terminal.residentMemory)
      if batch == 5 { early = memory }
      guard batch > 5 else { continue }
      #expect(memory <= early + Self.allowance, "\(memory) KiB after \(batch * 51) restarts, \(early) KiB after 255")
    }
  }
}
