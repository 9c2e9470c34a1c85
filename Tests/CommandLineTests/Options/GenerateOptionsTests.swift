import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Testing

@Suite struct GenerateOptionsTests {
  private func request(_ arguments: [String]) throws -> GenerateRequest {
    try GenerateOptions.parse(arguments).request(drawSeed: { 99 })
  }

  @Test func defaultsAreDiffusers() throws {
    let request = try request([])
    #expect(request.model == .demo)
    #expect(request.settings.seeds == [99])
    #expect(request.settings.batchSize == 1)
    #expect(request.settings.steps == 50)
    #expect(request.settings.eta == 0)
    #expect(request.settings.device == .cpu)
    #expect(request.settings.generatorDevice == .cpu)
    #expect(request.settings.multiprocessors == 132)
    #expect(request.settings.threads >= 1)
  }

  @Test(arguments: [
    (["--seed", "-1"], "-1"), (["--seed=-1"], "-1"), (["--seed", "18446744073709551615"], "18446744073709551615"),
    (["--seed", "-9223372036854775808"], "-9223372036854775808"),
  ])
  func seedsOfEverySign(arguments: [String], expected: String) throws {
    #expect(try request(arguments).settings.seeds.map(\.description) == [expected])
  }

  @Test func oneSeedDrawsForTheBatch() throws {
    let settings = try request(["--seed", "0", "--batch-size", "4"]).settings
    #expect(settings.seeds == [0])
    #expect(settings.batchSize == 4)
  }

  @Test(arguments: [["--seeds", "0,-1,2"], ["--seeds=0,-1,2", "--batch-size", "3"]])
  func severalSeedsAreAListOfGenerators(arguments: [String]) throws {
    let settings = try request(arguments).settings
    #expect(settings.seeds == [0, -1, 2])
    #expect(settings.batchSize == 3)
  }

  @Test func everySettingArrives() throws {
    let settings = try request([
      "folder", "--steps", "7", "--eta", "0.5", "--scheduler", "ddim", "--device", "cpu:reference",
      "--generator-device", "cuda", "--multiprocessors", "108", "--threads", "3", "--seed", "1", "--weights",
      "bfloat16",
    ]).settings
    let expected = RunSettings(
      seeds: [1], steps: 7, eta: 0.5, device: .cpuReference, generatorDevice: .cuda, multiprocessors: 108, threads: 3,
      weights: .bfloat16, scheduler: "ddim")
    #expect(settings == expected)
  }

  @Test(arguments: [
    ["--seed", "0", "--seeds", "1"], ["--seeds", "0,1", "--batch-size", "3"], ["--seeds", "0,,1"], ["--seeds", "a"],
    ["--batch-size", "0"], ["--steps", "0"], ["--eta", "-0.1"], ["--eta", "1.5"], ["--eta", "nan"], ["--threads", "0"],
    ["--threads", "-2"], ["--multiprocessors", "0"], ["--scheduler", "heun3"], ["--scheduler-option", "nothing"],
    ["--device", "tpu"],
    ["--generator-device", "tpu"], ["--output", "image.jpg"], ["--output", ".png"], ["--seed", "1.5"],
    ["--seed", "18446744073709551616"], ["--weights", "int8"],
  ])
  func wrongValuesAreUsageErrors(arguments: [String]) throws {
    let error = try #require(throws: DiffusionError.self) { try request(arguments) }
    #expect(error.kind == .usage)
  }

  @Test func aListThatContradictsTheBatchGivesDiffusersError() throws {
    let error = try #require(throws: DiffusionError.self) { try request(["--seeds", "0,1", "--batch-size", "3"]) }
    #expect(error.message.hasPrefix("You have passed a list of generators of length 2"))
    #expect(error.message.hasSuffix("Make sure the batch size matches the length of the generators."))
  }

  @Test func cudaIsUnavailableInOneLine() throws {
    let error = try #require(throws: DiffusionError.self) { try request(["--device", "cuda"]) }
    #expect(error.kind == .unavailable)
  }

  @Test(arguments: [
    ["--output", "/no/such/folder/x.png"], ["--trace", "/no/such/folder/x"], ["--trace", "/etc/hostname"],
  ])
  func outputsAreCheckedBeforeTheWork(arguments: [String]) throws {
    let error = try #require(throws: DiffusionError.self) { try request(arguments) }
    #expect(error.kind == .cannotCreate)
    #expect(error.message.hasPrefix(arguments[1]))
  }
}
