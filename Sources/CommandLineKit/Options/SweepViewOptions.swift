import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The option to begin with the grid of a sweep.
public struct SweepViewOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Begin with the grid of a sweep: the folder that sweep --output named, or a plan. Cells fill in as processes make \
      them; Enter opens one.
      """,
      valueName: "dir or plan"),
    completion: .file(extensions: ["toml"]))
  var sweep: String?

  /// Creates options with their defaults.
  public init() {}

  /// The grid; nil if none was asked for.
  ///
  /// - Parameters:
  ///   - base: The device and the threads, for what the plan does not state.
  ///   - isPlain: Whether there is no screen.
  /// - Throws: ``DiffusionError``: `usage` without a screen; `missingInput` or `badData` for the folder or the plan.
  func board(base: RunSettings, isPlain: Bool) throws -> SweepBoard? {
    guard let sweep else { return nil }
    guard !isPlain else {
      throw DiffusionError(.usage, "--sweep needs the explorer's screen: omit it or --plain")
    }
    let base = RunRequest(settings: RunSettings(device: base.device, threads: base.threads))
    guard FileAccess.kind(of: sweep) != .folder else {
      let folder = try SweepFolder(opening: sweep)
      return SweepBoard(folder, base: base, modelFolder: folder.plan.folder ?? ".")
    }
    let file = try SweepPlanFile(contentsOf: sweep)
    return SweepBoard(
      SweepFolder(path: SweepPlanFile.usualFolder(of: sweep) ?? ".", plan: file.plan), base: base,
      modelFolder: file.folder)
  }
}
