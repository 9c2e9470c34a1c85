import DemoModel
import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// The output of `generate_pictures.py`.
struct PictureFixtures: Decodable, Sendable {
  struct Run: Decodable, Sendable, CustomStringConvertible {
    let `class`: String
    let config: [String: SettingValue]
    let options: [String: SettingValue]
    let steps: Int
    let strength: Double
    let timesteps, sample, previous: SchedulerFixtures.Place

    var description: String { "\(`class`) \(config) \(options), \(steps) steps by \(strength)" }
    /// Whether Diffusers takes Runge-Kutta steps from the first timesteps with a sample from later ones.
    var amplifies: Bool { `class` == "PNDMScheduler" && config["skip_prk_steps"] == nil && strength < 1 }

    func scheduler() throws -> any Scheduler {
      try SchedulerClass(named: `class`).scheduler(from: ConfigurationReader(file: "fixture", values: config))
    }

    func settings(_ settings: RunSettings) -> RunSettings {
      var settings = settings
      if case .number(let eta)? = options["eta"] { settings.eta = Float(eta) }
      settings.schedulerOptions = options.filter { $0.key != "eta" }
      return settings
    }

    /// Diffusers' sample after a step, as large as another.
    func previous(_ index: Int, _ arrays: SchedulerArrays, _ like: [Float]) -> [Float] {
      Array(arrays.floats(previous)[index * like.count..<(index + 1) * like.count])
    }
  }

  /// The picture that all runs start from, 4x4 RGB.
  let pixels: [UInt8]
  let shape: [Int]
  let seed: Int
  let runs: [Run]
  /// Steps, strength, and how many are taken.
  let counts: [[Double]]

  static let folder = Fixtures.folder + "/pictures/"

  static func load() throws -> (PictureFixtures, SchedulerArrays) {
    let fixtures = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: folder + "index.json")))
    return (fixtures, SchedulerArrays(bytes: try Data(contentsOf: URL(filePath: folder + "arrays.bin"))))
  }

  var picture: SourcePicture {
    get throws {
      try SourcePicture(
        record: PictureRecord(name: "test.png", sha256: "00"), width: 4, height: 4, channels: 3, samples: .bits8(pixels)
      )
    }
  }
}

@Suite("A run from a picture")
struct PictureRunTests {
  private func settings(_ steps: Int, _ strength: Double) -> RunSettings {
    RunSettings(
      seeds: [5], batchSize: 2, steps: steps, threads: 1, initImage: PictureReference("test.png"), strength: strength)
  }

