import ArgumentParser
import CommandLineKit
import DemoModel
import DiffusionCore
import DiffusionTUI
import FoundationEssentials

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List the models of the program and of the Hub's cache; download one, or remove one.",
    usage: "diffusion-tui models [<subcommand>] [<options>]",
    discussion: """
      The cache is huggingface_hub's own (HF_HUB_CACHE, HF_HOME), so that Python and this program share one copy.
      """,
    subcommands: [List.self, Pull.self, Remove.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the models, and say whether each opens.")

    @OptionGroup var options: ModelsOptions

    func run() throws {
      let cache = Hub(environment: ProcessInfo.processInfo.environment).cache
      let report = ModelsReport(
        builtIn: ModelReference.builtInNames.map { ModelSummary(DemoModel.source(named: $0)) },
        cached: cache.models(), cache: cache.folder)
      try DescriptorStream.standardOutput.write(options.json ? report.json() : report.table)
    }
  }

  struct Pull: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pull",
      abstract: "Download what a run of a model needs, or bring it up to date.",
      discussion: "Gated and private models need a token: `hf auth login`, or HF_TOKEN.")

    @OptionGroup var options: PullOptions

    func run() throws {
      let interruption = Interruption(), line = DownloadLine(on: .standardError)
      let hub = Hub(environment: ProcessInfo.processInfo.environment)
      let (name, variant) = try options.request()
      defer { line.clear() }
      let source = try hub.pull(name, variant: variant) { progress in
        try interruption.check()
        line.show(progress)
      }
      line.clear()
      if try hub.isOffline() {
        DescriptorStream.standardError.warn(["HF_HUB_OFFLINE is set: nothing was asked of the Hub"])
      }
      try DescriptorStream.standardOutput.write("\(source.identity)\n")
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rm", abstract: "Remove a model, or one revision of it, from the Hub's cache.")

    @OptionGroup var model: HubModelArgument

    func run() throws {
      let name = try model.hubName()
      let bytes = try Hub(environment: ProcessInfo.processInfo.environment).cache.remove(name)
      try DescriptorStream.standardOutput.write("removed \(name), \((bytes + 500_000) / 1_000_000) MB\n")
    }
  }
}
