/// How pictures were looked at, and what was beside them, as it is remembered. What is not there, or is unknown by now,
/// is as it is at the start.
package struct SavedInspection: Codable, Sendable, Equatable {
  /// The part of the pictures that was shown, and the pixel that was pointed at.
  package struct Zoom: Codable, Sendable, Equatable {
    /// How large the pictures were, in pixels: columns and rows.
    package var picture: [Int]
    /// How many times smaller the part was, each way: 1, 2, 4 ...
    package var factor: Int
    /// The pixel in its middle: column and row.
    package var center: [Int]
    /// The pixel that was pointed at; nil for none.
    package var cursor: [Int]?
  }

  /// What was beside the picture, by ``PlotPage``.
  package var page: String?
  /// Whether x_t, the predicted original and the predicted noise were beside each other.
  package var threeUp: Bool?
  /// Whether clipped pixels were marked.
  package var marksClipping: Bool?
  /// The power of ten at which the colours of difference pictures ended.
  package var differenceExponent: Int?
  /// Nil where all of the pictures was shown, and no pixel pointed at.
  package var zoom: Zoom?

  private enum CodingKeys: String, CodingKey {
    case page, zoom
    case threeUp = "three_up"
    case marksClipping = "marks_clipping"
    case differenceExponent = "difference_exponent"
  }

  /// Remembers how pictures are looked at.
  package init(_ state: State) {
    let inspection = state.inspection
    page = inspection.page.rawValue
    threeUp = state.isOpen(.threeUp)
    marksClipping = inspection.marksClipping
    differenceExponent = inspection.differenceScale.exponent
    zoom = state.zoom.map { viewport in
      Zoom(
        picture: [viewport.picture.columns, viewport.picture.rows], factor: viewport.factor,
        center: [viewport.center.column, viewport.center.row],
        cursor: viewport.cursor.map { [$0.column, $0.row] })
    }
  }

  /// The same again. Numbers that are out of range become the nearest that are not.
  package var inspection: Inspection {
    var inspection = Inspection()
    inspection.page = page.flatMap(PlotPage.init(rawValue:)) ?? inspection.page
    inspection.marksClipping = marksClipping ?? inspection.marksClipping
    inspection.differenceScale = differenceExponent.map { DifferenceScale(exponent: $0) } ?? inspection.differenceScale
    return inspection
  }

  /// What lay over the runs to see more of them. A zoom lies over three pictures, whatever came first.
  package var layers: [Layer] {
    (threeUp == true ? [.threeUp] : []) + (zoom?.viewport.map { [Layer.zoom($0)] } ?? [])
  }
}

extension SavedInspection.Zoom {
  /// Nil where a pair of numbers is none.
  fileprivate var viewport: Viewport? {
    let sides = 1...65_536
    guard picture.count == 2, picture.allSatisfy(sides.contains), let center = Self.place(center) else { return nil }
    return Viewport(
      picture: Size(columns: picture[0], rows: picture[1]), factor: factor, center: center,
      cursor: cursor.flatMap(Self.place))
  }

  private static func place(_ numbers: [Int]) -> PixelPlace? {
    numbers.count == 2 ? PixelPlace(column: numbers[0], row: numbers[1]) : nil
  }
}
