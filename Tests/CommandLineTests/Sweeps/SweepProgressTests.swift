import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

/// How far a sweep is, for people and for scripts.
@Suite struct SweepProgressTests {
  @Test("the line has the steps of the batch, by which the time left is judged too") func text() {
    var progress = SweepProgress(done: 0, cells: 120)
    #expect(progress.text.text == "cell 0/120")
    progress.batch = SweepProgress.Batch(cells: 20, steps: 10)
    #expect(progress.text.text == "cell 0/120, step 0/10" && progress.secondsLeft == nil)
    progress.batch?.step = 5
    progress.seconds = 2
    #expect(progress.text.text == "cell 0/120, step 5/10  2.0 s, 22.0 s left")
    progress.batch = nil
    (progress.done, progress.made, progress.seconds) = (20, 20, 4)
    #expect(progress.text.text == "cell 20/120  4.0 s, 20.0 s left")
  }

  @Test("a terminal shows steps; a log gets a line after half a minute; JSON an object for each batch that ended")
  func formats() {
    var progress = SweepProgress(done: 0, cells: 4)
    progress.batch = SweepProgress.Batch(cells: 4, steps: 3)
    func written(isTerminal: Bool, _ format: GenerateRequest.Progress, after seconds: Double) -> [String] {
      let lines = Lines(), line = SweepProgressLine(isTerminal: isTerminal, format: format, write: lines.append)
      progress.seconds = seconds
      line.showSteps(progress)
      return lines.all
    }
    #expect(written(isTerminal: true, .line, after: 0) == ["\rcell 0/4, step 0/3\u{1B}[K"])
    #expect(written(isTerminal: false, .line, after: 1) == [])
    #expect(written(isTerminal: false, .line, after: 31) == ["cell 0/4, step 0/3  31.0 s\n"])
    #expect(written(isTerminal: true, .json, after: 31) == [] && written(isTerminal: true, .none, after: 31) == [])
  }

  @Test("scripts get the objects that they know") func json() throws {
    let scene = try SweepScene(), result = try scene.sweep("a", "--progress", "json")
    let objects = try result.error.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let ofCells = objects.filter { $0["cells"] != nil }
    #expect(ofCells.count >= 2 && ofCells.last?["done"] as? Int == 6)
    #expect(ofCells.allSatisfy { Set($0.keys) == ["done", "cells", "made", "seconds", "seconds_left"] })
    #expect(ofCells.allSatisfy { ($0["made"] as? Int ?? 0) > 0 })
  }

  @Test("on a terminal a sweep and a check show every step") func terminal() throws {
    let scene = try SweepScene()
    let commands = [
      (["sweep", scene.plan, "--output", scene.path("a")], "cell"), (["verify", scene.path("a")], "receipt"),
    ]
    for (arguments, noun) in commands {
      let program = try TerminalProgram(arguments)
      #expect(program.end(within: .seconds(60))?.status == 0)
      program.readTheRest()
      let shown = String(decoding: program.output, as: UTF8.self)
      for part in ["\r\(noun) 0/6\u{1B}[K", "\r\(noun) 0/6, step 0/2", "\r\(noun) 0/6, step 1/2  "] {
        #expect(shown.contains(part), "\(noun): \(shown.debugDescription)")
      }
    }
  }
}
