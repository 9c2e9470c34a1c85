import DiffusionCore
import TestSupport
import Testing

@Suite("A run that branches")
struct BranchTests {
  private static let names = SchedulerClass.all.map(\.shortName)

  @Test("its first steps are those of the run that it leaves, bit for bit", arguments: names, names)
  func sharedSteps(from: String, to: String) throws {
    let scene = BranchScene(from, steps: 10, eta: 0.5)
    let whole = try scene.steps()
    let changes = BranchScene.changes(to: to).merging(["steps": .integer(12), "eta": .integer(1)]) { $1 }
    let steps = try scene.branched(at: 4, changes).steps()
    #expect(Array(steps.prefix(4)) == Array(whole.prefix(4)))
    #expect(steps.count > 5 && steps.map(\.index) == Array(steps.indices))
    let schedulers = try [scene, BranchScene(to)].map { try $0.run().scheduler }
    // Timesteps of another kind, such as logarithms of sigma, are those of the class's own noise levels.
    if schedulers.allSatisfy({ type(of: $0).hasTrainingTimesteps }) {
      // The model of DDIM's inverse is called where a step ends.
      let expected = whole[from == "ddim-inverse" ? 3 : 4].timestep, rounded = expected.rounded(.toNearestOrEven)
      if to == "ddim-inverse" {
        #expect(try steps[4].terms.alphaCumprod == schedulers[1].alphaCumprod(at: rounded))
      } else {
        #expect([rounded, expected].contains(steps[4].timestep))
      }
    } else {
      let (found, expected) = (steps[4].terms.alphaCumprod, whole[4].terms.alphaCumprod)
      #expect((found - expected).magnitude < 0.01, "\(found), \(expected)")
    }
    // The classes have betas of their own here: timesteps of two of them are not on one scale, but noise is. The second
    // call of a step of KDPM2Ancestral may look below the step's end.
    let levels = steps.dropFirst(4).enumerated().filter { to != "kdpm2-ancestral" || $0.offset.isMultiple(of: 2) }
      .map(\.element.terms.alphaCumprod)
    let isInverse = schedulers[1] is any InverseScheduler
    #expect(zip(levels, levels.dropFirst()).allSatisfy { isInverse ? $0 >= $1 : $0 <= $1 }, "\(levels)")
    let sample = try #require(steps.last).prevSample
    #expect(sample.scalars.allSatisfy(\.isFinite) && sample != whole.last?.prevSample)
  }

  @Test(
    "one that changes nothing is the run itself, where no scheduler has a history",
    arguments: [
      BranchScene("ddim", eta: 0.5), BranchScene("ddpm"), BranchScene("euler").churning(),
      BranchScene("ddim", steps: 7),
    ])
  func unchanged(scene: BranchScene) throws {
    for step in 1..<scene.settings.steps {
      #expect(try scene.branched(at: step).steps() == scene.steps())
    }
  }

  @Test("a multistep history starts empty")
  func history() throws {
    let steps = try BranchScene("lms", steps: 8).branched(at: 4).steps()
    #expect(steps.map { $0.terms.terms.count - 1 } == [1, 2, 3, 4, 1, 2, 3, 4])
    let plain = try BranchScene("ddim", steps: 8).branched(
      at: 3, ["scheduler": .text("pndm"), "scheduler_options": .table(["skip_prk_steps": .bool(true)])]
    ).steps()
    #expect(plain.dropFirst(3).map(\.timestep) == [500, 375, 375, 250, 125, 0])
  }

  @Test("a sample is rescaled where the scale of the schedulers differs, and only there")
  func rescaling() throws {
    func passed(_ from: String, _ to: String) throws -> (before: [Float], after: [Float], terms: UpdateTerms) {
      let steps = try BranchScene(from, steps: 10).branched(at: 4, ["scheduler": .text(to)]).steps()
      return (steps[3].prevSample.scalars, steps[4].sample.scalars, steps[4].terms)
    }
    for (from, to) in [
      ("ddim", "ddpm"), ("ddpm", "pndm"), ("pndm", "ddim"), ("euler", "lms"), ("lms", "euler"),
      ("ddim", "dpm-multi"), ("dpm-multi", "ddim"),
    ] {
      let (before, after, _) = try passed(from, to)
      #expect(before == after)
    }
    let (kept, divided, _) = try passed("ddim", "euler")
    let alpha = try DDIMScheduler().alphasCumprod[500]
    #expect(divided == kept.map { $0 / alpha.squareRoot() })
    let (large, small, _) = try passed("euler", "ddim")
    var euler = try EulerDiscreteScheduler()
    try euler.setTimesteps(10)
    let sigma = euler.sigmas[4]
    #expect(small == large.map { $0 / (sigma * sigma + 1).squareRoot() })
  }

