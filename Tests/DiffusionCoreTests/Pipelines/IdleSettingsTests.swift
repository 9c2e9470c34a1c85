import DiffusionCore
import TestSupport
import Testing

@Suite("A setting that changes nothing is said")
struct IdleSettingsTests {
  private static func lines(_ model: String, _ change: (inout RunSettings) -> Void) throws -> [String] {
    var settings = RunSettings(steps: 4, threads: 1)
    change(&settings)
    return try DiffusionPipeline.fromPretrained("\(Fixtures.folder)/\(model)", threads: 1).run(settings).idleSettings
  }

  private static let unconditional = "unet/two-levels", prompted = "stable-diffusion/sd1"

  @Test("an option of another scheduler's step", arguments: ["euler", "ddpm", "ddim"])
  func options(scheduler: String) throws {
    let found = try Self.lines(Self.unconditional) {
      ($0.scheduler, $0.eta, $0.useClippedModelOutput) = (scheduler, 0.5, true)
    }
    let expected = [
      "eta 0.5 has no effect: \(scheduler) takes none",
      "clipped-output true has no effect: \(scheduler) takes none",
    ]
    #expect(found == (scheduler == "ddim" ? [] : expected))
    #expect(try Self.lines(Self.unconditional) { $0.scheduler = scheduler }.isEmpty)
  }

  @Test("but not if a branch has a scheduler that takes it") func branchTakesIt() throws {
    let branch = RunBranch(step: 2, changes: ["scheduler": .text("ddim")])
    #expect(
      try Self.lines(Self.unconditional) { ($0.scheduler, $0.eta, $0.branches) = ("euler", 0.5, [branch]) }.isEmpty)
  }

  @Test("what is for guidance, without it", arguments: [1, 7.5])
  func guidance(scale: Double) throws {
    let found = try Self.lines(Self.prompted) {
      ($0.prompts, $0.guidanceScale, $0.negativePrompt, $0.guidanceRescale) = (["cat"], scale, "dog", 0.5)
    }
    let reason = "has no effect: without guidance (guidance 1 or less) one prediction is taken"
    #expect(found == (scale > 1 ? [] : ["negative-prompt \(reason)", "guidance-rescale \(reason)"]))
  }

  @Test("a seed for steps that draw no noise", arguments: [0, 1])
  func seeds(eta: Float) throws {
    var changes = RunBranch.changes(from: RunSettings(threads: 1), to: RunSettings(seeds: [5], threads: 1))
    let branch = RunBranch(step: 2, changes: changes)
    let found = try Self.lines(Self.unconditional) { ($0.eta, $0.branches) = (eta, [branch]) }
    let expected = ["branch at step 2: seed has no effect: the steps behind it draw no noise"]
    #expect(found == (eta > 0 ? [] : expected))
    // The scheduler changes too, which has an effect.
    changes["scheduler"] = .text("euler")
    let both = RunBranch(step: 2, changes: changes)
    #expect(try Self.lines(Self.unconditional) { $0.branches = [both] }.isEmpty)
  }
}
