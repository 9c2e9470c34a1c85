/// Looking closer at pictures and their numbers.
extension KeyMap {
  static let inspect =
    [
      row(
        .see, [.character("T")], "three-up", .inspect(.threeUp), "three",
        "x_t, predicted original and noise beside each other", rank: 9),
      row(
        .see, [.character("p")], "next-plot", .inspect(.nextPage), "plots",
        "numbers, or plots: over steps, values, schedule, update", rank: 7),
      row(
        .see, [.character("P")], "previous-plot", .inspect(.previousPage), "plot before", "the plot before", rank: nil),
      row(
        .see, [.character("z"), .character("+")], "zoom-in", .inspect(.zoomIn), "zoom",
        "zoom in, down to single pixels; Esc leaves", rank: 9),
      row(
        .see, [.character("Z"), .character("-")], "zoom-out", .inspect(.zoomOut), "wider", "zoom out", rank: nil),
    ] + pixels + [
      row(
        .see, [.character("o")], "mark-clipping", .inspect(.clipping), "clipping",
        "mark clipped pixels: orange above 1, blue below -1", rank: nil),
      row(
        .see, [.character("]")], "finer-scale", .inspect(.finerScale), "finer",
        "differences on a scale ten times finer", rank: nil),
      row(
        .see, [.character("[")], "coarser-scale", .inspect(.coarserScale), "coarser", "or ten times coarser", rank: nil),
    ]

  private static let pixels = [
    (Key.shiftLeft, "left", Inspect.pixelLeft), (.shiftRight, "right", .pixelRight), (.shiftUp, "up", .pixelUp),
    (.shiftDown, "down", .pixelDown),
  ].map { key, name, action in
    row(
      .see, [key], "pixel-\(name)", .inspect(action), name,
      "Shift and an arrow: point at a pixel; zoomed in, the arrows alone", rank: nil)
  }
}
