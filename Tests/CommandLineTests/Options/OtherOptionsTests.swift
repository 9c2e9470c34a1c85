import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

@Suite struct OtherOptionsTests {
  @Test func randnReadsEverything() throws {
    let request = try RandnOptions.parse([
      "--shape", "2,3", "--seed", "-1", "--generator-device", "cuda", "--multiprocessors", "108", "--dtype", "float16",
      "--calls", "3",
    ]).request(drawSeed: { 7 })
    #expect(request.shape.extents == [2, 3])
    #expect(request.seeds == [-1])
    #expect(request.generatorDevice == .cuda)
    #expect(request.device == .cuda(multiprocessors: 108, threadsPerMultiprocessor: 2048))
    #expect(request.dtype == .float16)
    #expect(request.calls == 3)
    #expect(request.output == nil)
  }

  @Test(arguments: ["", "0", "-1", "1,", "1,,2", "1x2", "a", "268435457", "9223372036854775807,2"])
  func wrongShapes(text: String) throws {
    let error = try #require(throws: DiffusionError.self) { try TensorShape(parsing: text) }
    #expect(error.kind == .usage)
    #expect(error.message.hasPrefix("--shape: '\(text)'"))
  }

  @Test(arguments: ["120", "x", "120x", "0x40", "120x0", "-1x40", "1001x40", "120x40x2"])
  func wrongSizes(text: String) throws {
    let error = try #require(throws: DiffusionError.self) { try Size(parsing: text) }
    #expect(error.kind == .usage)
  }

  @Test func snapshotReadsEverything() throws {
    let folder = try TemporaryFolder()
    let request = try SnapshotOptions.parse([
      "--size", "80x24", "--keys", "space right q", "--output", folder.path + "/s.ansi", "--theme", "light", "--color",
      "256", "--renderer", "ascii", "--seed", "3",
    ]).request(drawSeed: { 0 })
    #expect(request.size == Size(columns: 80, rows: 24))
    #expect(request.keys == [.character(" "), .right, .character("q")])
    #expect(request.format == .ansi)
    #expect(request.explore.run.settings.seeds == [3])
    #expect(request.explore.appearance.theme == "light")
    #expect(request.explore.appearance.colorTier == .palette256)
  }

  @Test func everyNamedKeyIsKnown() throws {
    let names = "space right left home end enter esc up down tab backspace"
    let expected: [Key] = [
      .character(" "), .right, .left, .home, .end, .enter, .escape, .up, .down, .tab, .backspace,
    ]
    #expect(try KeySequence(parsing: names).keys == expected)
  }

  @Test(arguments: [
    ["--keys", "space foo"], ["--size", "7"], ["--color", "7"], ["--renderer", "oil"], ["--output", "s.gif"],
  ])
  func wrongSnapshots(arguments: [String]) throws {
    let all = arguments.contains("--output") ? arguments : arguments + ["--output", "s.svg"]
    let error = try #require(throws: DiffusionError.self) { try SnapshotOptions.parse(all).request(drawSeed: { 0 }) }
    #expect(error.kind == .usage)
    #expect(error.message.contains("expected"))
  }

  @Test func benchReadsEverything() throws {
    let request = try BenchOptions.parse([
      "folder", "--batch-size", "4", "--device", "cpu:portable", "--threads", "3", "--repeats", "7", "--json",
    ]).request()
    #expect(request.model.path == "folder")
    #expect(request.batchSize == 4)
    #expect(request.device.description == "cpu:portable")
    #expect(request.threads == 3)
    #expect(request.repeats == 7)
    #expect(request.format == .json)
    #expect(try BenchOptions.parse([]).request().format == .table)
  }

  @Test func theEnvironmentReachesEveryCommandThatComputes() throws {
    let environment = ["DIFFUSION_ISA": "portable"], folder = try TemporaryFolder()
    let devices = [
      try BenchOptions.parse([]).request(environment: environment).device,
      try ExploreOptions.parse([]).request(drawSeed: { 0 }, environment: environment).run.settings.device,
      try GenerateOptions.parse([]).request(drawSeed: { 0 }, environment: environment).settings.device,
      try SnapshotOptions.parse(["--output", folder.path + "/s.svg"])
        .request(drawSeed: { 0 }, environment: environment).explore.run.settings.device,
    ]
    #expect(devices.map(\.instructionSet) == Array(repeating: "portable", count: 4))
  }

  @Test func aRunWithoutSeedDrawsOne() throws {
    #expect(try ExploreOptions.parse([]).request(drawSeed: { 5 }).run.settings.seeds == [5])
    #expect(try ExploreOptions.parse(["--seed", "6"]).request(drawSeed: { 5 }).run.settings.seeds == [6])
  }

