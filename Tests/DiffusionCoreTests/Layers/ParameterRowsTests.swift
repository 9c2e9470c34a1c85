import DiffusionCore
import TensorKernels
import TestSupport
import Testing

@Suite("Rows of a parameter in a device's memory") struct ParameterRowsTests {
  @Test(
    "are copied for each image, whether they follow each other or not",
    arguments: [[[0, 1, 2, 3]], [[3], [3], [0]], [[0, 1, 3], [2, 3, 0]], [[2, 0], [1, 3]]])
  func copies(places: [[Int]]) throws {
    let context = try ComputeContext(device: .cpu, threads: 1), channels = 3
    let elements = (0..<4 * channels).map { Float($0) - 5.5 }
    let rows = ParameterRows(try context.backend.constant(elements), channels: channels)
    let map = try rows(places, of: "rows", in: context)
    #expect([map.batch, map.height, map.width, map.channels] == [places.count, 1, places[0].count, channels])
    let expected = places.joined().flatMap { elements[$0 * channels..<($0 + 1) * channels] }
    #expect(try context.backend.download(map.buffer) == expected)
  }
}
