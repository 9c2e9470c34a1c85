import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The options of `snapshot`.
public struct SnapshotOptions: ParsableArguments {
  @OptionGroup(title: "Run settings")
  var run: RunOptions

  @OptionGroup
  var compare: CompareOptions

  @OptionGroup(title: "Appearance")
  var look: AppearanceOptions

  @Option(help: ArgumentHelp("Columns and rows of the screen.", valueName: "WxH"))
  var size: String = "120x40"

  @Option(
    help: ArgumentHelp(
      """
      Keys to press, separated by spaces: space, right, left, home, end, enter, esc, up, down, tab, shift-tab, \
      backspace, delete, pageup, pagedown, f1 to f12, ctrl- with a letter, or a character.
      """,
      valueName: "keys"))
  var keys: String = ""

  @OptionGroup
  var receipt: ReceiptOptions

  @Option(
    help: ArgumentHelp("The file to write: .svg, .ansi or .txt.", valueName: "file"),
    completion: .file(extensions: SnapshotRequest.Format.allCases.map(\.rawValue)))
  var output: String

  /// Creates options with their defaults.
  public init() {}

  /// Reads and checks the request, before any work is done.
  ///
  /// - Parameters:
  ///   - drawSeed: Draws the seed of a run without one.
  ///   - environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not available;
  ///   `cannotCreate` for an output that cannot be written.
  public func request(drawSeed: () -> Seed, environment: [String: String] = [:]) throws -> SnapshotRequest {
    let endings = SnapshotRequest.Format.allCases.map { "." + $0.rawValue }
    let target = try OutputPath(checking: output, option: "--output", endings: endings)
    let (runs, statesSteps) = try compare.runs(run, drawSeed: drawSeed, environment: environment)
    return try SnapshotRequest(
      explore: ExploreRequest(
        model: run.model.reference, runs: runs, statesSteps: statesSteps,
        appearance: try look.appearance(), receipt: try receipt.path()),
      size: try Size(parsing: size),
      keys: try KeySequence(parsing: keys).keys,
      output: target.path,
      format: SnapshotRequest.Format(rawValue: String(target.ending.dropFirst())) ?? .txt)
  }
}
