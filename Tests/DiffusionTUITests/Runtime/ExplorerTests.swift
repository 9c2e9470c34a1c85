import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite struct ExplorerTests {
  @Test func showsTheFirstFrameBeforeItStartsTheRun() {
    let explorer = ScriptedExplorer([.until("started:0")])
    let state = explorer.run(effects: [.start(run: 0, RunRequest(settings: RunSettings(steps: 5, threads: 1)))])
    #expect(explorer.terminal.unmet == nil)
    #expect(explorer.terminal.frames.count == 2)
    #expect(state.log == ["started:0", "hangUp"])
  }

  @Test func walksARunStepByStep() {
    let explorer = ScriptedExplorer([
      .key("n"), .until("started:1"), .key("s"), .until("step 1"), .key("s"), .until("step 2"), .key("n"),
      .until("started:2"), .key("s"), .until("step 1"),
    ])
    let state = explorer.run()
    #expect(explorer.terminal.unmet == nil)
    #expect(
      state.log.filter { !$0.hasPrefix("progress") } == [
        "n", "started:1", "s", "completed:1:0", "s", "completed:1:1", "n", "started:2", "s", "completed:2:0", "hangUp",
      ])
  }

  @Test func answersKeysWhileTheModelComputes() {
    let explorer = ScriptedExplorer(
      pace: .endless,
      [.key("n"), .until("started:1"), .key("s"), .until("progress:1:mid_block"), .key("r"), .until("seed:7")])
    let state = explorer.run()
    #expect(explorer.terminal.unmet == nil)
    #expect(state.step == 0)
  }

  @Test func cancelsAStepAndTakesItAgain() {
    let controls = FakeEngine.Controls(pace: .endless)
    let explorer = ScriptedExplorer(
      controls: controls,
      [
        .key("n"), .until("started:1"), .key("s"), .until("progress"), .key("c"),
        .perform { controls.setPace(.instant) }, .key("s"), .until("step 1"),
      ])
    let state = explorer.run()
    #expect(explorer.terminal.unmet == nil)
    #expect(controls.computedSteps == 1)
    #expect(state.log.filter { $0.hasPrefix("completed") } == ["completed:1:0"])
  }

  @Test func dropsWhatACancelledStepAnswersAndDoesNotComputeItTwice() {
    let controls = FakeEngine.Controls(pace: .held)
    let explorer = ScriptedExplorer(
      controls: controls,
      [
        .key("n"), .until("started:1"), .key("s"), .until("progress"), .key("c"), .perform { controls.release() },
        .key("r"), .until("seed:7"), .key("s"), .until("step 1"),
      ])
    let state = explorer.run()
    #expect(explorer.terminal.unmet == nil)
    #expect(controls.computedSteps == 1)
    #expect(state.log.filter { $0.hasPrefix("completed") } == ["completed:1:0"])
    #expect(state.log.firstIndex(of: "completed:1:0") ?? 0 > state.log.lastIndex(of: "s") ?? .max)
  }

  @Test func aNewRunDropsTheStepOfTheOldOne() {
    let controls = FakeEngine.Controls(pace: .held)
    let explorer = ScriptedExplorer(
      controls: controls,
      [
        .key("n"), .until("started:1"), .key("s"), .until("progress"), .key("n"), .perform { controls.release() },
        .until("started:2"),
      ])
    let state = explorer.run()
    #expect(explorer.terminal.unmet == nil)
    #expect(!state.log.contains("completed:1:0"))
  }

  @Test func tellsWhyARunCouldNotBeMade() {
    let failure = DiffusionError(.missingInput, "no such model")
    let explorer = ScriptedExplorer(
      controls: FakeEngine.Controls(failure: failure), [.key("n"), .until("failed:1:no such model")])
    _ = explorer.run()
    #expect(explorer.terminal.unmet == nil)
  }

  @Test func aRunThatCouldNotBeMadeLeavesTheOneBeforeIt() {
    let controls = FakeEngine.Controls()
    let explorer = ScriptedExplorer(
      controls: controls,
      [
        .key("n"), .until("started:1"), .key("s"), .until("step 1"),
        .perform { controls.setFailure(DiffusionError(.unavailable, "no such device")) }, .key("n"),
        .until("failed:2:no such device"), .key("s"), .until("step 2"), .key("s"), .until("step 3"),
      ])
    let state = explorer.run()
    #expect(explorer.terminal.unmet == nil)
    #expect(state.log.filter { $0.hasPrefix("completed") } == ["completed:1:0", "completed:1:1", "completed:1:2"])
  }

  @Test func quitsWhileTheModelComputes() {
    let explorer = ScriptedExplorer(
      pace: .endless, [.key("n"), .until("started:1"), .key("s"), .until("progress"), .key("q"), .key("r")])
    let state = explorer.run()
    #expect(explorer.terminal.unmet == nil)
    #expect(state.log.last == "q")
  }

  @Test func aTickReplacesTheOneThatWaits() {
    let explorer = ScriptedExplorer([
      .key("1"), .key("3"), .pass(.milliseconds(1500)), .key("r"), .pass(.milliseconds(1600)), .pass(.seconds(9)),
    ])
    #expect(explorer.run().log == ["1", "3", "r", "seed:7", "tick", "hangUp"])
  }

  @Test func drawsAtMostSixtyFramesASecond() {
    let keys = Array(repeating: FakeTerminal.Scene.key("x"), count: 100)
    let still = ScriptedExplorer(keys)
    #expect(still.run().log.count == 101)
    #expect(still.terminal.frames.count == 1)
    let moving = ScriptedExplorer(keys.flatMap { [$0, .pass(.milliseconds(4))] })
    _ = moving.run()
    // A key every 4 ms for 400 ms: the first key after a sixtieth of a second comes every 20 ms.
    #expect(moving.terminal.frames.count == 21)
  }

  @Test func drawsNothingWhereNothingHappens() {
    let explorer = ScriptedExplorer(Array(repeating: .pass(.seconds(1)), count: 50))
    _ = explorer.run()
    #expect(explorer.terminal.frames.count == 1)
  }

  @Test func drawsAtTheNewSize() {
    let size = Size(columns: 30, rows: 5)
    let explorer = ScriptedExplorer([.event(.resize(size)), .until("30x5")])
    _ = explorer.run()
    #expect(explorer.terminal.unmet == nil)
    #expect(explorer.terminal.frames.last?.size == size)
  }

  /// What a process that is killed forgets: two seconds at most, at one call for any number of changes.
  @Test func remembersWhatChangedEveryTwoSeconds() {
    let keys = (0..<100).flatMap { _ in [FakeTerminal.Scene.key("x"), .pass(.milliseconds(50))] }
    let explorer = ScriptedExplorer(keys + Array(repeating: .pass(.seconds(5)), count: 4))
    var lengths: [Int] = []
    _ = explorer.run { lengths.append($0.log.count) }
    #expect(lengths.count == 3 && lengths.last == 100 && lengths == lengths.sorted(), "\(lengths)")
  }

  @Test func suspendsWhenAsked() {
    let explorer = ScriptedExplorer([.key("z")])
    #expect(explorer.run().log == ["z", "hangUp"])
    #expect(explorer.terminal.suspensions == 1)
  }
}
