import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The option to begin with the final images of many seeds.
public struct GalleryOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Begin with the final images of a range of seeds, such as 0-63, at most \(SeedRange.maximumCount) of them.",
      valueName: "n-n"))
  var gallery: String?

  /// Creates options with their defaults.
  public init() {}
}

extension GalleryOptions {
  /// The seeds; nil if none were requested.
  ///
  /// - Throws: ``DiffusionError``: `usage` that names the option.
  func range(isPlain: Bool) throws -> SeedRange? {
    guard let gallery else { return nil }
    guard !isPlain else {
      throw DiffusionError(.usage, "--gallery needs the explorer's screen: omit it or --plain")
    }
    do {
      return try SeedRange(parsing: gallery)
    } catch {
      throw DiffusionError(.usage, "--gallery: \(error)")
    }
  }
}
