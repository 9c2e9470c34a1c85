import ArgumentParser
import CommandLineKit
import FoundationEssentials

struct LessonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lesson",
    abstract: "Take a guided tour of the demo model, or list the tours.",
    usage: "diffusion-tui lesson [<name>] [<options>]",
    discussion:
      "A lesson names the next key and waits for it; all other keys work as well. Esc twice leaves it.")

  @OptionGroup var options: LessonOptions

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    guard let request = try options.request(drawSeed: RandomSeed.draw, environment: environment) else {
      return try DescriptorStream.standardOutput.write(LessonOptions.list)
    }
    try ExplorerLauncher(
      request: request, environment: environment, picture: ModelOpening.picture,
      source: ModelOpening.source(in: environment)
    ).explore()
  }
}
