import DiffusionTUI
import Foundation
import TestSupport
import Testing

@Suite("kitty's graphics protocol") struct KittyTests {
  private func image(_ picture: Picture) throws -> PlacedImage {
    let scaled = Pictures.scaled(picture)
    let cells = KittyRenderer().cells(for: scaled.extent)
    let place = Rect(column: 0, row: 0, columns: cells.columns, rows: cells.rows)
    return try #require(PlacedImage(scaled, place: place))
  }

  /// The keys and the payload of each escape sequence.
  private func codes(_ bytes: [UInt8]) -> [(keys: String, payload: String)] {
    String(decoding: bytes, as: UTF8.self).components(separatedBy: "\u{1B}_G").dropFirst().map { code in
      let parts = code.replacingOccurrences(of: "\u{1B}\\", with: "").split(separator: ";", maxSplits: 1)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
  }

  @Test("rows and columns are numbered by the marks above letters in Unicode 6.0 that never compose")
  func diacritics() {
    let fused: Set<UInt32> = [
      0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x309, 0x30A, 0x30B, 0x30C, 0x30F, 0x311, 0x313, 0x314,
      0x342, 0x653, 0x654,
    ]
    let expected = (UInt32(0x300)...0x1D300).compactMap(Unicode.Scalar.init).filter { scalar in
      let properties = scalar.properties
      guard properties.canonicalCombiningClass == .above, properties.generalCategory == .nonspacingMark,
        let age = properties.age, age.major < 6 || age == (6, 0), !fused.contains(scalar.value)
      else { return false }
      return Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars) == [scalar]
    }
    #expect(KittyDiacritics.scalars == expected)
    #expect(KittyDiacritics.count == 297)
  }

  @Test("every cell is one character of three scalars") func cells() throws {
    for index in 0..<KittyDiacritics.count {
      let character = try #require(KittyDiacritics.cell(row: index, column: 296 - index))
      let scalars = [KittyDiacritics.placeholder, KittyDiacritics.scalars[index], KittyDiacritics.scalars[296 - index]]
      #expect(Array(character.unicodeScalars) == scalars)
    }
    #expect(KittyDiacritics.cell(row: 297, column: 0) == nil)
  }

