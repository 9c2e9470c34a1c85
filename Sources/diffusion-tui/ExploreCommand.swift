import ArgumentParser
import CommandLineKit
import FoundationEssentials

struct ExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Walk through a run on a full screen, one step at a time (the default).",
    usage: "diffusion-tui [explore] [<model>] [<options>]",
    discussion: """
      Space plays and pauses, the arrows step, : takes commands, ? shows every key, q quits. x writes receipts, \
      images and tables of the focused run, and y its command line; --receipt FILE writes the receipt of the focused \
      run without a key. Keys and defaults can be set in \
      $XDG_CONFIG_HOME/diffusion-tui/config.toml; options take precedence.
      """)

  @OptionGroup var options: ExploreOptions

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let request = try options.request(drawSeed: RandomSeed.draw, environment: environment)
    let launcher = ExplorerLauncher(
      request: request, environment: environment, picture: ModelOpening.picture,
      source: ModelOpening.source(in: environment))
    guard request.isPlain else { return try launcher.explore() }
    let runner = PlainRunner(readLine: { readLine() }, write: DescriptorStream.standardOutput.write)
    try launcher.plain(runner)
  }
}
