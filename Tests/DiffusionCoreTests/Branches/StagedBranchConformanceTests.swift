import DiffusionCore
import Foundation
import TestSupport
import Testing

/// A run of `generate_staged_branches.py`.
private struct StagedBranchRun: Decodable, Sendable, CustomTestStringConvertible {
  enum Kind: String, Decodable { case unclip, chain }

  let kind: Kind
  let seed, at: Int
  let changes: [String: SettingValue]
  /// The shapes of the last latents of each stage, and of the images.
  let shapes: [[Int]]

  static let folder = "\(Fixtures.folder)/staged"
  static let all =
    (try? JSONDecoder().decode([Self].self, from: Data(contentsOf: URL(filePath: "\(folder)/runs.json")))) ?? []

  var testDescription: String { "\(kind) at \(at): \(changes.keys.sorted().joined(separator: ", "))" }

  var settings: RunSettings {
    let branches = [RunBranch(step: at, changes: changes)], prompts = ["a red heart and a pizza"]
    return switch kind {
    case .unclip:
      RunSettings(
        seeds: [Seed(seed)], steps: 4, threads: 2, branches: branches, prompts: prompts, guidanceScale: 8,
        priorSteps: 4, superResSteps: 3,
        priorGuidanceScale: 4)
    case .chain:
      RunSettings(
        seeds: [Seed(seed)], steps: 10, threads: 2, scheduler: "ddim", branches: branches, prompts: prompts,
        guidanceScale: 5,
        refiner: SDXLRun.refiner, denoisingEnd: 0.6)
    }
  }

  func pipeline() throws -> DiffusionPipeline {
    switch kind {
    case .unclip:
      try DiffusionPipeline.load(ModelSource(resolving: "\(UnCLIPRun.folder)/small", environment: [:]), threads: 2)
    case .chain: try SDXLRun.pipeline(for: settings)
    }
  }
}

@Suite("Branches of runs with stages, by Diffusers") struct StagedBranchConformanceTests {
  private func difference(_ found: Tensor<Float>, _ expected: Tensor<Float>) -> Double {
    guard found.shape == expected.shape else { return .infinity }
    return largestDifference(found, expected) / Double(expected.scalars.reduce(0) { max($0, abs($1)) })
  }

  @Test("every kind of branch is there") func cases() {
    #expect(Set(StagedBranchRun.all.map(\.kind)) == [.unclip, .chain] && StagedBranchRun.all.count == 10)
  }

  @Test("give Diffusers' latents at the end of every stage, and its images", arguments: StagedBranchRun.all.indices)
  func conformance(index: Int) throws {
    let item = StagedBranchRun.all[index]
    let expected = try RunTensors.expected(
      index, of: StagedBranchRun.all.map(\.shapes), in: StagedBranchRun.folder)
    var run = try item.pipeline().run(item.settings), found: [Tensor<Float>] = []
    let ends = Set(run.stages.map { $0.steps.upperBound - 1 })
    while !run.isFinished {
      let step = try run.step()
      if ends.contains(step.index) { found.append(step.prevSample) }
    }
    found.append(try run.images(of: run.sample))
    let differences = zip(found, expected).map { difference($0, $1) }
    #expect(found.count == expected.count && differences.allSatisfy { $0 <= 1e-4 }, "\(differences)")
    print("measured: \(item.testDescription): stages and images \(differences) (limit 1e-4)")
  }
}
