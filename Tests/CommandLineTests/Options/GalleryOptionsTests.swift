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
    let entries = try #require(try request("--gallery", "100-163", "--steps", "4").gallery)
    #expect(entries == .seeds(try SeedRange(parsing: "100-163")) && entries.count == 64)
    #expect(try request("--gallery", "-5-5").gallery?.count == 11)
    #expect(try request().gallery == nil)
  }

  @Test("is several prompts, which mean the model that takes them, or those of --prompt") func prompts() throws {
    let own = try request("--gallery", "pizza | red heart")
    #expect(own.gallery == .prompts(["pizza", "red heart"]) && !own.resumesSession)
    #expect(own.model == .promptDemo && own.runs.map(\.settings.prompts) == [["pizza"]])
    let given = try request("--gallery", "prompts", "--prompt", "pizza", "--prompt", "red heart")
    #expect(given.gallery == .prompts([]) && given.runs.first?.settings.prompts == ["pizza", "red heart"])
    #expect(try request("a-folder", "--gallery", "pizza | red heart").runs.map(\.model.name) == ["a-folder"])
  }

  @Test(
    "is named if it is wrong",
    arguments: [["--gallery", "9-3"], ["--gallery", "0-3", "--plain"], ["--gallery", "|"]])
  func refused(arguments: [String]) throws {
    let error = try #require(throws: DiffusionError.self) {
      try ExploreOptions.parse(arguments).request(drawSeed: { 3 })
    }
    #expect(error.kind == .usage && error.message.hasPrefix("--gallery"))
  }
}
