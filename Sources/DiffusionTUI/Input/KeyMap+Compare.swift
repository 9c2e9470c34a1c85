/// Runs side by side.
extension KeyMap {
  static let compare =
    [
      row(.compare, [.character("c")], "c", .addPane, "compare", "one run more, with the next seed", rank: 10),
      row(.compare, [.character("C")], "C", .closePane, "close", "close the focused run", rank: 12),
      row(.compare, [.tab], "Tab", .focusNext, "next", "to the next run; Shift-Tab to the one before", rank: 3),
      row(.compare, [.backTab], "", .focusPrevious, "", "to the next run; Shift-Tab to the one before", rank: nil),
    ] + digits + [
      row(.compare, [.character("=")], "=", .setReference, "reference", "compare with the focused run", rank: 7),
      row(
        .compare, [.character("u")], "u", .cycleLink, "link", "link the cursors by step, by timestep, or not", rank: 6),
      row(
        .compare, [.character("D")], "D", .cyclePaneView, "difference", "pictures, or differences to the reference",
        rank: 5),
    ]

  private static let digits = (1...State.maximumPanes).map { number in
    row(
      .compare, [.character(Character("\(number)"))], number == 1 ? "1 to 8" : "", .focusPane(number - 1), "",
      "to the run of that number", rank: nil)
  }
}
