import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The option to begin with the final images of many seeds or prompts.
public struct GalleryOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Begin with the final images of a range of seeds, such as 0-63, at most \(SeedRange.maximumCount) of them; or of \
      several prompts at one seed: 'pizza | red heart', or the word prompts for those of --prompt; or of several \
      classes: 'classes 0-7'.
      """,
      valueName: "n-n"),
    completion: .list(["prompts"]))
  var gallery: String?

  /// Creates options with their defaults.
  public init() {}
}

extension GalleryOptions {
  /// The seeds, the prompts or the classes; nil if none were requested.
  ///
  /// - Throws: ``DiffusionError``: `usage` that names the option.
  func entries(isPlain: Bool) throws -> GalleryEntries? {
    guard let gallery else { return nil }
    guard !isPlain else {
      throw DiffusionError(.usage, "--gallery needs the explorer's screen: omit it or --plain")
    }
    do {
      return try GalleryEntries(parsing: gallery)
    } catch {
      throw DiffusionError(.usage, "--gallery: \(error)")
    }
  }
}
