/// Turns pixels into cells.
package protocol ImageRenderer: Sendable {
  /// The cells that so many shown pixels take.
  func cells(for pixels: Size) -> Size
  /// Draws a picture with its upper left corner at a place.
  func draw(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look)
}
