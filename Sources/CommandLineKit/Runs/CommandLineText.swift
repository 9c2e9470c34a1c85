import DiffusionCore
import DiffusionTUI
import FoundationEssentials

/// The command line that makes a run again.
public enum CommandLineText {
  /// `diffusion-tui generate ...` with the seed, and of the other settings those that differ from the defaults; quoted for a POSIX
  /// shell, so that it can be pasted.
  ///
  /// - Parameters:
  ///   - run: Its model and what it runs with.
  ///   - scheduler: Its scheduler.
  ///   - processors: How many threads compute where none are named; as many as there are processors if nil.
  public static func reproducing(
    _ run: RunRequest, scheduler: SchedulerName = .ddim, processors: Int? = nil
  ) -> String {
    (["diffusion-tui", "generate"] + arguments(run.model, run.settings, scheduler, processors)).map(quoted)
      .joined(separator: " ")
  }

  /// A word as a POSIX shell reads it: as it is if nothing in it means anything there, else within single quotes.
  static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      let scalar = Unicode.Scalar(byte)
      return scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        || "_@%+=:,./-".utf8.contains(byte)
    }
    if plain, !word.isEmpty { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  private static func arguments(
    _ model: ModelReference, _ settings: RunSettings, _ scheduler: SchedulerName, _ processors: Int?
  ) -> [String] {
    let usual = RunSettings(threads: processors ?? ProcessInfo.processInfo.activeProcessorCount)
    func option<Value: Equatable>(_ name: String, _ value: Value, unless usual: Value, text: String) -> [String] {
      value == usual ? [] : [name, text]
    }
    return [
      model.path.map { [operand($0)] } ?? [], seeds(settings),
      option("--steps", settings.steps, unless: usual.steps, text: "\(settings.steps)"),
      option("--eta", settings.eta, unless: usual.eta, text: "\(settings.eta)"),
      option("--scheduler", scheduler, unless: .ddim, text: scheduler.rawValue),
      option("--device", "\(settings.device)", unless: "\(usual.device)", text: "\(settings.device)"),
      option(
        "--generator-device", settings.noiseDevice, unless: usual.noiseDevice, text: settings.noiseDevice.rawValue),
      option(
        "--multiprocessors", settings.multiprocessors, unless: usual.multiprocessors,
        text: "\(settings.multiprocessors)"),
      settings.variation.map { ["--variation-seed", "\($0.seed)", "--variation-strength", "\($0.strength)"] } ?? [],
      option("--weights", settings.weights, unless: usual.weights, text: settings.weights.rawValue),
      option("--call", settings.selection.call, unless: 1, text: "\(settings.selection.call)"),
      settings.selection.image.map { ["--image", "\($0)"] } ?? [],
      option("--threads", settings.threads, unless: usual.threads, text: "\(settings.threads)"),
      settings.useClippedModelOutput ? ["--use-clipped-model-output"] : [],
    ].flatMap { $0 }
  }

  /// One generator for the batch, or one for each image.
  private static func seeds(_ settings: RunSettings) -> [String] {
    guard settings.seeds.count == 1, let seed = settings.seeds.first else {
      return ["--seeds", settings.seeds.map(\.description).joined(separator: ",")]
    }
    return ["--seed", "\(seed)"] + (settings.batchSize == 1 ? [] : ["--batch-size", "\(settings.batchSize)"])
  }

  /// A model's name; a folder whose name looks like an option is named by a path that does not.
  private static func operand(_ model: String) -> String { model.hasPrefix("-") ? "./\(model)" : model }
}
