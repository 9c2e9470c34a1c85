import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Images of a run, decoded from their files")
struct PictureExportTests {
  /// `[1, 3, 2, 3]`, with a different colour for every pixel.
  private func tensor(_ offset: Float = 0) throws -> Tensor<Float> {
    try Tensor(shape: [1, 3, 2, 3], scalars: (0..<18).map { Float($0) / 9 - 1 + offset })
  }

  private func image(_ offset: Float = 0) throws -> PixelImage {
    try #require(PixelImage(of: tensor(offset), index: 0))
  }

  @Test("a tensor's PNG has the explorer's colours, each pixel repeated", arguments: [1, 2, 5])
  func shown(scale: Int) throws {
    let png = try PNGPixels(tensor().shownPNG(scale: scale)), picture = try #require(Picture(of: tensor()))
    #expect((png.width, png.height) == (3 * scale, 2 * scale))
    for row in 0..<png.height {
      for column in 0..<png.width {
        let color = picture[column / scale, row / scale]
        #expect(png[column, row] == [color.red, color.green, color.blue])
      }
    }
  }

  @Test("one channel is gray, and NaN is magenta")
  func grayAndNaN() throws {
    let gray = try PNGPixels(Tensor<Float>(shape: [1, 1, 1, 3], scalars: [-1, 0, .nan]).shownPNG())
    #expect(gray.bytes == [0, 0, 0, 128, 128, 128, 255, 0, 255])
    let error = #expect(throws: DiffusionError.self) { try tensor().shownPNG(index: 1) }
    #expect(error?.message.contains("has no image 1") == true)
  }

  @Test(
    "the usual scale keeps an image within 128 pixels", arguments: [(32, 32, 4), (28, 28, 4), (64, 32, 2), (256, 8, 1)])
  func usualScale(width: Int, height: Int, expected: Int) {
    #expect(PixelImage.usualScale(width: width, height: height) == expected)
  }

  @Test(
    "a sheet has a step's number above x_t and the predictions, eleven columns in a row",
    arguments: [(3, 1), (11, 1), (13, 2), (30, 3)])
  func sheet(columns: Int, bands: Int) throws {
    let (scale, gap) = (2, 2)
    let sheet = try ContactSheet(width: 3, height: 2, columns: columns, scale: scale)
    let images = try (0..<columns).map { try image(Float($0) / 40) }
    let predictions = try (0..<columns).map { try image(-Float($0) / 40) }
    let drawn = sheet.image(
      (0..<columns).map { ContactSheet.Column(sample: images[$0], predicted: $0 == 0 ? nil : predictions[$0]) })
    let png = try PNGPixels(drawn.png())
    // A line of the font is 10 pixels, a character 6, which for two digits is more than the image.
    let label = 10, pitch = max(3 * scale, 6 * (columns > 10 ? 2 : 1)) + gap
    #expect(png.width == gap + min(columns, 11) * pitch)
    #expect(png.height == bands * (label + 2 * 2 * scale + 3 * gap))
    let nothing = [UInt8](repeating: 40, count: 18)
    for index in 0..<columns {
      let x = gap + (index % 11) * pitch
      let y = gap + label + (index / 11) * (label + 4 * scale + 3 * gap)
      #expect(sheet.place(of: index) == (x, y))
      var expected = PixelImage(width: pitch - gap, height: label)
      expected.write("\(index)", RGB(224, 224, 224), column: 0, row: 0, scale: 1)
      #expect(bytes(png, x, y - label, expected.width, label) == expected.bytes)
      #expect(expected.bytes.contains(224))
      #expect(part(png, x, y, scale) == images[index].bytes)
      let below = part(png, x, y + 2 * scale + gap, scale)
      #expect(below == (index == 0 ? nothing : predictions[index].bytes))
    }
    #expect(png[0, 0] == [40, 40, 40])
  }

  /// The pixels of a rectangle.
  private func bytes(_ png: PNGPixels, _ x: Int, _ y: Int, _ width: Int, _ height: Int) -> [UInt8] {
    (y..<y + height).flatMap { row in (x..<x + width).flatMap { png[$0, row] } }
  }

  /// The 3x2 pixels at a position, one of each `scale` times `scale`.
  private func part(_ png: PNGPixels, _ x: Int, _ y: Int, _ scale: Int) -> [UInt8] {
    var pixels: [UInt8] = []
    for row in 0..<2 {
      for column in 0..<3 { pixels += png[x + column * scale, y + row * scale] }
    }
    return pixels
  }

  @Test("a sheet that is too large for memory is refused before the run")
  func largeSheet() throws {
    let error = #expect(throws: DiffusionError.self) {
      try ContactSheet(width: 256, height: 256, columns: 1001, scale: 1)
    }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains("expected at most 100 megapixels") == true)
  }

  @Test("an animation's frames are the images, in order", arguments: [1, 2, 7])
  func animation(count: Int) throws {
    var animation = AnimatedPNG(timing: AnimationTiming(delay: 40, loops: 3))
    let images = try (0..<count).map { try image(Float($0) / 10) }
    for image in images { try animation.append(image) }
    let file = try animation.file(), decoded = try APNGFile(file)
    #expect(decoded.announced == count)
    #expect(decoded.plays == 3)
    #expect(decoded.frames.map(\.pixels.bytes) == images.map(\.bytes))
    #expect(decoded.frames.allSatisfy { ($0.width, $0.height) == (3, 2) })
    let delays = [Int](repeating: 40, count: count - 1) + [count > 1 ? 1000 : 40]
    #expect(decoded.frames.map(\.delay) == delays)
    // Readers without animations show the first frame.
    #expect(try PNGPixels(file).bytes == images[0].bytes)
  }

  @Test("frames that need several chunks stay complete")
  func largeFrames() throws {
    var state = UInt32(1)
    let noise = (0..<3 * 200 * 200).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / Float(1 << 23) - 1
    }
    let image = try #require(PixelImage(of: try Tensor(shape: [1, 3, 200, 200], scalars: noise), index: 0))
    var animation = AnimatedPNG(timing: AnimationTiming())
    for _ in 0..<2 { try animation.append(image) }
    #expect(try APNGFile(animation.file()).frames.map(\.pixels.bytes) == [image.bytes, image.bytes])
  }

  @Test("an animation needs frames of one size")
  func wrongFrames() throws {
    var animation = AnimatedPNG(timing: AnimationTiming())
    #expect(throws: DiffusionError.self) { try animation.file() }
    try animation.append(image())
    #expect(throws: DiffusionError(.badData, "a frame of 6x4 in an animation of 3x2: expected one size")) {
      try animation.append(image().enlarged(2))
    }
  }
}
