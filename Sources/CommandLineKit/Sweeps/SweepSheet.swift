import DiffusionCore
import DiffusionTUI

/// The first image of every cell in one picture, with the values of the axes along its sides.
///
/// One axis alone is wrapped into several bands of columns.
struct SweepSheet {
  private static let ink = RGB(224, 224, 224), faint = RGB(150, 150, 150), alarm = RGB(255, 120, 120)
  /// The most pixels that enlarged images may take together; above it they are drawn smaller.
  private static let comfortablePixels = 25_000_000
  /// The most characters of a label beside a row.
  private static let rowLabelLimit = 48

  private let grid: SweepGrid
  private let images: [Int: String]
  /// The cells whose images have a NaN or an infinity.
  private let nonFinite: Set<Int>
  private let checkCancellation: () throws -> Void
  /// The size of the images: the largest of all.
  private let width: Int, height: Int
  /// Each pixel is repeated `scale` times, or `shrink` by `shrink` of them become one.
  private let scale: Int, shrink: Int
  /// The columns of a band, and the bands.
  private let columns: Int, bands: Int

  /// Plans a sheet.
  ///
  /// - Parameters:
  ///   - grid: The arrangement.
  ///   - images: The files of the images, by cell.
  ///   - nonFinite: The cells whose images have a NaN or an infinity, which their pictures say.
  ///   - checkCancellation: Called before each row.
  /// - Throws: ``DiffusionError``: for files that cannot be read; `usage` if it would be too large.
  init(
    _ grid: SweepGrid, images: [Int: String], nonFinite: Set<Int>, checkCancellation: @escaping () throws -> Void
  ) throws {
    (self.grid, self.images, self.nonFinite, self.checkCancellation) = (grid, images, nonFinite, checkCancellation)
    let sizes = try Set(images.values.map { try PictureFiles.size(of: $0) }.map { [$0.width, $0.height] })
    (width, height) = (sizes.map { $0[0] }.max() ?? 1, sizes.map { $0[1] }.max() ?? 1)
    columns = grid.rows == 1 && grid.columns > 8 ? Int(Double(grid.columns).squareRoot().rounded(.up)) : grid.columns
    bands = (grid.columns + columns - 1) / columns
    let area = Double(width * height) * Double(grid.plan.count)
    let usual = PixelImage.usualScale(width: width, height: height)
    scale = max(1, min(usual, Int((Double(Self.comfortablePixels) / area).squareRoot())))
    shrink = max(1, Int((area / Double(Self.comfortablePixels)).squareRoot().rounded(.up)))
    let (across, down) = extent
    try PixelImage.require(
      across, down, for: "the contact sheet",
      "\(grid.columns)x\(grid.rows) cells are \(across)x\(down) pixels", remedy: "leave it out with --no-sheet")
  }

  private var cellWidth: Int { (width + shrink - 1) / shrink * scale }
  private var cellHeight: Int { (height + shrink - 1) / shrink * scale }
  private var textScale: Int { max(1, min(3, cellWidth / 64)) }
  private var lineHeight: Int { PixelFont.lineHeight * textScale }
  private var advance: Int { PixelFont.advance * textScale }
  private var gap: Int { max(2, scale) }

