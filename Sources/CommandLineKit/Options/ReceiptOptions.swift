import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The option of the explorer that writes a receipt.
public struct ReceiptOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Write the receipt of the focused run to a .json file, for `diffusion-tui verify`, once the run has taken its \
      last step; it is replaced when another finished run gets the focus.
      """,
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var receipt: String?

  /// Creates options with their defaults.
  public init() {}

  /// The path of the receipt; nil for none.
  ///
  /// - Throws: ``DiffusionError``: `usage` for another file type; `cannotCreate` if the folder is not writable.
  func path() throws -> String? {
    try receipt.map { try OutputPath(checking: $0, option: "--receipt", endings: ExportKind.receipt.endings).path }
  }
}