  @Test("the escape sequences carry every pixel", arguments: [(1, 1), (5, 7), (32, 32), (64, 48)], [true, false])
  func pixels(size: (Int, Int), isInsideTmux: Bool) throws {
    let picture = Pictures.noise(size.0, size.1)
    let image = try image(picture)
    var bytes = KittyGraphics(isInsideTmux: isInsideTmux).upload(image)
    if isInsideTmux { bytes = try unwrapped(bytes) }
    let codes = codes(bytes)
    let first = try #require(codes.first)
    #expect(
      first.keys.hasPrefix(
        "a=T,U=1,q=2,f=24,s=\(size.0),v=\(size.1),i=\(image.identifier),c=\(size.0),r=\((size.1 + 1) / 2),m="))
    #expect(codes.allSatisfy { $0.payload.count <= 4096 && $0.payload.count.isMultiple(of: 4) })
    #expect(codes.dropLast().allSatisfy { $0.keys.hasSuffix("m=1") && $0.payload.count == 4096 })
    #expect(codes.last?.keys.hasSuffix("m=0") == true)
    #expect(codes.dropFirst().allSatisfy { $0.keys.hasPrefix("q=2,m=") })
    let data = try #require(Data(base64Encoded: codes.map(\.payload).joined()))
    #expect(Array(data) == image.bytes)
    for index in 0..<size.0 * size.1 {
      let pixel = RGB(data[3 * index], data[3 * index + 1], data[3 * index + 2])
      #expect(pixel == picture[index % size.0, index / size.0])
    }
  }

  @Test("the cells give the image, its rows and its columns") func placed() throws {
    let picture = Pictures.noise(6, 5)
    var frame = Frame(size: Size(columns: 20, rows: 9))
    KittyRenderer().draw(Pictures.scaled(picture, zoom: 2), into: &frame, column: 3, row: 2, look: Pictures.look)
    let image = try #require(frame.images.first)
    #expect(frame.images.count == 1)
    #expect(PlacedImage.identifiers.contains(image.identifier))
    for row in 0..<9 {
      for column in 0..<20 {
        let isInside = (3..<15).contains(column) && (2..<7).contains(row)
        let expected = isInside ? KittyDiacritics.cell(row: row - 2, column: column - 3) : " "
        #expect(frame[column, row].character == expected)
        if isInside { #expect(frame[column, row].style.foreground == image.color) }
      }
    }
    let numbers = ColorNumbers(tier: .trueColor).numbers(of: frame[3, 2])
    #expect(Int(numbers.foreground) == image.identifier)
  }

  @Test("an image is identified by its pixels and its size")
  func identity() {
    let (one, two) = (Pictures.noise(4, 4, seed: 1), Pictures.noise(4, 4, seed: 2))
    var frame = Frame(size: Size(columns: 20, rows: 20))
    func draw(_ picture: Picture, zoom: Int = 1, _ column: Int, _ row: Int) {
      KittyRenderer().draw(
        Pictures.scaled(picture, zoom: zoom), into: &frame, column: column, row: row, look: Pictures.look)
    }
    draw(one, 0, 0)
    draw(one, 5, 0)
    #expect(frame.images.count == 1)
    draw(two, 10, 0)
    draw(one, zoom: 2, 0, 8)
    #expect(Set(frame.images.map(\.identifier)).count == 3)
  }

  @Test("each image is sent once, and freed when no cell needs it") func store() throws {
    let graphics = KittyGraphics(isInsideTmux: false)
    let (one, two) = (try image(Pictures.noise(4, 4, seed: 1)), try image(Pictures.noise(4, 4, seed: 2)))
    var store = KittyImageStore(graphics: graphics)
    #expect(store.removeAll().isEmpty)
    #expect(store.update(to: [one]) == .init(before: graphics.upload(one), after: []))
    #expect(store.update(to: [one]) == .init())
    let next = store.update(to: [two])
    #expect(next == .init(before: graphics.upload(two), after: graphics.delete(one.identifier)))
    #expect(store.removeAll() == Array("\u{1B}_Ga=d,d=I,q=2,i=\(two.identifier)\u{1B}\\".utf8))
    #expect(store.removeAll().isEmpty)
    #expect(store.update(to: [two]).before == graphics.upload(two))
  }

  @Test("the sequence written if the process dies fits its buffer", arguments: [true, false])
  func reset(isInsideTmux: Bool) {
    let reset = KittyImageStore(graphics: KittyGraphics(isInsideTmux: isInsideTmux)).reset
    #expect(reset.count <= 128)
    #expect(String(decoding: reset, as: UTF8.self).contains("a=d,d=R,q=2,x=4194304,y=8388607"))
  }

  @Test("NaN is a checkerboard inside its pixel") func alarm() throws {
    let picture = Picture(
      columns: 2, rows: 1, pixels: [RGB(9, 9, 9), Picture.notANumber], marks: [.none, .notANumber])
    let image = try image(picture)
    #expect(image.size == Size(columns: 8, rows: 4))
    #expect(image[0, 0] == RGB(9, 9, 9) && image[3, 3] == RGB(9, 9, 9))
    #expect(image[4, 0] == Picture.notANumber && image[5, 0] == RGB(0, 0, 0) && image[5, 1] == Picture.notANumber)
  }

  @Test("a picture with more cells than can be numbered is drawn in half blocks") func tooLarge() {
    let frame = Pictures.frame(Pictures.scaled(Pictures.noise(298, 2)), KittyRenderer())
    #expect(frame.images.isEmpty)
    #expect(frame.cells.allSatisfy { $0.character == "\u{2580}" })
  }

  @Test("an SVG shows the same pixels as with half blocks", arguments: [(6, 6, 1), (4, 5, 2), (5, 8, 3)])
  func svg(columns: Int, rows: Int, zoom: Int) {
    let scaled = Pictures.scaled(Pictures.noise(columns, rows), zoom: zoom)
    let look = Look(
      theme: Theme(name: "black", roles: [.background: .init(color: RGB(0, 0, 0))]),
      capabilities: Pictures.look.capabilities)
    func svg(_ renderer: any ImageRenderer) -> String {
      var frame = Frame(size: Size(columns: 20, rows: 20), filling: Cell(" ", look[.background]))
      renderer.draw(scaled, into: &frame, column: 2, row: 1, look: look)
      return FrameSVG(frame).text
    }
    #expect(svg(KittyRenderer()) == svg(HalfBlockRenderer()))
  }

  /// What tmux passes on, with doubled escapes made single again.
  private func unwrapped(_ bytes: [UInt8]) throws -> [UInt8] {
    let parts = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\u{1B}Ptmux;").dropFirst()
    return try parts.flatMap { part in
      let body = try #require(part.hasSuffix("\u{1B}\\") ? part.dropLast(2) : nil)
      #expect(!body.replacingOccurrences(of: "\u{1B}\u{1B}", with: "").contains("\u{1B}"))
      return Array(body.replacingOccurrences(of: "\u{1B}\u{1B}", with: "\u{1B}").utf8)
    }
  }
}