  private var pitch: Int {
    // A short label fits above its column; a longer one is cut.
    let label = min(12, (0..<grid.columns).map { grid.columnLabel($0).count }.max() ?? 0)
    return max(cellWidth, label * advance) + gap
  }
  private var rowLabelWidth: Int {
    // Not every row of a million is asked for its label.
    let longest = (0..<min(grid.rows, 1000)).map { grid.rowLabel($0).count }.max() ?? 0
    return longest == 0 ? gap : min(Self.rowLabelLimit, longest) * advance + 2 * gap
  }
  private var heading: [String] {
    let across = grid.acrossName.isEmpty ? [] : ["across: \(grid.acrossName)"]
    let down = grid.downName.isEmpty ? [] : ["down: \(grid.downName)"]
    let constants = grid.plan.constants.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }
    return across + down + [constants.joined(separator: ", ")].filter { !$0.isEmpty }
  }
  private var top: Int { heading.count * lineHeight + gap }
  private var bandHeight: Int { lineHeight + grid.rows * (cellHeight + gap) + gap }
  private var extent: (width: Int, height: Int) { (rowLabelWidth + columns * pitch, top + bands * bandHeight) }

  /// The sheet as a PNG file.
  ///
  /// - Throws: ``DiffusionError`` for an image that cannot be read, or if libpng fails.
  func png() throws -> [UInt8] {
    var sheet = PixelImage(width: extent.width, height: extent.height)
    for (index, line) in heading.enumerated() {
      sheet.write(line, Self.faint, column: gap, row: gap + index * lineHeight, scale: textScale)
    }
    for band in 0..<bands {
      let places = band * columns..<min(grid.columns, (band + 1) * columns), y = top + band * bandHeight
      for column in places {
        let label = Self.cut(grid.columnLabel(column), to: (pitch - gap) / advance)
        sheet.write(label, Self.ink, column: left(of: column), row: y, scale: textScale)
      }
      for row in 0..<grid.rows {
        try checkCancellation()
        try draw(row, places, at: y + lineHeight + row * (cellHeight + gap), on: &sheet)
      }
    }
    return try sheet.png()
  }

  private func left(of column: Int) -> Int { rowLabelWidth + column % columns * pitch }

  private func draw(_ row: Int, _ places: Range<Int>, at y: Int, on sheet: inout PixelImage) throws {
    let label = Self.cut(grid.rowLabel(row), to: Self.rowLabelLimit)
    let middle = y + max(0, (cellHeight - lineHeight) / 2)
    sheet.write(label, Self.ink, column: gap, row: middle, scale: textScale)
    for column in places {
      let cell = grid.cell(row: row, column: column)
      guard let path = images[cell] else { continue }
      let image = PixelImage(try PictureFiles.read(path)).shrunk(shrink)
      sheet.draw(image, column: left(of: column), row: y, scale: scale)
      if nonFinite.contains(cell) {
        sheet.write("NaN", Self.alarm, column: left(of: column) + gap, row: y + gap, scale: textScale)
      }
    }
  }

  private static func cut(_ text: String, to count: Int) -> String {
    text.count <= count ? text : String(text.prefix(max(1, count - 2))) + ".."
  }
}

extension PixelImage {
  /// The image of a file, 8 bits for each colour; grey becomes three equal ones, and transparency is left out.
  init(_ picture: SourcePicture) {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(picture.width * picture.height * 3)
    let isGrey = picture.channels < 3
    for pixel in 0..<picture.width * picture.height {
      for colour in 0..<3 {
        let index = pixel * picture.channels + (isGrey ? 0 : colour)
        switch picture.samples {
        case .bits8(let samples): pixels.append(samples[index])
        case .bits16(let samples): pixels.append(UInt8(samples[index] >> 8))
        }
      }
    }
    self.init(width: picture.width, height: picture.height, pixels: pixels)
  }

  /// The image with squares of pixels averaged into one.
  func shrunk(_ side: Int) -> PixelImage {
    guard side > 1 else { return self }
    let across = (width + side - 1) / side, down = (height + side - 1) / side
    var pixels: [UInt8] = []
    pixels.reserveCapacity(across * down * 3)
    for y in 0..<down {
      for x in 0..<across {
        for colour in 0..<3 { pixels.append(mean(x * side, y * side, side, colour)) }
      }
    }
    return PixelImage(width: across, height: down, pixels: pixels)
  }

  private func mean(_ left: Int, _ top: Int, _ side: Int, _ colour: Int) -> UInt8 {
    var sum = 0, count = 0
    for y in top..<min(height, top + side) {
      for x in left..<min(width, left + side) {
        sum += Int(bytes[(y * width + x) * 3 + colour])
        count += 1
      }
    }
    return UInt8((sum + count / 2) / max(1, count))
  }
}
