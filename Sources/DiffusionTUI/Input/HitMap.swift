/// The meaning of each part of the screen to the mouse. The view records where it drew, and clicks are looked up here.
package struct HitMap: Sendable, Equatable {
  /// The meaning of a part of the screen.
  package enum Target: Sendable, Hashable {
    /// The track of the timeline, whose columns cover a number of steps.
    case timeline(steps: Int)
    /// A pane, counted from 0.
    case pane(Int)
  }

  /// A part of the screen and its meaning.
  package struct Region: Sendable, Hashable {
    package let part: Rect
    package let target: Target
  }

  /// A request made with the mouse.
  package enum Hit: Sendable, Hashable {
    /// Show the picture after a number of steps.
    case scrub(to: Int)
    /// Focus a pane.
    case focus(pane: Int)
    /// Go a number of steps forward, or back if negative; in the pane under the mouse if there is one.
    case wheel(steps: Int, pane: Int?)
  }

  /// The regions; where two overlap, the later one is on top.
  package private(set) var regions: [Region] = []

  package init() {}

  /// Records the meaning of a part of the screen. An empty part is ignored.
  package mutating func add(_ target: Target, at part: Rect) {
    if part.columns > 0, part.rows > 0 { regions.append(Region(part: part, target: target)) }
  }

  /// The region at a position.
  package func region(column: Int, row: Int) -> Region? { regions.last { $0.part.contains(column: column, row: row) } }

  /// The request of an event; nil for none.
  ///
  /// - Parameter grabbed: The region in which the held button was pressed, so that dragging the timeline continues
  ///   outside its row. The caller keeps the result of ``region(column:row:)`` from a press until the release.
  package func hit(by event: MouseEvent, grabbed: Region? = nil) -> Hit? {
    let below = region(column: event.column, row: event.row)
    switch event.kind {
    case .wheelUp, .wheelDown:
      var pane: Int?
      if case .pane(let index) = below?.target { pane = index }
      return .wheel(steps: event.kind == .wheelUp ? -1 : 1, pane: pane)
    case .press where event.button == .left: return below.flatMap { clicked($0, at: event.column) }
    case .drag where event.button == .left:
      guard let grabbed, case .timeline = grabbed.target else { return nil }
      return clicked(grabbed, at: event.column)
    default: return nil
    }
  }

  private func clicked(_ region: Region, at column: Int) -> Hit {
    switch region.target {
    case .pane(let index): return .focus(pane: index)
    case .timeline(let steps):
      let last = max(1, region.part.columns - 1)
      let place = min(max(0, column - region.part.column), last)
      // The position whose own column is nearest.
      let before = place * steps / last
      let nearest = [before, min(steps, before + 1)].min {
        abs($0 * last / max(1, steps) - place) < abs($1 * last / max(1, steps) - place)
      }
      return .scrub(to: nearest ?? before)
    }
  }
}
