import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// A run of `generate_branches.py`: Diffusers' schedulers, cut and passed on by hand.
struct RecordedBranch: Decodable, Sendable, CustomTestStringConvertible {
  let parent, child: String
  let parentSteps, at, childSteps: Int
  let parentEta, childEta: Float
  let parentConfig, childConfig: [String: SettingValue]
  let seed: Int
  let freshSeed: Int?
  /// The timesteps behind the branch, x_t where it begins, and the result.
  let timesteps, start, sample: [Float]

  private enum CodingKeys: String, CodingKey {
    case parent, child, at, seed, timesteps, start, sample
    case parentSteps = "parent_steps", childSteps = "child_steps", parentEta = "parent_eta", childEta = "child_eta"
    case parentConfig = "parent_config", childConfig = "child_config", freshSeed = "fresh_seed"
  }

  var testDescription: String { "\(parent) \(parentSteps) at \(at) to \(child) \(childSteps)" }

  static func load() throws -> [RecordedBranch] {
    try JSONDecoder().decode(
      [RecordedBranch].self, from: Data(contentsOf: URL(filePath: SchedulerFixtures.folder + "branches.json")))
  }

  /// The same run here.
  var scene: BranchScene {
    var scene = BranchScene(parent, steps: parentSteps, eta: parentEta, seed: Seed(seed))
    scene.settings.schedulerOptions = parentConfig
    var changes: [String: SettingValue] = [
      "scheduler": .text(child), "steps": .integer(Int128(childSteps)), "eta": SettingValue(number: childEta),
      "scheduler_options": childConfig.isEmpty ? .null : .table(childConfig),
    ]
    if let freshSeed { changes["seeds"] = .list([.integer(Int128(freshSeed))]) }
    return scene.branched(at: at, changes)
  }
}

@Suite("Branches against Diffusers")
struct BranchConformanceTests {
  @Test("timesteps, the rescaled sample and the result are those of its schedulers used by hand")
  func runs() throws {
    let recorded = try RecordedBranch.load()
    #expect(Set(recorded.map { [$0.parent, $0.child] }).count == SchedulerClass.all.count * SchedulerClass.all.count)
    var worst = 0.0
    for branch in recorded {
      let steps = try branch.scene.steps(), later = Array(steps.dropFirst(branch.at))
      // Whole timesteps are equal, and others within 1e-5, as in the tests of the schedulers.
      let timesteps = later.map(\.timestep)
      #expect(timesteps.count == branch.timesteps.count, "\(branch.testDescription)")
      if branch.timesteps.allSatisfy({ $0 == $0.rounded() }) {
        #expect(timesteps == branch.timesteps, "\(branch.testDescription)")
      }
      #expect(tolerancesOff(timesteps, branch.timesteps, relative: 1e-5, absolute: 1e-5) <= 1)
      let first = try #require(later.first), last = try #require(later.last)
      let off = max(
        Self.error(first.sample.scalars, branch.start), Self.error(last.prevSample.scalars, branch.sample))
      #expect(off <= 1e-4, "\(branch.testDescription): \(off)")
      worst = max(worst, off)
    }
    print("measured: runs with a branch: \(worst) of the largest value (limit 1e-4)")
  }

  /// The largest error as a share of the largest value.
  private static func error(_ found: [Float], _ expected: [Float]) -> Double {
    let largest = expected.map { Double($0.magnitude) }.max() ?? 0
    return tolerancesOff(found, expected, relative: 0, absolute: largest)
  }
}
