/// The actions that inspect pictures.
public enum InspectAction: FeatureAction {
  /// Show x_t, the predicted original and the predicted noise side by side, or one picture again.
  case threeUp
  /// Show the predicted originals without the prompt, with it, and their difference; then the predictions; then one
  /// picture again.
  case guidance
  /// Show the attention to each token of the prompt, or the pictures again.
  case attention
  /// Select the page beside the picture: numbers, or one of the plots.
  case nextPage, previousPage
  /// Show half as much of the picture, or twice as much; zooming out fully removes the pixel cursor.
  case zoomIn, zoomOut
  /// Move to the adjacent pixel; at first to the middle of the picture.
  case pixelLeft, pixelRight, pixelUp, pixelDown
  /// Mark clipped pixels, or show them as they are.
  case clipping
  /// Make the colours of differences saturate ten times earlier, or later.
  case finerScale, coarserScale
  /// Fill the pane by averaging areas, or show every pixel a whole number of times.
  case fit
  /// Show the next channel alone, or all of them again.
  case channel
  /// Decode the latents of this step, and show the image.
  case decode

  package static let chapter = KeyBinding.Chapter.see
  package var action: Action { .inspect(self) }

  package var row: KeyRow {
    switch self {
    case .threeUp:
      KeyRow(
        .character("T"), name: "three-up", label: "three",
        help: "x_t, predicted original and noise beside each other", rank: 9)
    case .guidance:
      KeyRow(
        .character("E"), name: "text-effect", label: "effect",
        help: "without the prompt, with it, and their difference", rank: 15, yields: true)
    case .attention:
      KeyRow(
        .character("H"), name: "attention", label: "attention", help: "the attention to each token of the prompt",
        rank: 16, yields: true)
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
    case .fit:
      KeyRow(
        .character("f"), name: "whole-pixels", label: "fit", help: "fill the pane by averaging areas, or whole pixels",
        rank: 13, yields: true)
    case .channel:
      KeyRow(
        .character("V"), name: "next-channel", label: "channel", help: "one channel alone in gray, then all again",
        yields: true)
    case .decode:
      KeyRow(
        .character("I"), name: "decode", label: "image", help: "decode this step's latents, and show the image",
        rank: 8, yields: true)
    }
  }

  private static func pixel(_ key: Key, _ name: String) -> KeyRow {
    KeyRow(
      key, name: "pixel-\(name)", label: name, help: "Shift and an arrow: point at a pixel; zoomed in, the arrows alone"
    )
  }
}
