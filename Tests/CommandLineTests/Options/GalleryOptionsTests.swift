import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Testing

@Suite("--gallery") struct GalleryOptionsTests {
  private func request(_ arguments: String...) throws -> ExploreRequest {
    try ExploreOptions.parse(arguments).request(drawSeed: { 3 })
  }

  @Test("is a range of seeds; without it there is no gallery") func read() throws {
    let range = try #require(try request("--gallery", "100-163", "--steps", "4").gallery)
    #expect(range.first == 100 && range.count == 64)
    #expect(try request("--gallery", "-5-5").gallery?.count == 11)
    #expect(try request().gallery == nil)
  }

  @Test("is named if it is wrong", arguments: [["--gallery", "9-3"], ["--gallery", "0-3", "--plain"]])
  func refused(arguments: [String]) throws {
    let error = try #require(throws: DiffusionError.self) {
      try ExploreOptions.parse(arguments).request(drawSeed: { 3 })
    }
    #expect(error.kind == .usage && error.message.hasPrefix("--gallery"))
  }
}
