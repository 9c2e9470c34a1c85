import DemoModel
import DiffusionCore
import FoundationEssentials
import Testing

/// The state of a front end: an engine with the demo model, on one thread.
struct FrontEnd {
  var engine = PipelineEngine { request in
    try DiffusionPipeline.load(DemoModel.source, device: request.settings.device, threads: request.settings.threads)
  }

  /// A run of the demo model with options as typed.
  static func request(_ options: [String: [String]]) throws -> RunRequest {
    var request = RunRequest(settings: RunSettings(threads: 1))
    try SettingValues(options: options).assign(to: &request)
    return request
  }

  mutating func run(_ options: [String: [String]]) throws -> any SteppableRun {
    try engine.makeRun(Self.request(options))
  }
}

@Suite("A front end with public declarations alone") struct FrontEndTests {
  @Test("reads every setting from text, writes it as options, and says what it may be", arguments: Setting.all)
  func settings(_ setting: Setting) throws {
    let plain = RunRequest(settings: RunSettings(threads: 1))
    var request = plain
    try setting.assign(text: setting.text(of: plain), to: &request)
    #expect(request == plain)
    #expect(!setting.hint(for: plain).long.isEmpty && !setting.label.isEmpty)
    let error = #expect(throws: DiffusionError.self) {
      try setting.assign(.list([.list([.null])]), to: &request)
    }
    #expect(error?.setting?.name == setting.name)
  }

  @Test("has a row for each scheduler, with the names of its options") func schedulers() throws {
    for scheduler in SchedulerClass.all {
      let request = try FrontEnd.request(["scheduler": [scheduler.className], "steps": ["2"]])
      #expect(request.settings.scheduler == scheduler.shortName)
      #expect(!scheduler.configurationOptions.isEmpty)
    }
  }

  @Test("takes steps of several runs together, stops one, and compares them")
  func steps() throws {
    var frontEnd = FrontEnd()
    var runs = [
      try frontEnd.run(["seed": ["0"], "steps": ["2"]]), try frontEnd.run(["seed": ["1"], "steps": ["2"]]),
    ]
    #expect(frontEnd.engine.passes(of: runs) == [[0, 1]])
    var blocks = 0
    var first = try frontEnd.engine.step(&runs) { _ in blocks += 1 }.map { try $0.get() }
    #expect(blocks > 1)
    // A step that is stopped leaves its runs unchanged.
    struct Stop: Error {}
    let stopped = frontEnd.engine.step(&runs) { _ in throw Stop() }
    #expect(stopped.allSatisfy { if case .failure(is Stop) = $0 { true } else { false } })
    #expect(runs.map(\.completedSteps) == [1, 1])
    first += try frontEnd.engine.step(&runs) { _ in }.map { try $0.get() }
    #expect(runs.map(\.completedSteps) == runs.map(\.schedule.count))

    let step = first[0]
    let update = MeasuredUpdate(step)
    #expect(update.terms.count == step.terms.terms.count && update.previous.tensorStd > 0)
    let statistics = TensorStatistics(of: step.prevSample)
    #expect(statistics.shape == [1, 3, 32, 32] && statistics.sha256 == ContentHash.sha256(step.prevSample))
    let comparison = try TensorComparison(reference: step.prevSample, other: first[1].prevSample)
    #expect(!comparison.isBitEqual && comparison.shareOfEqualBits < 1)
    #expect(try runs[0].images(of: first[2].prevSample).shape == [1, 32, 32, 3])
    #expect(try Tensor<Float>(npy: step.sample.npyData(), path: "x.npy") == step.sample)
  }

  @Test("opens a pipeline, moves it to a device, and makes an image with a generator") func pipeline() throws {
    let pipeline = try DiffusionPipeline.load(DemoModel.source, threads: 1).to(.cpu)
    let output = try pipeline(numInferenceSteps: 1, generator: Generator(device: .cpu).manualSeed(7))
    #expect(output.images.shape == [1, 32, 32, 3] && output.seed == 7)
    #expect(try randnTensor([2, 3], generator: Generator(device: .cpu).manualSeed(7), as: Float.self).count == 6)
  }

  @Test("makes the image of the documentation's first example, by its sum") func sum() throws {
    let pipeline = try DiffusionPipeline.load(DemoModel.source, threads: 1)
    let images = try pipeline(numInferenceSteps: 2, generator: Generator(device: .cpu).manualSeed(0)).images
    #expect("\(images.absoluteSum())".hasPrefix("2292.1679"))
  }

  @Test("brings none of the libraries with which the program draws and writes pictures") func libraries() throws {
    let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
    let files = maps.split(separator: "\n").compactMap { $0.split(separator: " ").last }.filter { $0.hasPrefix("/") }
    #expect(files.contains { $0.contains("/libc.so") }, "the list of libraries is not read as expected")
    for name in ["libncurses", "libtinfo", "libpng"] { #expect(!files.contains { $0.contains(name) }, "\(name)") }
  }

  @Test("writes a receipt, reads it and verifies it") func receipt() throws {
    var frontEnd = FrontEnd()
    var run = try frontEnd.run(["seed": ["3"], "steps": ["1"], "scheduler": ["euler"]])
    var recorder = ReceiptRecorder(
      try ReceiptHeading(DemoModel.source, programVersion: "front end"), scheduler: run.schedulerRecord,
      settings: run.settings, initialNoise: run.initialNoise)
    let step = try run.step(progress: nil)
    recorder.record(step)
    let written = try recorder.receipt(images: run.images(of: step.prevSample))
    let receipt = try Receipt(json: written.json(), source: "receipt.json")
    #expect(receipt == written)

    let settings = receipt.settings.runSettings(device: .cpu, threads: 1)
    var again = try frontEnd.engine.makeRun(RunRequest(settings: settings))
    #expect(try receipt.difference(from: ReceiptModel(hashing: DemoModel.source)) == nil)
    #expect(try receipt.difference(from: again.schedulerRecord) == nil)
    let found = ReceiptRun(receipt)
    #expect(found.difference(timesteps: again.schedule.map(\.timestep), initialNoise: again.initialNoise) == nil)
    #expect(found.difference(step: try again.step(progress: nil)) == nil)
  }

  @Test("inspects a model's layers, times them and the machine, and finds where a NaN begins") func inspection() throws
  {
    let benchmark = try ForwardBenchmark(source: DemoModel.source, device: .cpu, threads: 1, batchSize: 1)
    let timing = try benchmark.profile()
    let description = try benchmark.unet.describe(height: 32, width: 32)
    #expect(description.parameterCount > 6_000_000 && timing.layers.count >= description.layers.count / 2)
    #expect(try MachinePeak.measure(threads: 1).flopsPerSecond > 0)
    let broken = try Tensor<Float>(shape: [1, 3, 32, 32], scalars: [.nan] + [Float](repeating: 0, count: 3071))
    #expect(try benchmark.unet.firstNonFiniteLayer(sample: broken, timestep: 0)?.index == [0, 0, 0, 0])
  }

  @Test("finds models by folder and in the Hub's cache, and says what is missing") func models() throws {
    let missing = #expect(throws: DiffusionError.self) {
      try ModelSource(resolving: "owner/name", environment: ["HF_HOME": "/nowhere"])
    }
    #expect(missing?.kind == .missingInput)
    #expect(try DemoModel.source.files().map { try $0.sha256() }.allSatisfy { DemoModel.sha256.values.contains($0) })
    #expect(try SchedulerSource(DemoModel.source).choice(nil).exchanged == nil)
    #expect(ModelReference("a/b").label(among: [.demo, ModelReference("c/b")]) == "a/b")
  }
}