  @Test("begins and goes on as Diffusers' image-to-image, with every scheduler and strength")
  func conformance() throws {
    let (fixtures, arrays) = try PictureFixtures.load(), picture = try fixtures.picture
    var worst = (start: 0.0, run: 0.0), equal = 0
    // KarrasVe adds no noise to pictures.
    #expect(Set(fixtures.runs.map(\.class)).count == SchedulerClass.all.count - 1)
    for item in fixtures.runs {
      var run = try DenoisingRun(
        model: AnalyticModel(), scheduler: item.scheduler(), sampleShape: Array(fixtures.shape.dropFirst()),
        settings: item.settings(settings(item.steps, item.strength)),
        noise: NoiseSource([Generator().manualSeed(Seed(fixtures.seed))], device: .cpu), start: .picture(picture))
      let timesteps = run.schedule.map(\.timestep), expected = arrays.floats(item.sample)
      #expect(timesteps.count == item.timesteps.count, "\(item)")
      // Between two calls of KDPM2Ancestral lies a sigma of which PyTorch's roots leave little: see its own tests.
      let absolute = item.class == "KDPM2AncestralDiscreteScheduler" ? 1e-4 : 0
      #expect(
        tolerancesOff(timesteps, arrays.floats(item.timesteps), relative: 1e-6, absolute: absolute) <= 1, "\(item)")
      worst.start = max(worst.start, off(run.initialSample.scalars, expected))
      if run.initialSample.scalars == expected { equal += 1 }
      while !run.isFinished {
        let step = try run.step(),
          difference = off(step.prevSample.scalars, item.previous(step.index, arrays, expected))
        // A Runge-Kutta step from the middle of a schedule multiplies any difference by hundreds: see below.
        if item.amplifies { continue }
        #expect(difference <= 1e-4, "\(item), step \(step.index)")
        worst.run = max(worst.run, difference)
      }
    }
    // PyTorch's square roots are off by a unit in places, and so is what is made of them.
    #expect(worst.start <= 1e-6)
    print("measured: from a picture, x_start: \(worst.start) of its largest value (limit 1e-6)")
    print("measured: from a picture, whole runs: \(worst.run) of the largest value (limit 1e-4)")
    print("measured: from a picture, \(equal) of \(fixtures.runs.count) x_start equal in every bit")
  }

  @Test("every step of such runs, from Diffusers' own sample, where one step follows another of the run")
  func steps() throws {
    let (fixtures, arrays) = try PictureFixtures.load()
    var worst = 0.0
    for item in fixtures.runs {
      let settings = item.settings(settings(item.steps, item.strength))
      var scheduler = try item.scheduler(), options = SchedulerOptions(eta: settings.eta)
      try scheduler.setTimesteps(item.steps)
      let first = scheduler is any InverseScheduler ? 0 : scheduler.timesteps.count - item.timesteps.count
      scheduler.setBeginIndex(first)
      if let churn = item.options["s_churn"] { options.sChurn = try #require(Double(churn.text)) }
      if let factor = item.options["s_noise"] { options.sNoise = try #require(Double(factor.text)) }
      if let order = item.options["order"] { options.order = try #require(Int(order.text)) }
      let generator = Generator().manualSeed(Seed(fixtures.seed))
      let _: Tensor<Float> = try randnTensor(fixtures.shape, generator: generator)
      var sample = try arrays.tensor(item.sample, shape: fixtures.shape)
      for index in 0..<item.timesteps.count {
        func noise() throws -> Tensor<Float> { try randnTensor(fixtures.shape, generator: generator) }
        var found: [Float] = []
        try scheduler.seedNoise(NoiseForm(shape: fixtures.shape)) { [try #require(generator.seedOfNoise())] }
        for _ in 0..<scheduler.modelCalls(at: first + index) {
          let call = try scheduler.modelCall(at: first + index, sample: sample, noise: noise)
          found = try scheduler.step(
            AnalyticModel()(call.sample, timestep: call.timestep), at: first + index, sample: sample,
            options: options, noise: noise
          ).prevSample.scalars
        }
        let expected = item.previous(index, arrays, sample.scalars)
        let difference = off(found, expected)
        #expect(difference <= 2e-5, "\(item), step \(index)")
        worst = max(worst, difference)
        sample = try Tensor(shape: fixtures.shape, scalars: expected)
      }
    }
    print("measured: from a picture, one step: \(worst) of its largest value (limit 2e-5)")
  }

  /// The largest difference, as a share of the largest expected value.
  private func off(_ found: [Float], _ expected: [Float]) -> Double {
    let largest = expected.map(\.magnitude).max() ?? 0
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { worst, pair in
      let share = Double((pair.0 - pair.1).magnitude / max(largest, 1e-6))
      return share.isNaN ? .infinity : max(worst, share)
    }
  }

  @Test("takes as many steps as Diffusers, which cuts the product of steps and strength")
  func counts() throws {
    let (fixtures, _) = try PictureFixtures.load(), picture = try fixtures.picture
    for row in fixtures.counts {
      let settings = settings(Int(row[0]), row[1])
      func run() throws -> DenoisingRun {
        try DenoisingRun(
          model: AnalyticModel(), scheduler: DDIMScheduler(), sampleShape: [3, 4, 4], settings: settings,
          noise: CountingNoise().source, start: .picture(picture))
      }
      if row[2] == 0 {
        let error = try #require(throws: DiffusionError.self) { try run() }
        #expect(error.kind == .usage && error.message.contains("takes none of \(Int(row[0])) steps"), "\(error)")
      } else {
        #expect(try run().schedule.count == Int(row[2]), "\(row)")
      }
    }
  }

  @Test("strength 0 is refused with the least that takes a step; strength 1 takes all")
  func ends() throws {
    let pipeline = try DDIMPipeline.load(DemoModel.source, threads: 1), start = RunStart.picture(try DemoModel.picture)
    let error = try #require(throws: DiffusionError.self) { try pipeline.run(settings(7, 0), from: start) }
    #expect(error.kind == .usage)
    #expect(error.message == "strength 0 takes none of 7 steps: expected at least 0.143, or more steps")
    let least = try pipeline.run(settings(7, 0.143), from: start)
    #expect(least.schedule.count == 1)
    let whole = try pipeline.run(settings(7, 1), from: start)
    #expect(whole.schedule.count == 7)
    // The demo model ends in pure noise: its last alpha-bar is 0.
    #expect(whole.initialSample == whole.initialNoise)
  }

  @Test("settings that name a picture need one, before anything is drawn")
  func missing() throws {
    let noise = CountingNoise()
    let error = try #require(throws: DiffusionError.self) {
      try DenoisingRun(
        model: AnalyticModel(), scheduler: DDIMScheduler(), sampleShape: [3, 4, 4], settings: settings(5, 0.5),
        noise: noise.source)
    }
    #expect(error.message == "init_image is test.png: this run was given no picture" && noise.draws == 0)
  }

  @Test(
    "is the same for every batch, thread count and instruction set, in colour and in grey",
    arguments: SchedulerClass.all.map(\.shortName).filter { $0 != "karras-ve" }, ["two-levels", "four-levels"])
  func bits(scheduler: String, model: String) throws {
    let start = RunStart.picture(try DemoModel.picture)
    func samples(_ change: (inout RunSettings) -> Void) throws -> [Tensor<Float>] {
      var settings = RunSettings(
        seeds: [1, 2, 3], batchSize: 3, steps: 6, eta: 0.3, threads: 2, scheduler: scheduler, initImage: .demo,
        strength: 0.5)
      switch scheduler {
      case "pndm": settings.schedulerOptions = ["skip_prk_steps": .bool(true)]
      // Its corrector mixes the images of a batch: see its own tests.
      case "score-sde-ve": settings.schedulerOptions = ["correct_steps": .integer(0)]
      case "unclip": settings.schedulerOptions = RecordedScheduler.unclipOptions
      default: break
      }
      change(&settings)
      let pipeline = try DDIMPipeline.fromPretrained(
        Fixtures.folder + "/unet/" + model, device: settings.device, threads: settings.threads)
      var run = try pipeline.run(settings, from: start)
      var samples = [run.initialSample]
      while !run.isFinished { samples.append(try run.step().prevSample) }
      return samples
    }
    let expected = try samples { _ in }
    for device in Device.available {
      #expect(try samples { ($0.device, $0.threads) = (device, 1) } == expected, "\(device)")
    }
    #expect(try samples { $0.threads = 3 } == expected)
    let second = try expected.map { try $0.images(1..<2) }
    #expect(try samples { $0.selection.image = 2 } == second)
    #expect(try samples { ($0.seeds, $0.batchSize) = ([2], 1) } == second)
  }

  @Test("the built-in picture is what the demo model makes of seed 3")
  func builtIn() throws {
    var run = try DDIMPipeline.load(DemoModel.source, threads: 2).run(RunSettings(seeds: [3], threads: 2))
    while !run.isFinished { _ = try run.step() }
    let image = try run.output().images.map { ($0 * 255).rounded(.toNearestOrEven) / 255 * 2 - 1 }
    let picture = try DemoModel.picture.samples([1, 3, 32, 32])
    let swapped: [Float] = (0..<3).flatMap { plane in (0..<1024).map { image.scalars[$0 * 3 + plane] } }
    let worst = zip(swapped, picture.scalars).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 1e-6)
  }
}
