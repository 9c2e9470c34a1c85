import ArgumentParser
import CommandLineKit
import DiffusionCore
import FoundationEssentials

struct ExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Walk through a run on a full screen, one step at a time (the default).",
    usage: "diffusion-tui [explore] [<model>] [<options>]",
    discussion: """
      Space plays and pauses, the arrows step, : takes commands, ? shows every key, q quits. x writes receipts, pictures \
      and tables of the run that is shown, and y its command line; --receipt FILE keeps the receipt of the run in focus without a key. \
      Keys and defaults can be set in \
      $XDG_CONFIG_HOME/diffusion-tui/config.toml; options come before them.
      """)

  @OptionGroup var options: ExploreOptions

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let request = try options.request(drawSeed: RandomSeed.draw, environment: environment)
    let settings = request.settings
    // A model that is not there is an error of the command line, not of the screen.
    let source = try ModelOpening.source(request.model, environment: environment)
    _ = try source.modelIndex()
    let launcher = ExplorerLauncher(request: request, source: source, environment: environment)
    let load: @Sendable () throws -> DDIMPipeline = {
      try DDIMPipeline.load(source, device: settings.device, threads: settings.threads, weights: settings.weights)
    }
    guard request.isPlain else { return try launcher.explore(load: load) }
    let runner = PlainRunner(readLine: { readLine() }, write: DescriptorStream.standardOutput.write)
    try launcher.plain(runner, load: load)
  }
}
