import DiffusionCore
import TestSupport
import Testing

@Suite("Branches of runs with stages") struct StagedBranchTests {
  private static let pipeline = Result {
    try DiffusionPipeline.load(
      ModelSource(resolving: "\(UnCLIPRun.folder)/small", environment: [:]), device: .cpu, threads: 2)
  }

  /// Three steps of each stage: the prior's, the decoder's, the super-resolution's.
  private static func settings(_ branches: RunBranch...) -> RunSettings {
    RunSettings(
      seeds: [4], steps: 3, threads: 2, branches: branches, prompts: ["red heart"], guidanceScale: 4, priorSteps: 3,
      superResSteps: 3, priorGuidanceScale: 3)
  }

  private static func run(_ settings: RunSettings) throws -> DenoisingRun { try pipeline.get().run(settings) }

  /// All steps of a run; its end.
  private static func steps(_ settings: RunSettings) throws -> [DenoisingStep] {
    var run = try run(settings), steps: [DenoisingStep] = []
    while !run.isFinished { steps.append(try run.step()) }
    return steps
  }

  private static func hasEqualBits(_ found: ArraySlice<DenoisingStep>, _ expected: ArraySlice<DenoisingStep>) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { sameBits($0.sample, $1.sample) && sameBits($0.prevSample, $1.prevSample) }
  }

  @Test("one that changes nothing keeps every bit, at every step of every stage", arguments: 1..<9)
  func unchanged(step: Int) throws {
    let settings = Self.settings(), found = try Self.steps(Self.settings(RunBranch(step: step)))
    #expect(Self.hasEqualBits(found[...], try Self.steps(settings)[...]))
    let (own, plain) = (try Self.run(Self.settings(RunBranch(step: step))), try Self.run(settings))
    #expect(own.stages == plain.stages && own.schedule.map(\.timestep) == plain.schedule.map(\.timestep))
  }

  @Test(
    "where a stage begins, the run goes on as one that had those settings all along",
    arguments: [
      (3, ["steps": .integer(5)]), (3, ["guidance_scale": .number(1.5), "steps": .integer(2)]),
      (3, ["super_res_steps": .integer(2)]), (6, ["super_res_steps": .integer(4)]),
    ] as [(Int, [String: SettingValue])])
  func boundary(step: Int, changes: [String: SettingValue]) throws {
    let branch = RunBranch(step: step, changes: changes)
    var request = RunRequest(settings: Self.settings())
    for setting in RunBranch.settings {
      if let value = changes[setting.name] { try setting.assign(value, to: &request) }
    }
    let found = try Self.steps(Self.settings(branch)), expected = try Self.steps(request.settings)
    #expect(Self.hasEqualBits(found[...], expected[...]))
    let plain = try Self.steps(Self.settings())
    #expect(found.last?.prevSample != plain.last?.prevSample)
  }

  @Test("within a stage, its schedule is cut at the branch, and the stages behind it have the new settings")
  func within() throws {
    let prior = try Self.run(Self.settings(RunBranch(step: 1, changes: ["prior_steps": .integer(5)])))
    #expect(prior.stages.map(\.steps) == [0..<4, 4..<7, 7..<10])
    #expect(prior.schedule.prefix(4).map(\.timestep) == [999, 500, 250, 0])
    let changes: [String: SettingValue] = ["guidance_scale": .integer(9), "super_res_steps": .integer(2)]
    let branch = Self.settings(RunBranch(step: 4, changes: changes)), run = try Self.run(branch)
    #expect(run.stages.map(\.steps) == [0..<3, 3..<6, 6..<8])
    #expect(run.stages.map(\.name) == ["prior", "decoder", "super-resolution"])
    let found = try Self.steps(branch), plain = try Self.steps(Self.settings())
    #expect(Self.hasEqualBits(found[..<4], plain[..<4]))
    #expect(found[4].sample == plain[4].sample && found[4].modelOutput != plain[4].modelOutput)
  }

  @Test("another prompt at the decoder keeps the embedding and the noise, and changes the picture") func prompt() throws
  {
    let branch = RunBranch(step: 3, changes: ["prompt": .text("an angry cat")])
    let found = try Self.steps(Self.settings(branch)), plain = try Self.steps(Self.settings())
    #expect(Self.hasEqualBits(found[..<3], plain[..<3]) && found[3].sample == plain[3].sample)
    #expect(largestDifference(found[5].prevSample, plain[5].prevSample) > 1e-2)
  }

  @Test("another seed where a stage begins draws that stage's noise", arguments: [(3, [3, 8, 8]), (6, [3, 16, 16])])
  func seed(step: Int, shape: [Int]) throws {
    let branch = RunBranch(step: step, changes: ["seeds": .list([.integer(9)])])
    let found = try Self.steps(Self.settings(branch)), plain = try Self.steps(Self.settings())
    #expect(Self.hasEqualBits(found[..<step], plain[..<step]))
    let noise = try Generator(device: .cpu).manualSeed(9).randn([1] + shape)
    #expect(sameBits(found[step].sample, noise))
  }

  @Test("branches follow each other from stage to stage, and a run that has the steps takes them over")
  func several() throws {
    let settings = Self.settings(
      RunBranch(step: 1, changes: ["prior_guidance_scale": .integer(6)]),
      RunBranch(step: 5, changes: ["guidance_scale": .integer(1), "seeds": .list([.integer(8)])]),
      RunBranch(step: 7, changes: ["super_res_steps": .integer(4)]))
    let steps = try Self.steps(settings), stages = try Self.run(settings).stages.map(\.steps)
    #expect(stages == [0..<3, 3..<6, 6..<10] && steps.count == 10)
    for count in [1, 3, 5, 6, 7] {
      var run = try Self.run(settings)
      let isTaken = run.skip(Array(steps.prefix(count))), completed = run.completedSteps
      let next = try run.step()
      #expect(isTaken && completed == count && Self.hasEqualBits([next], steps[count...count]), "after \(count)")
    }
    var other = try Self.run(settings)
    let isTaken = other.skip(Array(steps.prefix(2)))
    #expect(!isTaken, "no part begins there")
  }

  @Test("devices, threads and company change no bit") func bits() throws {
    let changes: [String: SettingValue] = ["guidance_scale": .integer(2), "super_res_steps": .integer(2)]
    let usual = Self.settings(RunBranch(step: 4, changes: changes)), expected = try Self.steps(usual)
    for (device, threads) in [(Device.cpuReference, 1), (.cpu, 3)] {
      var settings = usual
      (settings.device, settings.threads) = (device, threads)
      #expect(Self.hasEqualBits(try Self.steps(settings)[...], expected[...]), "\(device), \(threads)")
    }
    var moved = usual
    moved.branches[0].changes["device"] = .text("cpu:portable")
    #expect(Self.hasEqualBits(try Self.steps(moved)[...], expected[...]))
    var variants = PipelineVariants(try Self.pipeline.get())
    var runs = [try variants.run(Self.settings()), try variants.run(usual)]
    for step in 0..<8 {
      // Alone, together and behind the branch alike.
      let results = try DenoisingRun.step(&runs).map { try $0.get() }
      #expect(sameBits(results[1].prevSample, expected[step].prevSample), "step \(step)")
    }
  }

  @Test(
    "what cannot be is one line that says why",
    arguments: [
      (9, [:], "branch at step 9 of 9: expected 1 to 8, with a step left behind it"),
      (
        4, ["prior_steps": .integer(5)],
        "branch at step 4: prior_steps is for the prior, which ends with step 3: leave it out, or branch before that"
      ),
      (3, ["prior_guidance_scale": .integer(5)], "branch at step 3: prior_guidance_scale is for the prior, which ends"),
      (6, ["prompt": .text("cat")], "branch at step 6: prompt is for the decoder, which ends with step 6"),
      (7, ["steps": .integer(5)], "branch at step 7: steps is for the decoder, which ends with step 6"),
      (3, ["steps": .integer(1)], "branch at step 3: decoder: "),
      (4, ["scheduler": .text("ddim")], "scheduler ddim: the networks of unCLIP are made for unclip alone"),
      (4, ["call": .integer(2)], "call: unCLIP has no use for it"),
    ] as [(Int, [String: SettingValue], String)])
  func refused(step: Int, changes: [String: SettingValue], start: String) throws {
    let error = try #require(throws: DiffusionError.self) {
      try Self.run(Self.settings(RunBranch(step: step, changes: changes)))
    }
    #expect(error.kind == .usage && error.message.hasPrefix(start) && !error.message.contains("\n"), "\(error.message)")
  }

  @Test("variations of a picture branch in both of their stages", arguments: 1..<4) func variation(step: Int) throws {
    let pipeline = try DiffusionPipeline.load(
      ModelSource(resolving: "\(UnCLIPVariationRun.folder)/model", environment: [:]), device: .cpu, threads: 2)
    let start = RunStart.picture(try UnCLIPVariationPictures.open("wide"))
    func samples(_ branch: RunBranch?) throws -> [Tensor<Float>] {
      let settings = RunSettings(
        seeds: [4], steps: 2, threads: 2, initImage: PictureReference("wide"), branches: branch.map { [$0] } ?? [],
        superResSteps: 2)
      var run = try pipeline.run(settings, from: start), samples: [Tensor<Float>] = []
      while !run.isFinished { samples.append(try run.step().prevSample) }
      return samples
    }
    let plain = try samples(nil)
    #expect(try samples(RunBranch(step: step)) == plain)
    let seeded = try samples(RunBranch(step: step, changes: ["seeds": .list([.integer(9)])]))
    #expect(Array(seeded.prefix(step)) == Array(plain.prefix(step)))
    // The last step of the super-resolution draws nothing.
    #expect((seeded.last != plain.last) == (step < 3))
  }
}
