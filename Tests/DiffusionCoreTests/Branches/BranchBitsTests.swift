import DemoModel
import DiffusionCore
import TestSupport
import Testing

@Suite("Branches on the demo model")
struct BranchBitsTests {
  private static let branched = [
    RunBranch(step: 2, changes: ["scheduler": .text("euler")]),
    RunBranch(step: 4, changes: ["scheduler": .text("ddim"), "eta": .integer(1), "seeds": .list([.integer(9)])]),
  ]

  private static func last(
    _ settings: RunSettings, _ pipeline: DiffusionPipeline
  ) throws -> Tensor<Float> {
    var run = try pipeline.run(settings)
    while !run.isFinished { _ = try run.step() }
    return run.sample
  }

  @Test("give the same bits on every device, thread count and batch, and where the device changes on the way")
  func sameBits() throws {
    let pipeline = try DDIMPipeline.load(DemoModel.source, threads: 1)
    let usual = RunSettings(seeds: [5], steps: 6, threads: 1, branches: Self.branched)
    let expected = try Self.last(usual, pipeline)
    for device in Device.available where device != .cpuReference {
      for threads in [1, 3] {
        var settings = usual
        (settings.device, settings.threads) = (device, threads)
        #expect(TestSupport.sameBits(try Self.last(settings, pipeline), expected), "\(device), \(threads) threads")
      }
    }
    var other = usual
    other.branches[0].changes["threads"] = .integer(2)
    other.branches[1].changes["device"] = .text("cpu:portable")
    #expect(TestSupport.sameBits(try Self.last(other, pipeline), expected))
    other = usual
    (other.seeds, other.batchSize) = ([5, 6, 7], 3)
    other.branches[1].changes["seeds"] = .list([.integer(9), .integer(10), .integer(11)])
    #expect(TestSupport.sameBits(try Self.last(other, pipeline).images(0..<1), expected))
  }

  @Test("share a pass with the run that they leave, and keep their bits")
  func together() throws {
    var variants = PipelineVariants(try DDIMPipeline.load(DemoModel.source, threads: 1))
    let settings = RunSettings(seeds: [5], steps: 5, threads: 1)
    var other = settings
    other.branches = [RunBranch(step: 2, changes: ["eta": .integer(1)])]
    var runs = [try variants.run(settings), try variants.run(other)]
    let alone = try [settings, other].map { try Self.last($0, variants.current) }
    #expect(DenoisingRun.sharedPasses(of: runs) == [[0, 1]])
    for step in 0..<5 {
      let results = try DenoisingRun.step(&runs).map { try $0.get().prevSample }
      #expect((results[0] == results[1]) == (step < 2))
    }
    #expect(runs.map(\.sample) == alone)
  }

  @Test("may round the weights otherwise from there on")
  func weights() throws {
    let pipeline = try DDIMPipeline.load(DemoModel.source, threads: 1)
    var settings = RunSettings(seeds: [5], steps: 3, threads: 1)
    var plain = try pipeline.run(settings)
    settings.branches = [RunBranch(step: 1, changes: ["weights": .text("bfloat16")])]
    var rounded = try pipeline.run(settings)
    let (first, same) = (try plain.step(), try rounded.step()), (second, other) = (try plain.step(), try rounded.step())
    #expect(first.prevSample == same.prevSample)
    #expect(second.modelOutput != other.modelOutput)
  }
}