  @Test func aRunWithoutStepsTakesThoseOfItsPipeline() throws {
    func source(_ model: String) throws -> SchedulerSource {
      try SchedulerSource(ModelSource(resolving: "\(Fixtures.folder)/\(model)", environment: [:]))
    }
    func all(_ arguments: [String], _ model: String) throws -> [Int] {
      try ExploreOptions.parse(arguments).request(drawSeed: { 0 }).withUsualSteps { _ in try source(model) }
        .runs.map(\.settings.steps)
    }
    func explored(_ arguments: [String], _ model: String) throws -> Int { try all(arguments, model)[0] }
    func generated(_ arguments: [String], _ model: String) throws -> Int {
      try GenerateOptions.parse(arguments).request(drawSeed: { 0 }).settings(for: source(model)).steps
    }
    for steps in [explored, generated] {
      #expect(try steps([], "pipelines/score-sde-ve") == 2000)
      #expect(try steps(["--steps", "50"], "pipelines/score-sde-ve") == 50)
      #expect(try steps(["--scheduler", "ddim"], "pipelines/score-sde-ve") == 50)
      #expect(try steps([], "pipelines/karras-ve") == 50)
      #expect(try steps(["--scheduler", "ddpm"], "unet/two-levels") == 50)
    }
    #expect(try all(["--compare", "0,1"], "pipelines/score-sde-ve") == [2000, 2000])
    #expect(try all(["--compare", "0,1", "--steps", "7"], "pipelines/score-sde-ve") == [7, 7])
    let folder = try TemporaryFolder(), file = folder.path + "/runs.toml"
    try "[[run]]\n[[run]]\nsteps = 9\n[[run]]\nscheduler = \"ddim\"".write(
      toFile: file, atomically: true, encoding: .utf8)
    #expect(try all(["--compare", file], "pipelines/score-sde-ve") == [2000, 9, 50])
    #expect(try all(["--compare", file, "--steps", "7"], "pipelines/score-sde-ve") == [7, 9, 7])
  }

  @Test func runsToCompareAreOneForEachSeed() throws {
    let request = try ExploreOptions.parse(["--compare", "0,-1,0", "--steps", "9"]).request(drawSeed: { 5 })
    #expect(request.runs.map(\.settings.seeds) == [[0], [-1], [0]])
    #expect(request.runs.allSatisfy { $0.settings.steps == 9 })
    #expect(try ExploreOptions.parse([]).request(drawSeed: { 5 }).others.isEmpty)
    let folder = try TemporaryFolder()
    let snapshot = try SnapshotOptions.parse(["--compare", "1,2", "--output", folder.path + "/s.svg"])
    #expect(try snapshot.request(drawSeed: { 0 }).explore.others.map(\.settings.seeds) == [[2]])
  }

  @Test(arguments: [
    ["--compare", "0"], ["--compare", "0,1,2,3,4,5,6,7,8"], ["--compare", "0,,1"], ["--compare", "0,x"],
    ["--compare", ""], ["--compare", "0,1", "--seed", "3"],
  ])
  func wrongComparisons(arguments: [String]) throws {
    let error = try #require(throws: DiffusionError.self) {
      try ExploreOptions.parse(arguments).request(drawSeed: { 0 })
    }
    #expect(error.kind == .usage)
    #expect(error.message.contains("--compare"))
  }

  @Test func runsToCompareMayComeFromAFile() throws {
    let folder = try TemporaryFolder(), path = folder.path + "/runs.toml"
    let text = """
      [[run]]
      [[run]]
      seed = 7
      steps = 3
      eta = 0.5
      noise-device = "cuda"
      threads = 1
      weights = "float16"
      variation-seed = 2
      variation-strength = 0.5
      device = "cpu:reference"
      model = "other"
      """
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let arguments = ["a/model", "--compare", path, "--steps", "9", "--threads", "2"]
    let request = try ExploreOptions.parse(arguments).request(drawSeed: { 5 })
    #expect(request.runs.map(\.model.path) == ["a/model", "other"])
    #expect(request.run.settings == RunSettings(seeds: [5], steps: 9, threads: 2))
    #expect(
      request.others.map(\.settings) == [
        RunSettings(
          seeds: [7], steps: 3, eta: 0.5, device: .cpuReference, generatorDevice: .cuda, threads: 1,
          variation: NoiseVariation(seed: 2, strength: 0.5), weights: .float16)
      ])
    #expect(try !ExploreOptions.parse(arguments).request(drawSeed: { 5 }).resumesSession)
  }

  @Test(
    arguments: [
      ("[[run]]\nmodel = \"m\"\n[[run]]\nmodel = \"m\"", ["m", "m"]),
      ("[[run]]\n[[run]]\nmodel = \"n\"\n[[run]]\nmodel = \"ddpm-emoji-32\"", ["given", "n", nil]),
    ] as [(String, [String?])])
  func everyRunOfAFileHasItsModel(text: String, models: [String?]) throws {
    let folder = try TemporaryFolder(), path = folder.path + "/runs.toml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let request = try ExploreOptions.parse(["given", "--compare", path]).request(drawSeed: { 0 })
    #expect(request.runs.map(\.model.path) == models)
    #expect(request.model.path == "given")
    #expect(request.models.count == Set(models).count)
  }

  @Test(arguments: [("[[run]]\nsteps = = 3", "line 2, column 9: "), ("[[run]]\nseed = 1.5", "run 1: seed is 1.5")])
  func aWrongFileOfRunsIsNamed(text: String, message: String) throws {
    let folder = try TemporaryFolder(), path = folder.path + "/runs.toml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let options = try ExploreOptions.parse(["--compare", path])
    let error = try #require(throws: DiffusionError.self) { try options.request(drawSeed: { 0 }) }
    #expect(error.message.contains(path) && error.message.contains(message))
  }
}
