import ArgumentParser
import CommandLineKit
import Glibc

@main
struct DiffusionTUICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diffusion-tui",
    abstract: "Watch a diffusion model think, one step at a time, and get the same bits every time.",
    usage: "diffusion-tui [<command>] [<model>] [<options>]",
    discussion: """
      Without a command, the explorer opens. Exit status: 0, or 1 if verify finds a difference, 64 for a wrong \
      option, 65 for bad data, 66 for a missing input, 69 for a device that is not available, 73 for an output that \
      cannot be created, 74 for failed reading or writing.
      """,
    version: ProgramVersion.current,
    subcommands: [
      ExploreCommand.self, LessonCommand.self, GenerateCommand.self, SweepCommand.self, RandnCommand.self,
      InspectCommand.self, SnapshotCommand.self, BenchCommand.self, VerifyCommand.self, ModelsCommand.self,
      DoctorCommand.self,
    ],
    defaultSubcommand: ExploreCommand.self)

  static func main() {
    Glibc.exit(
      CommandRunner.run(Self.self, completing: CompletedCommand.self, documenting: DocumentedCommand.self))
  }
}

/// The program as shells complete it: with the options of `explore`, its default command, beside the commands.
struct CompletedCommand: ParsableCommand {
  static let configuration = DiffusionTUICommand.configuration

  @OptionGroup var options: DefaultOptions
}

/// The program as help and the man pages describe it: a command with one that it does unasked has its arguments.
struct DocumentedCommand: ParsableCommand {
  static let configuration = {
    var configuration = DiffusionTUICommand.configuration
    configuration.subcommands = configuration.subcommands.map { command in
      switch command {
      case is SweepCommand.Type: DocumentedSweepCommand.self
      case is ModelsCommand.Type: DocumentedModelsCommand.self
      default: command
      }
    }
    return configuration
  }()
}

/// `sweep` with the arguments of `sweep run`.
struct DocumentedSweepCommand: ParsableCommand {
  static let configuration = SweepCommand.configuration

  @OptionGroup var options: SweepOptions
}

/// `models` with the options of `models list`.
struct DocumentedModelsCommand: ParsableCommand {
  static let configuration = ModelsCommand.configuration

  @OptionGroup var options: ModelsOptions
}
