import DemoModel
import DiffusionCore
import TestSupport
import Testing

@Suite("A picture goes to its noise and back")
struct InversionTests {
  private func settings(_ steps: Int, _ strength: Double, scheduler: String? = nil, invert: Bool = true) -> RunSettings
  {
    RunSettings(
      seeds: [5], steps: steps, threads: 2, scheduler: scheduler, initImage: .demo, strength: strength, invert: invert)
  }

  private func run(_ settings: RunSettings, model: String = "two-levels") throws -> DenoisingRun {
    try DDIMPipeline.fromPretrained("\(Fixtures.folder)/unet/\(model)", threads: settings.threads)
      .run(settings, from: .picture(try DemoModel.picture))
  }

  private func steps(_ settings: RunSettings) throws -> [DenoisingStep] {
    var run = try run(settings), steps: [DenoisingStep] = []
    while !run.isFinished { steps.append(try run.step()) }
    return steps
  }

  /// The errors and the noise's deviation are those of Diffusers 0.42.1 (`Tests/Fixtures/inversion.py`): DDIM's
  /// inverse takes each prediction for that of a lower noise level, which the steps near pure noise magnify.
  @Test(
    "and comes back with the error that Diffusers has",
    arguments: [(0.5, 0.019114, 0.661601), (0.8, 0.256731, 0.703543), (1, 0.409305, 0.771210)])
  func roundTrip(strength: Double, expected: Double, expectedDeviation: Double) throws {
    let picture = try DemoModel.picture, count = Int(50 * strength)
    var run = try DDIMPipeline.load(DemoModel.source, threads: 2).run(settings(50, strength), from: .picture(picture))
    #expect(run.schedule.count == 2 * count)
    #expect(run.initialSample == (try picture.samples([1, 3, 32, 32])))
    while run.completedSteps < count { _ = try run.step() }
    let deviation = rootMeanSquare(run.sample.scalars.lazy.map { ($0, 0) })
    while !run.isFinished { _ = try run.step() }
    let error = try self.error(of: run)
    print("measured: \(count) steps of DDIM to the noise (deviation \(deviation)) and back: RMSE \(error) of 1")
    #expect((error - expected).magnitude <= 1e-4)
    #expect((deviation - expectedDeviation).magnitude <= 1e-4)
  }

  @Test("the solver of second order brings more back")
  func solver() throws {
    let settings = settings(50, 0.5, scheduler: "dpm-multi")
    var run = try DDIMPipeline.load(DemoModel.source, threads: 2).run(settings, from: .picture(DemoModel.picture))
    while !run.isFinished { _ = try run.step() }
    let error = try error(of: run)
    print("measured: 25 steps of DPM-Solver to the noise and back: RMSE \(error) of 1")
    #expect(error < 0.019114)
  }

  /// The root-mean-square difference of a run's images from its picture, of which white is 1.
  private func error(of run: DenoisingRun) throws -> Double {
    rootMeanSquare(zip(try run.output().images.scalars, try run.images(of: run.initialSample).scalars))
  }

  private func rootMeanSquare(_ pairs: some Sequence<(Float, Float)>) -> Double {
    let squares = pairs.map { Double(($0 - $1) * ($0 - $1)) }
    return (squares.reduce(0, +) / Double(max(1, squares.count))).squareRoot()
  }

