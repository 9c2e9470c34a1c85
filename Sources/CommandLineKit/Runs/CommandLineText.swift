import DiffusionCore

/// The command line that reproduces a run.
public enum CommandLineText {
  /// `diffusion-tui generate ...` with the seed and the other settings that differ from their defaults, quoted for a
  /// POSIX shell, so that it can be pasted.
  ///
  /// - Parameters:
  ///   - run: Its model and its settings.
  ///   - processors: The default number of threads; if nil, the number of processors.
  public static func reproducing(_ run: RunRequest, processors: Int? = nil) -> String {
    (["diffusion-tui", "generate"] + arguments(run, processors)).map(quoted)
      .joined(separator: " ")
  }

  /// A word quoted for a POSIX shell: unchanged if it has no special characters, otherwise within single quotes.
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
    // The run that the line so far would give, apart from the seed, which is always included.
    // The bits of a demonstration depend on the threads, which are then always included too.
    let isDemonstration = run.settings.demonstration != nil
    var read = RunRequest(
      settings: RunSettings(seeds: [], threads: isDemonstration ? 0 : processors ?? Device.processorCount))
    var words: [String] = []
    for setting in Setting.ofRunSettings where setting.value(of: read) != setting.value(of: run) {
      words += setting.arguments(setting.value(of: run))
      // A list of seeds implies the number of images.
      try? setting.assign(setting.value(of: run), to: &read, limits: .unlimited)
    }
    let isMeant = run.model == ModelReference(meantBy: run.settings)
    let variant = run.model.variant.map { ["--variant", $0] } ?? []
    return (isMeant ? [] : [operand(run.model.name)]) + variant + words
  }

  /// A model's name; a folder whose name looks like an option is prefixed by `./`.
  private static func operand(_ model: String) -> String { model.hasPrefix("-") ? "./\(model)" : model }
}
