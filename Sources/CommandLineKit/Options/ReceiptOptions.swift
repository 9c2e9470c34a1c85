import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The option of the explorer that keeps a receipt.
public struct ReceiptOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Keep the receipt of the run in focus in a .json file, for `diffusion-tui verify`: written once the run has \
      taken its last step, and again, whole, when another finished run is in focus.
      """,
      valueName: "file"))
  var receipt: String?

  /// Options as they stand when none is given.
  public init() {}

  /// Where the receipt goes; nil for nowhere.
  ///
  /// - Throws: ``DiffusionError``: `usage` for another ending; `cannotCreate` if the folder would not take the file.
  func path() throws -> String? {
    try receipt.map { try OutputPath(checking: $0, option: "--receipt", endings: ExportKind.receipt.endings).path }
  }
}
