/// What people ask for to see more of a picture. `KeyMap` gives each its key.
public enum Inspect: Sendable, Hashable, CaseIterable {
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
}
