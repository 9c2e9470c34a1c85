import ArgumentParser
import CommandLineKit
import DemoModel
import DiffusionCore
import FoundationEssentials

struct LessonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lesson",
    abstract: "Take a guided tour of the demo model, or list the tours.",
    usage: "diffusion-tui lesson [<name>] [<options>]",
    discussion:
      "A lesson says which key to press next and waits for it; any other key works as well. Esc leaves at once.")

  @OptionGroup var options: LessonOptions

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    guard let request = try options.request(drawSeed: RandomSeed.draw, environment: environment) else {
      return try DescriptorStream.standardOutput.write(LessonOptions.list)
    }
    let source = DemoModel.source, settings = request.settings
    try ExplorerLauncher(request: request, source: source, environment: environment).explore {
      try DDIMPipeline.load(source, device: settings.device, threads: settings.threads)
    }
  }
}
