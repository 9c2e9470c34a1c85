/// What people ask for to see more of a picture.
public enum InspectAction: FeatureAction {
  /// x_t, the predicted original and the predicted noise beside each other, or one picture again.
  case threeUp
  /// What is beside the picture: numbers, or one of the plots.
  case nextPage, previousPage
  /// Half as much of the picture, or twice as much; all of it without a cursor in the end.
  case zoomIn, zoomOut
  /// The pixel beside the one that is pointed at; at first the one in the middle.
  case pixelLeft, pixelRight, pixelUp, pixelDown
  /// Mark clipped pixels, or show them as they are.
  case clipping
  /// Colours of differences that end ten times earlier, or later.
  case finerScale, coarserScale

  package static let chapter = KeyBinding.Chapter.see
  package var action: Action { .inspect(self) }

  package var row: KeyRow {
    switch self {
    case .threeUp:
      KeyRow(
        .character("T"), name: "three-up", label: "three",
        help: "x_t, predicted original and noise beside each other", rank: 9)
    case .nextPage:
      KeyRow(
        .character("p"), name: "next-plot", label: "plots",
        help: "numbers, or plots: over steps, values, schedule, update", rank: 7)
    case .previousPage:
      KeyRow(.character("P"), name: "previous-plot", label: "plot before", help: "the plot before")
    case .zoomIn:
      KeyRow(
        .character("z"), .character("+"), name: "zoom-in", label: "zoom",
        help: "zoom in, down to single pixels; Esc leaves", rank: 9)
    case .zoomOut: KeyRow(.character("Z"), .character("-"), name: "zoom-out", label: "wider", help: "zoom out")
    case .pixelLeft: Self.pixel(.shiftLeft, "left")
    case .pixelRight: Self.pixel(.shiftRight, "right")
    case .pixelUp: Self.pixel(.shiftUp, "up")
    case .pixelDown: Self.pixel(.shiftDown, "down")
    case .clipping:
      KeyRow(
        .character("o"), name: "mark-clipping", label: "clipping",
        help: "mark clipped pixels: orange above 1, blue below -1")
    case .finerScale:
      KeyRow(
        .character("]"), name: "finer-scale", label: "finer", help: "differences on a scale ten times finer")
    case .coarserScale: KeyRow(.character("["), name: "coarser-scale", label: "coarser", help: "or ten times coarser")
    }
  }

  private static func pixel(_ key: Key, _ name: String) -> KeyRow {
    KeyRow(
      key, name: "pixel-\(name)", label: name, help: "Shift and an arrow: point at a pixel; zoomed in, the arrows alone"
    )
  }
}
