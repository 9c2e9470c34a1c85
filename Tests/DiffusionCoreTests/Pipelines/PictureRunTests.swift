import DemoModel
import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// The output of `generate_pictures.py`.
struct PictureFixtures: Decodable, Sendable {
  struct Run: Decodable, Sendable {
    let `class`: String
    let config: [String: SettingValue]
    let options: [String: SettingValue]
    let steps: Int
    let strength: Double
    let timesteps, sample, previous: SchedulerFixtures.Place
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
    var worst = (start: 0.0, step: 0.0), equal = 0
    #expect(Set(fixtures.runs.map(\.class)).count == SchedulerClass.all.count)
    for (place, item) in fixtures.runs.enumerated() {
      let name = "run \(place), \(item.class) \(item.config), \(item.steps) steps by \(item.strength)"
      let kind = try SchedulerClass(named: item.class)
      var settings = settings(item.steps, item.strength)
      if case .number(let eta)? = item.options["eta"] { settings.eta = Float(eta) }
      settings.schedulerOptions = item.options.filter { $0.key != "eta" }
      let generator = Generator().manualSeed(Seed(fixtures.seed))
      let configuration = ConfigurationReader(file: "fixture", values: item.config)
      var run = try DenoisingRun(
        model: AnalyticModel(), scheduler: try kind.scheduler(from: configuration),
        sampleShape: Array(fixtures.shape.dropFirst()), settings: settings,
        noise: NoiseSource([generator], device: .cpu), start: .picture(picture))
      let timesteps = run.schedule.map(\.timestep), expected = arrays.floats(item.sample)
      #expect(timesteps.count == item.timesteps.count, "\(name)")
      #expect(tolerancesOff(timesteps, arrays.floats(item.timesteps), relative: 1e-6, absolute: 0) <= 1, "\(name)")
      worst.start = max(worst.start, off(run.initialSample.scalars, expected))
      if run.initialSample.scalars == expected { equal += 1 }
      let previous = arrays.floats(item.previous), each = expected.count
      while !run.isFinished {
        let index = run.completedSteps, step = try run.step()
        let difference = off(step.prevSample.scalars, Array(previous[index * each..<(index + 1) * each]))
        #expect(difference <= 2e-4, "\(name), step \(index)")
        worst.step = max(worst.step, difference)
      }
    }
    // Where alpha-bar's square root is off in PyTorch, so is x_start; sigmas are a table of both.
    #expect(worst.start <= 1e-6)
    print("measured: from a picture, x_start: \(worst.start) of its largest value (limit 1e-6)")
    print("measured: from a picture, whole runs: \(worst.step) of the largest value (limit 2e-4)")
    print("measured: from a picture, \(equal) of \(fixtures.runs.count) x_start equal in every bit")
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
    "is the same for every batch, thread count and instruction set",
    arguments: ["ddim", "ddpm", "euler", "lms", "pndm"])
  func bits(scheduler: String) throws {
    let start = RunStart.picture(try DemoModel.picture)
    func samples(_ change: (inout RunSettings) -> Void) throws -> [Tensor<Float>] {
      var settings = RunSettings(
        seeds: [1, 2, 3], batchSize: 3, steps: 6, eta: 0.3, threads: 2, scheduler: scheduler, initImage: .demo,
        strength: 0.5)
      if scheduler == "pndm" { settings.schedulerOptions = ["skip_prk_steps": .bool(true)] }
      change(&settings)
      var run = try DDIMPipeline.load(DemoModel.source, device: settings.device, threads: settings.threads)
        .run(settings, from: start)
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
