/// Runs side by side.
extension KeyMap {
  static let compare =
    [
      row(
        .compare, [.character("c")], "another-run", .addPane, "compare", "one run more, with the next seed", rank: 10),
      row(.compare, [.character("C")], "close-run", .closePane, "close", "close the focused run", rank: 12),
      row(
        .compare, [.character("G")], "gallery", .gallery, "gallery", "the final images of many seeds", rank: 12),
      row(.compare, [.tab], "next-run", .focusNext, "next", "to the next run", rank: 3),
      row(.compare, [.backTab], "previous-run", .focusPrevious, "previous", "to the run before", rank: nil),
    ] + digits + [
      row(
        .compare, [.character("=")], "make-reference", .setReference, "reference", "compare with the focused run",
        rank: 7),
      row(
        .compare, [.character("u")], "next-link", .cycleLink, "link", "link the cursors by step, by timestep, or not",
        rank: 6),
      row(
        .compare, [.character("D")], "show-difference", .cyclePaneView, "difference",
        "pictures, or differences to the reference", rank: 5),
    ]

  private static let digits = (1...State.maximumPanes).map { number in
    row(
      .compare, [.character(Character("\(number)"))], "focus-run-\(number)", .focusPane(number - 1), "run \(number)",
      "to the run of that number", rank: nil)
  }
}