  @Test("the first step leads from the sample's own timestep to the next one of the new schedule")
  func joint() throws {
    func timesteps(_ scheduler: String, steps: Int) throws -> [Float] {
      try BranchScene("ddim", steps: 10).branched(
        at: 7, ["scheduler": .text(scheduler), "steps": .integer(Int128(steps))]
      ).run().schedule.map(\.timestep)
    }
    #expect(try timesteps("ddim", steps: 10) == [900, 800, 700, 600, 500, 400, 300, 200, 100, 0])
    #expect(try timesteps("ddim", steps: 4) == [900, 800, 700, 600, 500, 400, 300, 200, 100, 0].prefix(7) + [200, 0])
    #expect(try timesteps("ddpm", steps: 7).suffix(3) == [200, 142, 0])
    let run = try BranchScene("ddim", steps: 10).branched(at: 7, ["steps": .integer(7)]).run()
    // From 200 to 142, though the steps behind it are 142 timesteps long.
    #expect(run.schedule[7].alphaCumprodPrev == run.schedule[8].alphaCumprod)
  }

  @Test("generators go on where they stand; another seed, device or call has new ones")
  func noise() throws {
    func drawn(_ scene: BranchScene, at index: Int) throws -> Tensor<Float>? { try scene.steps()[index].varianceNoise }
    let scene = BranchScene("ddim", steps: 6), shape = [1, 1, 4, 4]
    func normals(_ seed: Seed, skipping count: Int) throws -> Tensor<Float> {
      let generator = Generator().manualSeed(seed)
      for _ in 0..<count { _ = try generator.randn(shape) as Tensor<Float> }
      return try generator.randn(shape)
    }
    let eta = ["eta": SettingValue.integer(1)]
    #expect(try drawn(scene.branched(at: 3, eta), at: 2) == nil)
    // The start took the first tensor.
    #expect(try drawn(scene.branched(at: 3, eta), at: 3) == normals(3, skipping: 1))
    let noisy = BranchScene("ddim", steps: 6, eta: 0.5)
    #expect(try drawn(noisy.branched(at: 3, eta), at: 3) == normals(3, skipping: 4))
    #expect(
      try drawn(noisy.branched(at: 3, eta.merging(["seeds": .list([.integer(9)])]) { $1 }), at: 3)
        == normals(9, skipping: 0))
    #expect(
      try drawn(noisy.branched(at: 3, eta.merging(["call": .integer(3)]) { $1 }), at: 3) == normals(3, skipping: 2))
    let cuda = try drawn(noisy.branched(at: 3, eta.merging(["generator_device": .text("cuda")]) { $1 }), at: 3)
    #expect(try cuda == Generator(device: .cuda()).manualSeed(3).randn(shape))
  }

  @Test("a branch may branch again, also with the scheduler that it left")
  func branchOfABranch() throws {
    let first = BranchScene("ddim", steps: 10).branched(at: 3, ["scheduler": .text("euler")])
    let second = first.branched(at: 6, ["scheduler": .text("ddim"), "steps": .integer(20)])
    let (one, two) = (try first.steps(), try second.steps())
    #expect(Array(one.prefix(6)) == Array(two.prefix(6)))
    #expect(one[6].sample != two[6].sample && two.last?.prevSample != one.last?.prevSample)
  }

  @Test("a step that is cancelled at the branch leaves run and generators as they were")
  func cancellation() throws {
    struct Stop: Error {}
    let scene = BranchScene("ddim", steps: 6, eta: 1).branched(at: 3, ["scheduler": .text("ddpm")])
    var run = try scene.run()
    for expected in try scene.steps() {
      #expect(throws: Stop.self) { try run.step { if $0.completed == 2 { throw Stop() } } }
      let step = try run.step()
      #expect(step == expected)
    }
  }

  @Test("steps that another run has taken are taken over, and their noise is drawn again", arguments: names)
  func skip(scheduler: String) throws {
    let scene = BranchScene(scheduler, steps: 8, eta: 0.5).branched(
      at: 4, BranchScene.changes(to: "ddim").merging(["eta": .integer(1)]) { $1 })
    let steps = try scene.steps()
    var run = try scene.run()
    let (early, taken) = (run.skip(Array(steps.prefix(3))), run.skip(Array(steps.prefix(4))))
    #expect(!early && taken && run.completedSteps == 4)
    for expected in steps.dropFirst(4) {
      let step = try run.step()
      #expect(step == expected)
    }
    let late = run.skip(Array(steps.prefix(4)))
    #expect(!late)
  }
}

extension BranchScene {
  /// The same with noise added before the steps of Euler's method.
  func churning() -> BranchScene {
    var scene = self
    scene.settings.schedulerOptions = ["s_churn": .integer(2)]
    return scene
  }
}
