import ArgumentParser
import CommandLineKit
import DiffusionCore
import FoundationEssentials

struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Play keys against the explorer without a terminal, and write its screen to a file.",
    usage: "diffusion-tui snapshot [<model>] [<options>] --output <file>",
    discussion: "After each key it waits until nothing runs, so the same keys and seed give the same screen.")

  @OptionGroup var options: SnapshotOptions

  func run() throws {
    // Before the outputs are tried, so that a signal never leaves a temporary file behind.
    let interruption = Interruption()
    let environment = ProcessInfo.processInfo.environment
    let request = try options.request(drawSeed: RandomSeed.draw, environment: environment)
    let launcher = ExplorerLauncher(
      request: request.explore, environment: environment, picture: ModelOpening.picture,
      source: ModelOpening.source(in: environment))
    let text = try launcher.snapshot(request, checkCancellation: interruption.check)
    try AtomicFile.write(Array(text.utf8), to: request.output, checkCancellation: interruption.check)
  }
}
