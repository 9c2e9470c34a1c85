import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The options of `explore`.
public struct ExploreOptions: ParsableArguments {
  @OptionGroup(title: "Run settings")
  var run: RunOptions

  @OptionGroup
  var compare: CompareOptions

  @OptionGroup
  var gallery: GalleryOptions

  @OptionGroup
  var sweep: SweepViewOptions

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
    let entries = try gallery.entries(isPlain: session.plain)
    let found = try compare.runs(run, drawSeed: drawSeed, environment: environment)
    var (runs, statesSteps) = (found.runs, found.statesSteps)
    // Without MODEL, prompts mean the model that takes them.
    if case .prompts(let prompts) = entries, let first = prompts.first, run.model.model == nil {
      for index in runs.indices where runs[index].settings.prompts.isEmpty {
        runs[index].settings.prompts = [first]
        runs[index].model = ModelReference(meantBy: runs[index].settings)
      }
    }
    let board = try sweep.board(base: runs[0].settings, isPlain: session.plain)
    // The runs beside which cells open: the first cell, unless others were asked for.
    let showsCells = board != nil && !run.isAnyGiven && compare.compare == nil
    if let board, showsCells {
      (runs, statesSteps) = ([try board.request(of: 0)], [board.folder.plan.states(.steps)])
    }
    return try ExploreRequest(
      model: run.model.model == nil ? runs.first?.model ?? .demo : run.model.reference, runs: runs,
      statesSteps: statesSteps,
      appearance: try look.appearance(), isPlain: session.plain,
      gallery: entries, sweep: board, showsCells: showsCells,
      resumesSession: remembers && !run.isAnyGiven && compare.compare == nil && board == nil
        && entries?.namesPrompts != true,
      savesSession: remembers && board == nil,
      receipt: try receipt.path())
  }
}
