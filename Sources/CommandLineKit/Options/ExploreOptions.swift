import ArgumentParser
import DiffusionCore

/// The options of `explore`.
public struct ExploreOptions: ParsableArguments {
  @OptionGroup(title: "Run settings")
  var run: RunOptions

  @OptionGroup
  var compare: CompareOptions

  @OptionGroup
  var gallery: GalleryOptions

  @OptionGroup(title: "Appearance")
  var look: AppearanceOptions

  @OptionGroup(title: "Session")
  var session: SessionOptions

  @OptionGroup
  var receipt: ReceiptOptions

  /// Creates options with their defaults.
  public init() {}

  /// Reads and checks the request.
  ///
  /// - Parameters:
  ///   - drawSeed: Draws the seed of a run without one.
  ///   - environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not available;
  ///   `badData` or `missingInput` for a file of runs; `cannotCreate` for a receipt that could not be written.
  public func request(drawSeed: () -> Seed, environment: [String: String] = [:]) throws -> ExploreRequest {
    let remembers = !session.noSession && !session.plain
    let runs = try compare.runs(run, drawSeed: drawSeed, environment: environment)
    return try ExploreRequest(
      model: run.model.model == nil ? runs.first?.model ?? .demo : run.model.reference, runs: runs,
      appearance: try look.appearance(), isPlain: session.plain,
      gallery: try gallery.range(isPlain: session.plain),
      resumesSession: remembers && !run.isAnyGiven && compare.compare == nil, savesSession: remembers,
      receipt: try receipt.path())
  }
}
