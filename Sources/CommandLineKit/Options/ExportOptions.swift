import ArgumentParser
import DiffusionCore

/// The options of `generate` that write a run's steps as images, as numbers, and as a receipt.
public struct ExportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Write one PNG of all steps: rows of x_t, and below each the predicted originals. A batch gives FILE-0.png, \
      FILE-1.png, ...
      """,
      valueName: "file"),
    completion: .file(extensions: ["png"]))
  var contactSheet: String?

  @Option(
    help: ArgumentHelp(
      """
      Write the denoising of x_t as an animated PNG, .png or .apng. A batch gives FILE-0.png, FILE-1.png, ... Of a run \
      with stages, smaller pictures are enlarged by whole factors; a prior's embeddings are no pictures and left out.
      """,
      valueName: "file"),
    completion: .file(extensions: ["png", "apng"]))
  var animation: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Milliseconds that the animation shows each step; the last one stays for at least 1000.", valueName: "ms"))
  var delay: Int = 100

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many times the animation plays; 0 repeats it for ever.", valueName: "n"))
  var loops: Int = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      How many times each pixel is repeated in both directions, in the contact sheet and the animation. If omitted, \
      as many as keep an image within 128 pixels.
      """,
      valueName: "n"))
  var scale: Int?

  @Option(
    help: ArgumentHelp(
      "Write the statistics of every step's tensors as a .csv with a header (RFC 4180). Numbers round-trip.",
      valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var csv: String?

  @Option(
    help: ArgumentHelp(
      """
      Write a receipt: a small JSON with the SHA-256 of the model's files and of every tensor, the settings and \
      the engine's version, for `diffusion-tui verify`.
      """,
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var receipt: String?

  /// Creates options with their defaults.
  public init() {}
}

extension ExportOptions {
  /// Reads and checks the request, before any work is done.
  ///
  /// - Parameter others: The paths of other outputs of the command, by option; no path may be written twice.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `cannotCreate` for an output that cannot be written.
  public func request(besides others: [(option: String, path: String)] = []) throws -> ExportRequest {
    let named = [
      ("--contact-sheet", contactSheet), ("--animation", animation), ("--csv", csv), ("--receipt", receipt),
    ]
    try Self.refuseSharedPaths(others + named.compactMap { option, path in path.map { (option, $0) } })
    return ExportRequest(
      contactSheet: try Self.path(contactSheet, "--contact-sheet", [".png"]),
      animation: try Self.path(animation, "--animation", [".png", ".apng"]),
      timing: AnimationTiming(
        delay: try OptionRange.check(delay, in: 1...60_000, option: "--delay"),
        loops: try OptionRange.check(loops, in: 0...1_000_000, option: "--loops")),
      scale: try scale.map { try OptionRange.check($0, in: 1...64, option: "--scale") },
      csv: try Self.path(csv, "--csv", [".csv"]), receipt: try Self.path(receipt, "--receipt", [".json"]))
  }

  private static func path(_ path: String?, _ option: String, _ endings: [String]) throws -> String? {
    try path.map { try OutputPath(checking: $0, option: option, endings: endings).path }
  }

  /// Refuses two outputs with the same path, where one would silently replace the other.
  private static func refuseSharedPaths(_ paths: [(option: String, path: String)]) throws {
    for (index, later) in paths.enumerated() {
      guard let earlier = paths[..<index].first(where: { $0.path == later.path }) else { continue }
      throw DiffusionError(
        .usage, "\(later.option): '\(later.path)' is the file of \(earlier.option) already: name another one")
    }
  }
}
