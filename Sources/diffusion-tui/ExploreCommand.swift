import ArgumentParser
import CommandLineKit
import DiffusionCore
import FoundationEssentials

struct ExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Walk through a run on a full screen, one step at a time (the default).",
    usage: "diffusion-tui [explore] [<model>] [<options>]",
    discussion: "Space plays and pauses, the arrows step, ? shows every key, q quits.")

  @OptionGroup var options: ExploreOptions

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let request = try options.request(drawSeed: RandomSeed.draw, environment: environment)
    let settings = request.settings
    // A model that is not there is an error of the command line, not of the screen.
    let source = try ModelOpening.source(request.model, environment: environment)
    _ = try source.modelIndex()
    try ExplorerLauncher(request: request, modelName: source.name, environment: environment).explore {
      try DDIMPipeline.load(source, device: settings.device, threads: settings.threads, weights: settings.weights)
    }
  }
}
