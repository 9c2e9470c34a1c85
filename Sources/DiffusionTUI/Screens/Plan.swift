/// One way to fill the body of a screen, with some chrome around it.
package struct Plan: Sendable {
  package let chrome: Chrome
  /// The body's extent.
  package let room: Size
  package let scale: ImageScale?
  /// The cells of the picture.
  package let cells: Size
  /// Columns kept for statistics beside the picture; 0 where there are none.
  package let statisticsColumns: Int
  /// Whether the statistics are below the picture.
  package let isStacked: Bool

  /// Rows of the caption below the picture.
  package var captionRows: Int { chrome.hasCaption && scale != nil ? 1 : 0 }
  /// Empty rows above a picture that is centred, its caption just below it.
  package var rowsAbove: Int { max(0, (room.rows - captionRows - cells.rows) / 2) }
  /// How much of the picture is shown: every pixel 1, every second 1/2; of no picture, whether a line of numbers fits.
  package var worth: Double { scale.map { 1 / Double($0.stride) } ?? (room.rows > 0 ? 0.001 : 0) }

  /// Fits the picture into the body: beside the statistics on a wide screen, above them on a narrow, high one.
  package init(chrome: Chrome, room: Size, pixels: Size, renderer: any ImageRenderer) {
    self.chrome = chrome
    self.room = room
    let captionRows = chrome.hasCaption ? 1 : 0
    isStacked = room.columns < 64 && room.rows >= 26
    if isStacked {
      statisticsColumns = 0
      let limit = Size(columns: room.columns, rows: room.rows - captionRows - 10)
      scale = ImageScale.fitting(pixels, renderer, in: limit)
    } else {
      let wanted = room.columns >= 78 ? 41 : room.columns >= 52 ? 23 : room.columns >= 36 ? 20 : 0
      let gap = wanted == 0 ? 0 : room.columns >= 78 ? 3 : 2
      statisticsColumns = wanted
      let limit = Size(columns: room.columns - wanted - gap, rows: room.rows - captionRows)
      scale = ImageScale.fitting(pixels, renderer, in: limit)
    }
    cells = scale.map { renderer.cells(for: $0.extent(of: pixels)) } ?? Size(columns: 0, rows: 0)
  }
}
