import DiffusionCore
import TestSupport
import Testing

@Suite("Branches of a base and its refiner") struct RefinedBranchTests {
  /// Six steps, of which the base takes three and the refiner three.
  private static func settings(_ scheduler: String?, end: Double = 0.6, _ branches: RunBranch...) -> RunSettings {
    RunSettings(
      seeds: [4], steps: 6, threads: 2, scheduler: scheduler, branches: branches, prompts: ["red heart"],
      guidanceScale: 3, refiner: SDXLRun.refiner, denoisingEnd: end)
  }

  private static let pipeline = Result { try SDXLRun.pipeline(for: settings(nil)) }

  private static func run(_ settings: RunSettings) throws -> DenoisingRun { try pipeline.get().run(settings) }

  private static func steps(_ settings: RunSettings) throws -> [DenoisingStep] {
    var run = try run(settings), steps: [DenoisingStep] = []
    while !run.isFinished { steps.append(try run.step()) }
    return steps
  }

  private static func samples(_ settings: RunSettings) throws -> [Tensor<Float>] {
    try steps(settings).map(\.prevSample)
  }

  @Test(
    "one that changes nothing keeps every bit, in the base and in the refiner", arguments: ["ddim", "euler"], 1..<6)
  func unchanged(scheduler: String, step: Int) throws {
    let (own, plain) = (Self.settings(scheduler, RunBranch(step: step)), Self.settings(scheduler))
    #expect(try Self.samples(own) == Self.samples(plain))
    #expect(try Self.run(own).stages == Self.run(plain).stages)
  }

  @Test("in the base, the refiner takes over elsewhere, as if it had been so all along", arguments: [0.4, 0.8])
  func end(end: Double) throws {
    let branch = RunBranch(step: 1, changes: ["denoising_end": .number(end)])
    let own = Self.settings("ddim", branch), expected = Self.settings("ddim", end: end)
    #expect(try Self.run(own).stages == Self.run(expected).stages)
    #expect(try Self.run(own).stages != Self.run(Self.settings("ddim")).stages)
    #expect(try Self.samples(own) == Self.samples(expected))
  }

  @Test("another prompt where the refiner begins is the refiner's alone") func prompt() throws {
    let plain = Self.settings("ddim"), first = try #require(Self.run(plain).stages.last).steps.lowerBound
    let own = Self.settings("ddim", RunBranch(step: first, changes: ["prompt": .text("an angry cat")]))
    let (found, expected) = (try Self.steps(own), try Self.steps(plain))
    #expect(found.prefix(first).map(\.prevSample) == expected.prefix(first).map(\.prevSample))
    #expect(found[first].sample == expected[first].sample && found[first].modelOutput != expected[first].modelOutput)
  }

  @Test("another scheduler where the refiner begins has the sample on its own scale") func scale() throws {
    let first = try #require(Self.run(Self.settings("ddim")).stages.last).steps.lowerBound
    let own = try Self.steps(
      Self.settings("ddim", RunBranch(step: first, changes: ["scheduler": .text("euler")])))
    let before = own[first - 1].prevSample, alpha = try Self.run(Self.settings("ddim")).schedule[first].alphaCumprod
    let expected = before.map { $0 / alpha.squareRoot() }
    #expect(sameBits(own[first].sample, expected) && own[first].terms.timestep > 0)
  }

  @Test(
    "what cannot be is one line that says why",
    arguments: [
      (5, ["denoising_end": .number(0.5)], "branch at step 5: denoising_end is for the base, which ends with step"),
      (6, [:], "branch at step 6 of 6: expected 1 to 5, with a step left behind it"),
      (2, ["denoising_end": .number(0.1)], "branch at step 2: denoising_end 0.1 leaves no step before the refiner's"),
      (1, ["prior_steps": .integer(3)], "prior_steps: the model has one stage"),
    ] as [(Int, [String: SettingValue], String)])
  func refused(step: Int, changes: [String: SettingValue], start: String) throws {
    let error = try #require(throws: DiffusionError.self) {
      try Self.run(Self.settings("ddim", RunBranch(step: step, changes: changes)))
    }
    #expect(error.kind == .usage && error.message.hasPrefix(start) && !error.message.contains("\n"), "\(error.message)")
  }
}
