import DiffusionCore

/// The command line that makes a run again.
public enum CommandLineText {
  /// `diffusion-tui generate ...` with the seed, and of the other settings those that differ from the defaults; quoted
  /// for a POSIX shell, so that it can be pasted.
  ///
  /// - Parameters:
  ///   - run: Its model and what it runs with.
  ///   - processors: How many threads compute where none are named; as many as there are processors if nil.
  public static func reproducing(_ run: RunRequest, processors: Int? = nil) -> String {
    (["diffusion-tui", "generate"] + arguments(run, processors)).map(quoted)
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

  private static func arguments(_ run: RunRequest, _ processors: Int?) -> [String] {
    // What somebody who reads the line so far would run; without a seed, which is always said.
    var read = RunRequest(
      settings: RunSettings(seeds: [], threads: processors ?? Device.processorCount))
    var words: [String] = []
    for setting in Setting.ofRunSettings where setting.value(of: read) != setting.value(of: run) {
      words += setting.arguments(setting.value(of: run))
      // A list of seeds says how many images there are.
      try? setting.assign(setting.value(of: run), to: &read, limits: .unlimited)
    }
    return (run.model.path.map { [operand($0)] } ?? []) + words
  }

  /// A model's name; a folder whose name looks like an option is named by a path that does not.
  private static func operand(_ model: String) -> String { model.hasPrefix("-") ? "./\(model)" : model }
}
