import ArgumentParser
import DiffusionCore

/// The options of `sweep merge`.
public struct SweepMergeOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Folders of one sweep, as --output named them.", valueName: "dir"), completion: .directory)
  var folders: [String]

  @Option(
    help: ArgumentHelp(
      "The folder for table.csv, table.json and sheet.png. If omitted, the folder of the sweep, if there is only one.",
      valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The setting that stands across the contact sheet; the others stand down. If omitted, the plan's last axis.",
      valueName: "setting"),
    completion: .planKeys)
  var columns: String?

  @Flag(help: "Write no contact sheet.")
  var noSheet = false

  @Flag(help: "Merge the cells that are there, even if some are missing.")
  var partial = false

  @Option(
    help: ArgumentHelp(
      "How progress goes to standard error: line (rewritten in place, on a terminal only) or none.", valueName: "kind"),
    completion: .list(["line", "none"]))
  var progress: String = GenerateRequest.Progress.line.rawValue

  /// Creates options with their defaults.
  public init() {}

  /// How progress goes to standard error.
  ///
  /// - Throws: ``DiffusionError`` (`usage`).
  public func progressFormat() throws -> GenerateRequest.Progress {
    guard let format = GenerateRequest.Progress(rawValue: progress), format != .json else {
      throw DiffusionError(.usage, "--progress: '\(progress)' is unknown: expected line or none")
    }
    return format
  }

  /// Reads and checks the request, with the plan of each folder.
  ///
  /// - Throws: ``DiffusionError``: `usage` that names the option; `missingInput` or `badData` for a folder that is not
  ///   of a sweep, or of another one than the first.
  public func request() throws -> SweepMergeRequest {
    guard output != nil || folders.count == 1 else {
      throw DiffusionError(.usage, "--output is missing: of \(folders.count) folders, none is that of the table")
    }
    let found = try folders.map { try SweepFolder(opening: $0) }
    guard let first = found.first else { throw DiffusionError(.usage, "no folder is named") }
    for other in found.dropFirst() {
      guard let difference = other.plan.difference(from: first.plan) else { continue }
      throw DiffusionError(
        .badData, "\(other.path): of another sweep than \(first.path): \(difference); merge folders of one plan")
    }
    let grid = try columns.map { try SweepGrid(first.plan, across: $0) } ?? SweepGrid(first.plan)
    return SweepMergeRequest(
      folders: found, output: output ?? first.path, grid: noSheet ? nil : grid, allowsMissing: partial)
  }
}
