import CPNG
import CommandLineKit
import DiffusionCore
import Testing

@Suite struct PNGFileTests {
  @Test(arguments: [
    (Float(0), UInt8(0)), (1, 255), (0.5, 128), (0.5 / 255, 0), (1.5 / 255, 2), (-3, 0), (7, 255), (.nan, 0),
    (.infinity, 255),
  ])
  func quantizesAsDiffusers(value: Float, expected: UInt8) {
    #expect(PNGFile.quantize(value) == expected)
  }

  @Test(arguments: [1, 3, 4])
  func pixelsSurvive(channels: Int) throws {
    let folder = try TemporaryFolder()
    let (height, width) = (3, 5)
    let count = 2 * height * width * channels
    let images = try Tensor(shape: [2, height, width, channels], scalars: (0..<count).map { Float($0) / Float(count) })
    try PNGFile.write(images, index: 1, to: folder.path + "/image.png")

    let file = try folder.bytes("image.png")
    var pixels = [UInt8](repeating: 0, count: height * width * channels)
    var (foundWidth, foundHeight) = (UInt32(0), UInt32(0))
    var message = [CChar](repeating: 0, count: 64)
    let status = cpng_decode(
      file, file.count, UInt32(channels), &pixels, pixels.count, &foundWidth, &foundHeight, &message)
    #expect(status == 0)
    #expect((foundWidth, foundHeight) == (5, 3))
    #expect(pixels == images.scalars[(count / 2)...].map(PNGFile.quantize))
    #expect(try folder.contents == ["image.png"])
  }

  @Test func otherChannelsAreRefused() throws {
    let folder = try TemporaryFolder()
    let images = try Tensor<Float>(shape: [1, 1, 1, 2], scalars: [0, 1])
    let error = try #require(throws: DiffusionError.self) {
      try PNGFile.write(images, index: 0, to: folder.path + "/image.png")
    }
    #expect(error.kind == .badData)
    #expect(try folder.contents.isEmpty)
  }

  @Test func aBatchHasNumberedFiles() throws {
    let png = try ImageDestination(path: "image.png")
    #expect(png.files(batchSize: 1) == ["image.png"])
    #expect(png.files(batchSize: 2) == ["image-0.png", "image-1.png"])
    #expect(try ImageDestination(path: "image.npy").files(batchSize: 2) == ["image.npy"])
  }
}
