import CommandLineKit
import DiffusionCore
import DiffusionTUI
import FoundationEssentials
import Testing

@Suite("A file of runs")
struct RunsFileTests {
  private let base = RunRequest(
    model: ModelReference("given"),
    settings: RunSettings(seeds: [9], steps: 12, eta: 0.25, generatorDevice: .cuda, threads: 3))

  private func runs(_ text: String) throws -> [RunRequest] {
    try RunsFile(text: text, path: "runs.toml", base: base).runs
  }

  @Test("missing keys are as on the command line")
  func defaults() throws {
    #expect(
      try runs("[[run]]\n[[run]]\nseed = 1") == [
        base,
        RunRequest(
          model: ModelReference("given"),
          settings: RunSettings(
            seeds: [1], steps: 12, eta: 0.25, generatorDevice: .cuda, threads: 3)),
      ])
  }

  @Test("every key arrives")
  func everything() throws {
    let text = """
      # A run that sets everything.
      [[run]]
      model = "owner/name"
      seed = "18446744073709551615"
      steps = 4
      eta = 1
      scheduler = "ddim"
      device = "cpu:reference"
      noise-device = "cpu"
      multiprocessors = 108
      weights = "bfloat16"
      threads = 2
      variation-seed = -5
      variation-strength = 0.5
      use-clipped-model-output = true
      call = 3
      batch-size = 4
      image = 2
      """
    let settings = RunSettings(
      seeds: [Seed(UInt64.max)], batchSize: 4, steps: 4, eta: 1, device: .cpuReference, multiprocessors: 108,
      threads: 2,
      useClippedModelOutput: true, variation: NoiseVariation(seed: -5, strength: 0.5), weights: .bfloat16,
      selection: NoiseSelection(call: 3, image: 2), scheduler: "ddim")
    #expect(try runs(text) == [RunRequest(model: ModelReference("owner/name"), settings: settings)])
  }

  @Test("there are one to eight, in the order of the file", arguments: 1...8)
  func count(count: Int) throws {
    let text = (0..<count).map { "[[run]]\nseed = \($0)\n" }.joined()
    #expect(try runs(text).map { $0.settings.seeds } == (0..<count).map { [Seed($0)] })
  }

  @Test(
    "the line and the column of a TOML error are named",
    arguments: [
      ("[[run]]\nseed = 0\nsteps = = 3\n", 3, 9), ("[[run]\n", 1, 7), ("[[run]]\nseed = 1\nseed = 2\n", 3, 8),
      ("\n\n[[run]]\nmodel = \"open\n", 4, 14),
    ])
  func broken(text: String, line: Int, column: Int) throws {
    let error = try #require(throws: DiffusionError.self) { try runs(text) }
    #expect(error.kind == .badData)
    #expect(error.message.hasPrefix("runs.toml: line \(line), column \(column): "), "\(error)")
    #expect(!error.message.contains("\n"))
  }

  @Test(
    "the run and the key of a wrong value are named",
    arguments: [
      ("seed = 1.5", "seed is 1.5: expected a whole number from -2^63 to 2^64-1"),
      ("seed = \"x\"", "seed is \"x\""), ("steps = 0", "steps is 0: expected a whole number from 1 to 100000"),
      ("steps = \"many\"", "steps is \"many\""), ("eta = 1.5", "eta is 1.5: expected a decimal from 0 to 1"),
      ("eta = nan", "eta is nan"), ("threads = 0", "threads is 0"), ("multiprocessors = -1", "multiprocessors is -1"),
      ("scheduler = \"heun3\"", "scheduler is \"heun3\": expected one of \(SchedulerClass.shortNames), or own"),
      ("device = \"tpu\"", "device is \"tpu\": expected one of cpu, cpu:avx512"),
      ("weights = \"int8\"", "weights is \"int8\": expected one of float32, bfloat16"),
      ("model = \"\"", "model is \"\": expected a folder, a Hub id"),
      ("noise-device = \"tpu\"", "noise-device is \"tpu\": expected one of cpu, cuda"), ("model = 3", "model is 3"),
      ("use-clipped-model-output = 1", "use-clipped-model-output is 1: expected true or false"),
      ("variation-seed = 1", "variation-strength is missing"),
      ("variation-strength = 0.5", "variation-seed is missing: expected a whole number"),
      ("variation-seed = 1\nvariation-strength = 2", "variation-strength is 2"),
      ("call = 0", "call is 0: expected a whole number from 1 to 1000"),
      ("batch-size = 65", "batch-size is 65: expected a whole number from 1 to 64"),
      ("image = 2", "image is 2: expected a whole number from 1 to 1"),
      ("batch-size = 3\nimage = 4", "image is 4: expected a whole number from 1 to 3"),
      ("guidance = 7", "guidance is unknown: expected model, prompt, negative-prompt, guidance-scale"),
      ("seed = [1, 2]", "seed is "),
    ])
  func wrongValues(line: String, message: String) throws {
    let error = try #require(throws: DiffusionError.self) { try runs("[[run]]\n[[run]]\n\(line)") }
    #expect(error.kind == .badData)
    #expect(error.message.hasPrefix("runs.toml: run 2: \(message)"))
  }

  @Test("a device that is not available is an error")
  func unavailable() throws {
    let error = try #require(throws: DiffusionError.self) { try runs("[[run]]\ndevice = \"cuda\"") }
    #expect(error.kind == .unavailable)
    #expect(error.message.hasPrefix("runs.toml: run 1: device 'cuda' is unavailable"))
  }

  @Test(
    "a file without runs gives an error with what is expected",
    arguments: [
      ("", "there is no [[run]]"), ("[run]\nseed = 1", "run is not written as [[run]]"),
      ("run = 1", "run is not written"),
      ("run = []", "there are 0 runs"), ("run = [1]", "run 1 is not a table"), ("[other]\na = 1", "other is unknown"),
      (String(repeating: "[[run]]\n", count: 9), "there are 9 runs: expected 1 to 8"),
    ])
  func noRuns(text: String, message: String) throws {
    let error = try #require(throws: DiffusionError.self) { try runs(text) }
    #expect(error.kind == .badData)
    #expect(error.message.hasPrefix("runs.toml: \(message)"))
  }

  @Test(
    "the path of a model and of a refiner is relative to the file, where it is there",
    arguments: [
      ("m", "@/runs/m"), ("./m", "@/runs/./m"), ("../n", "@/runs/../n"), ("../x", "@/runs/../x"), ("x", "x"),
      ("owner/name", "owner/name"), ("runs/m", "runs/m"), ("/m", "/m"), ("~/m", "~/m"),
      ("m/unet/w.bin", "@/runs/m/unet/w.bin"), ("sd-emoji-64", "sd-emoji-64"), (".", "@/runs/."),
    ])
  func relativeModels(name: String, expected: String) throws {
    let folder = try TemporaryFolder(), path = folder.path + "/runs/r.toml"
    let names = ["runs/m/unet/w.bin", "n/x", "runs/sd-emoji-64/x"]
    for name in names {
      let file = "\(folder.path)/\(name)"
      try FileManager.default.createDirectory(atPath: FileAccess.parent(of: file), withIntermediateDirectories: true)
      try AtomicFile.write([0], to: file)
    }
    try AtomicFile.write(Array("[[run]]\nmodel = \"\(name)\"\nrefiner = \"\(name)\"\n[[run]]".utf8), to: path)
    let runs = try RunsFile(contentsOf: path, base: base).runs
    let found = expected.replacing("@", with: folder.path)
    #expect(runs.map(\.model.name) == [found, "given"])
    #expect(runs.map(\.settings.refiner?.name) == [found, nil])
  }

  @Test("a file is read as UTF-8")
  func files() throws {
    let folder = try TemporaryFolder(), path = folder.path + "/runs.toml"
    try AtomicFile.write(Array("[[run]]\nmodel = \"é\"".utf8), to: path)
    #expect(try RunsFile(contentsOf: path, base: base).runs.map(\.model.path) == ["é"])
    try AtomicFile.write([0x5B, 0xFF], to: path)
    let error = try #require(throws: DiffusionError.self) { try RunsFile(contentsOf: path, base: base) }
    #expect(error.message.hasPrefix("\(path): not text in UTF-8"))
    let missing = try #require(throws: DiffusionError.self) { try RunsFile(contentsOf: path + "x", base: base) }
    #expect(missing.kind == .missingInput)
  }
}