  @Test(
    "the way there is that of the inverse alone, and the way back begins where it ends",
    arguments: [("ddim", "ddim-inverse"), ("dpm-multi", "dpm-multi-inverse"), ("euler", "ddim-inverse")], [1, 0.58])
  func ways(names: (scheduler: String, inverse: String), strength: Double) throws {
    let there = try steps(settings(12, strength, scheduler: names.inverse, invert: false))
    let all = try steps(settings(12, strength, scheduler: names.scheduler))
    #expect(there.count == Int(12 * strength))
    #expect(zip(all, there).allSatisfy { $0.sample == $1.sample && $0.prevSample == $1.prevSample })
    #expect(zip(there, there.dropFirst()).allSatisfy { $0.timestep < $1.timestep })
    let back = all.dropFirst(there.count)
    #expect(zip(back, back.dropFirst()).allSatisfy { $0.timestep > $1.timestep })
    #expect(back.last?.terms.alphaCumprodPrev ?? 0 > 0.99)
    let end = try #require(there.last), turn = try #require(back.first)
    #expect((turn.terms.alphaCumprod - end.terms.alphaCumprodPrev).magnitude <= 1e-5)
    if names.scheduler != "euler" { #expect(turn.sample == end.prevSample) }
  }

  @Test("the timesteps are those of Diffusers' DiffEdit", arguments: [1, 0.58])
  func timesteps(strength: Double) throws {
    let run = try run(settings(12, strength)), count = Int(12 * strength)
    let rising = (0..<count).map { Float($0 * 83) }
    #expect(run.schedule.map(\.timestep) == rising + rising.reversed())
  }

  @Test("a run may branch where it turns and on its way back, and not before")
  func branches() throws {
    var edited = settings(6, 1)
    edited.branches = [RunBranch(step: 6, changes: ["eta": .integer(1)])]
    let plain = try steps(settings(6, 1)), steps = try steps(edited)
    #expect(steps.count == 12 && zip(steps, plain).prefix(6).allSatisfy { $0.prevSample == $1.prevSample })
    #expect(steps[6].sample == plain[6].sample && steps[6].varianceNoise != nil && plain[6].varianceNoise == nil)
    edited.branches = [RunBranch(step: 9, changes: ["scheduler": .text("euler")])]
    #expect(try self.steps(edited)[8].prevSample == plain[8].prevSample)
    edited.branches = [RunBranch(step: 5, changes: ["eta": .integer(1)])]
    let error = try #require(throws: DiffusionError.self) { try run(edited) }
    #expect(error.message == "branch at step 5 of 12: expected 6 to 11, with a step left behind it")
  }

  /// `StableDiffusionDiffEditPipeline.invert` draws what an encoder needs and no noise.
  @Test("nothing is drawn for the way there, and the way back draws the generator's first numbers")
  func draws() throws {
    let settings = settings(6, 1, scheduler: "ddpm")
    var run = try run(settings)
    #expect(run.initialNoise.scalars.allSatisfy { $0 == 0 })
    while run.completedSteps < 6 { _ = try run.step() }
    let first = try run.step(), expected = try NoiseSource(settings).draw(run.initialSample.shape)
    #expect(first.varianceNoise?.isBitEqual(to: expected) == true)
    var varied = settings
    varied.variation = NoiseVariation(seed: 3, strength: 0.5)
    #expect(try self.run(varied).initialNoise.scalars.allSatisfy { $0 == 0 })
  }

  /// Diffusers begins with the second of two equal first timesteps, and reads past its last sigma.
  @Test("a schedule that begins with a timestep twice is refused where Diffusers runs out of sigmas")
  func twice() throws {
    let settings = settings(50, 1, scheduler: "dpm-multi-inverse", invert: false)
    var request = settings
    request.schedulerOptions = ["use_exponential_sigmas": .bool(true)]
    let error = try #require(throws: DiffusionError.self) { try run(request) }
    #expect(error.kind == .usage && error.message.contains("timestep 0 twice"), "\(error.message)")
    #expect(throws: Never.self) { try run(settings) }
  }

  @Test("what has no inverse is one line")
  func refusals() throws {
    func message(_ change: (inout RunSettings) -> Void) throws -> String {
      var settings = settings(4, 1)
      change(&settings)
      return try #require(throws: DiffusionError.self) { try run(settings) }.message
    }
    #expect(try message { $0.scheduler = "ddim-inverse" }.contains("scheduler ddim-inverse goes to the noise only"))
    #expect(
      try message { $0.schedulerOptions = ["timestep_spacing": .text("linspace")] }.contains("leading or trailing"))
    #expect(try message { $0.schedulerOptions = ["no_such_option": .integer(1)] }.contains("no_such_option"))
    var request = RunRequest.plain
    let error = try #require(throws: DiffusionError.self) { try Setting.invert.assign(.bool(true), to: &request) }
    #expect(error.message == "invert has no picture to work on: give one with --image FILE, or as init_image")
    request.settings.initImage = .demo
    try Setting.invert.assign(.bool(true), to: &request)
    request.settings.initImage = nil
    #expect(!request.settings.invert)
  }
}
