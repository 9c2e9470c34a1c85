import DiffusionCore
import TestSupport
import Testing

@Suite("A picture as samples")
struct SourcePictureTests {
  private func picture(
    _ samples: SourcePicture.Samples, _ width: Int, _ height: Int, channels: Int = 1
  ) throws -> SourcePicture {
    try SourcePicture(
      record: PictureRecord(name: "p.png", sha256: "00"), width: width, height: height, channels: channels,
      samples: samples)
  }

  @Test("of the model's size it is v / 255 * 2 - 1 in binary32, for every v")
  func everyByte() throws {
    let samples = try picture(.bits8((0...255).map { UInt8($0) }), 16, 16).samples([1, 1, 16, 16])
    let expected: [Float] = (0...255).map { Float($0) / 255 * 2 - 1 }
    #expect(samples.scalars == expected)
  }

  @Test("a pixel is the mean of its area, whether it is larger or smaller")
  func areas() throws {
    let checkers = try picture(.bits8([0, 255, 255, 0]), 2, 2)
    #expect(try checkers.samples([1, 1, 1, 1]).scalars == [0])
    #expect(try checkers.samples([1, 1, 1, 4]).scalars == [0, 0, 0, 0])
    let line = try picture(.bits8([0, 255, 0]), 3, 1)
    // Each half holds one pixel and half of the middle one.
    let third: Float = 1.0 / 3, half = 2 * third - 1
    #expect(try line.samples([1, 1, 1, 2]).scalars == [half, half])
    #expect(try line.samples([1, 1, 2, 6]).scalars == [-1, -1, 1, 1, -1, -1, -1, -1, 1, 1, -1, -1])
    let even = try picture(.bits16([UInt16](repeating: 12345, count: 35)), 7, 5)
    let level: Float = 12345.0 / 65535
    #expect(try Set(even.samples([2, 3, 4, 3]).scalars) == [level * 2 - 1])
  }

  @Test("is repeated for every image of a batch and for every colour, and lies on white where it is transparent")
  func repeated() throws {
    let clear = try picture(.bits8([0, 0, 0, 255]), 2, 1, channels: 2)
    #expect(try clear.samples([2, 3, 1, 2]).scalars == [1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1])
    let colors = try picture(.bits8([255, 0, 0]), 1, 1, channels: 3)
    let red: Float = 0.299
    #expect(try colors.samples([1, 1, 1, 1]).scalars == [2 * red - 1])
  }

  @Test("a model of other channels is refused, with the picture's name", arguments: [2, 4, 6])
  func channels(count: Int) throws {
    let error = try #require(throws: DiffusionError.self) { try picture(.bits8([1]), 1, 1).samples([1, count, 8, 8]) }
    #expect(error.kind == .badData)
    #expect(error.message == "p.png: the model has \(count) channels: a picture can start a model of 1 or 3 channels")
  }

  @Test("samples that do not fit its size are refused", arguments: [(0, 1, 1), (1, 2, 1), (1, 1, 5), (.max, .max, 4)])
  func sizes(width: Int, height: Int, channels: Int) {
    #expect(throws: DiffusionError.self) { try picture(.bits8([1]), width, height, channels: channels) }
  }
}
