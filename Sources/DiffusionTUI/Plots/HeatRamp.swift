/// Fractions shown as brightness: with 256 or more colours, from the background through the graph colour to the text
/// colour; with fewer, shades of one colour; else a ramp of characters.
package struct HeatRamp: Sendable {
  private let look: Look
  private let stops: [RGB]

  private static let shades: [Character] = [" ", "\u{2591}", "\u{2592}", "\u{2593}", "\u{2588}"]

  package init(look: Look) {
    self.look = look
    stops = [
      look[.background].background ?? RGB(0, 0, 0), look[.graph].foreground ?? RGB(110, 110, 110),
      look[.text].foreground ?? RGB(255, 255, 255),
    ]
  }

  /// Whether every fraction has a colour of its own, and a cell can hold two of them.
  package var isContinuous: Bool { look.capabilities.unicode && look.capabilities.colorTier >= .palette256 }

  /// The colour of a fraction, 0 to 1.
  package func color(_ share: Double) -> RGB {
    let place = (share.isFinite ? min(1, max(0, share)) : 0) * Double(stops.count - 1)
    let index = min(stops.count - 2, Int(place))
    return stops[index].blended(with: stops[index + 1], share: place - Double(index))
  }

  /// The cell of a fraction where there are few colours. Any value above zero is visible.
  package func shade(_ share: Double) -> Cell {
    let ramp = look.capabilities.unicode ? Self.shades : ASCIIRampRenderer.ramp
    let share = share.isFinite ? min(1, max(0, share)) : 0
    let index = Int((share * Double(ramp.count - 1)).rounded())
    return Cell(ramp[share > 0 ? max(1, index) : 0], look[.graph])
  }
}
