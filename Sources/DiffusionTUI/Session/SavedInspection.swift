/// The saved view of the pictures, and what was beside them. Missing or unknown values are replaced by the defaults.
package struct SavedInspection: Codable, Sendable, Equatable {
  /// The visible region of the pictures, and the selected pixel.
  package struct Zoom: Codable, Sendable, Equatable {
    /// The size of the pictures in pixels: columns and rows.
    package var picture: [Int]
    /// How many times smaller the region is, each way: 1, 2, 4 ...
    package var factor: Int
    /// The pixel in its middle: column and row.
    package var center: [Int]
    /// The selected pixel; nil for none.
    package var cursor: [Int]?
  }

  /// The page beside the picture, a raw value of ``PlotPage``.
  package var page: String?
  /// Whether x_t, the predicted original and the predicted noise were shown together.
  package var threeUp: Bool?
  /// The three pictures shown together in place of one, a raw value of ``ThreeUpSubject``; nil for those of the step.
  package var threeUpSubject: String?
  /// The token whose attention was chosen, from 0; nil if no attention was seen.
  package var attentionToken: Int?
  /// Whether clipped pixels were marked.
  package var marksClipping: Bool?
  /// The power of ten at which the colours of difference pictures ended.
  package var differenceExponent: Int?
  /// How pictures filled their panes, a raw value of ``PictureFit``.
  package var fit: String?
  /// The only channel shown, from 0; nil for all.
  package var channel: Int?
  /// The zoom; nil if the whole picture was shown and no pixel selected.
  package var zoom: Zoom?

  private enum CodingKeys: String, CodingKey {
    case page, zoom, fit, channel
    case threeUp = "three_up"
    case threeUpSubject = "three_up_subject"
    case attentionToken = "attention_token"
    case marksClipping = "marks_clipping"
    case differenceExponent = "difference_exponent"
  }

  /// Saves how pictures are viewed.
  package init(_ state: State) {
    let inspection = state.inspection
    page = inspection.page.rawValue
    threeUp = state.isOpen(.threeUp)
    threeUpSubject = state.threeUpSubject.flatMap { $0 == .step ? nil : $0.rawValue }
    attentionToken = state.showsAttention ? state.attentionChoice?.token : nil
    marksClipping = inspection.marksClipping
    differenceExponent = inspection.differenceScale.exponent
    (fit, channel) = (inspection.fit.rawValue, inspection.channel)
    zoom = state.zoom.map { viewport in
      Zoom(
        picture: [viewport.picture.columns, viewport.picture.rows], factor: viewport.factor,
        center: [viewport.center.column, viewport.center.row],
        cursor: viewport.cursor.map { [$0.column, $0.row] })
    }
  }

  /// Restores the inspection. Numbers out of range are clamped.
  package var inspection: Inspection {
    var inspection = Inspection()
    inspection.page = page.flatMap(PlotPage.init(rawValue:)) ?? inspection.page
    inspection.marksClipping = marksClipping ?? inspection.marksClipping
    inspection.differenceScale = differenceExponent.map { DifferenceScale(exponent: $0) } ?? inspection.differenceScale
    inspection.fit = fit.flatMap(PictureFit.init(rawValue:)) ?? inspection.fit
    inspection.channel = channel.flatMap { $0 >= 0 ? $0 : nil }
    return inspection
  }

  /// The layers that enlarged the pictures. A zoom lies over three pictures, and attention over both.
  package var layers: [Layer] {
    let subject = threeUpSubject.flatMap(ThreeUpSubject.init(rawValue:)) ?? .step
    let pictures: [Layer] = threeUp == true ? [.threeUp(subject)] : []
    let attention = attentionToken.map { [Layer.attention(AttentionChoice(token: $0))] } ?? []
    return pictures + (zoom?.viewport.map { [Layer.zoom($0)] } ?? []) + attention
  }
}

extension SavedInspection.Zoom {
  /// The viewport; nil where a pair of numbers is invalid.
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
