/// How pictures are looked at, and what is beside them. It is the screen's, not a run's: all panes share it.
public struct Inspection: Sendable, Equatable {
  /// What is beside the picture.
  package var page = PlotPage.numbers
  /// Whether x_t, the predicted original and the predicted noise are shown beside each other.
  package var isThreeUp = false
  /// Whether pixels that are clipped are marked.
  package var marksClipping = false
  /// Where the colours of difference pictures end.
  package var differenceScale = DifferenceScale()
  /// The part of the picture that is shown and the pixel that is pointed at; nil while all of it is shown and none is.
  package var viewport: Viewport?
}
