/// What is kept of runs.
extension KeyMap {
  static let keep = [
    row(
      .keep, [.character("x")], "open-exports", .openExports, "export",
      "write a receipt, pictures, numbers, the screen", rank: 12),
    row(
      .keep, [.character("y")], "copy-command", .copyCommandLine, "copy",
      "show the command line of this run; copy it", rank: 18),
  ]
}
