import TestSupport
import Testing

/// Lessons in a real terminal.
@Suite(.serialized, .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
struct LessonInTmuxTests {
  @Test func aLessonWaitsForTheLearnersKeysAndIsLeftBySecondEsc() throws {
    let terminal = try TmuxSession()
    try terminal.run("clear; \(TmuxSession.program) lesson step --presenter --threads 1")
    try terminal.waitFor("1/9  What a step does")
    try terminal.send("Right")
    try terminal.waitFor("2/9  What a step does")
    try terminal.waitFor("step 1/8")
    try terminal.send("v")
    try terminal.waitFor("3/9  What a step does")
    #expect(try terminal.screen.contains("The predicted original"))
    try terminal.send("Escape")
    try terminal.waitFor("again leaves the lesson")
    try terminal.send("Escape")
    try terminal.wait(for: "the explorer alone") { $0.contains("step 0/50") && !$0.contains("What a step does") }
    try terminal.send("L")
    try terminal.waitFor("Where precision goes")
    try terminal.send("Escape", "q")
    try terminal.waitForShell()
    try terminal.run("clear; \(TmuxSession.program) lesson step --threads 1")
    try terminal.waitFor("you were on page 3 of 9")
    try terminal.send("q")
    try terminal.waitForShell()
  }
}
