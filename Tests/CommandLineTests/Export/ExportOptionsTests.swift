import ArgumentParser
import CommandLineKit
import DiffusionCore
import Testing

@Suite("The options that write files about a run's steps")
struct ExportOptionsTests {
  private func request(_ arguments: [String]) throws -> ExportRequest {
    try GenerateOptions.parse(arguments).request(drawSeed: { 1 }).exports
  }

  @Test("without them no file is written")
  func defaults() throws {
    let request = try request([])
    #expect([request.contactSheet, request.animation, request.csv, request.receipt] == [nil, nil, nil, nil])
    #expect(request.timing == AnimationTiming(delay: 100, loops: 0))
    #expect(request.scale == nil)
  }

  @Test("every option arrives")
  func everything() throws {
    let folder = try TemporaryFolder()
    let paths = ["s.png", "a.apng", "t.csv", "r.json"].map { "\(folder.path)/\($0)" }
    let request = try request([
      "--contact-sheet", paths[0], "--animation", paths[1], "--csv", paths[2], "--receipt", paths[3], "--delay", "7",
      "--loops", "2", "--scale", "3",
    ])
    #expect([request.contactSheet, request.animation, request.csv, request.receipt] == paths)
    #expect(request.timing == AnimationTiming(delay: 7, loops: 2))
    #expect(request.scale == 3)
    #expect(try folder.contents.isEmpty)
  }

  @Test(
    "wrong values are usage errors that name the option",
    arguments: [
      ["--contact-sheet", "s.jpg"], ["--animation", "a.gif"], ["--csv", "t.txt"], ["--receipt", "r"],
      ["--delay", "0"], ["--delay", "60001"], ["--loops", "-1"], ["--scale", "0"], ["--scale", "65"],
    ])
  func wrong(arguments: [String]) throws {
    let error = try #require(throws: DiffusionError.self) { try request(arguments) }
    #expect(error.kind == .usage)
    #expect(error.message.hasPrefix(arguments[0]))
  }

  @Test(
    "two outputs cannot share a file",
    arguments: [
      ["--output", "x.png", "--contact-sheet", "x.png"], ["--contact-sheet", "x.png", "--animation", "x.png"],
    ])
  func shared(arguments: [String]) throws {
    let error = try #require(throws: DiffusionError.self) { try request(arguments) }
    #expect(error.kind == .usage)
    #expect(error.message == "\(arguments[2]): 'x.png' is the file of \(arguments[0]) already: name another one")
  }

  @Test(
    "files that cannot be written are refused before the work",
    arguments: [("--contact-sheet", "png"), ("--animation", "apng"), ("--csv", "csv"), ("--receipt", "json")])
  func unwritable(option: String, ending: String) throws {
    let error = try #require(throws: DiffusionError.self) { try request([option, "/no/such/folder/x.\(ending)"]) }
    #expect(error.kind == .cannotCreate)
    #expect(error.message.hasPrefix("/no/such/folder/x."))
  }
}
