import DiffusionCore
import TestSupport
import Testing

/// What holds for a run with any scheduler, on a model that is a formula.
@Suite("A run with every scheduler") struct EverySchedulerRunTests {
  private struct Stop: Error {}

  /// A formula that runs can share.
  private final class SharedFormula: DenoisingModel {
    var identity: ObjectIdentifier? { ObjectIdentifier(self) }

    func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
      try AnalyticModel()(input, progress: progress)
    }
  }

  private let model = SharedFormula()

  private static let names = SchedulerClass.all.map(\.shortName)

  private func run(_ name: String) throws -> (run: DenoisingRun, generator: Generator) {
    let found = try SchedulerClass(named: name)
    let scheduler = try found.scheduler(from: ConfigurationReader(file: "test", values: [:]), options: [:])
    let settings = RunSettings(seeds: [7], batchSize: 2, steps: 6, eta: 1, threads: 1, scheduler: name)
    let generator = Generator().manualSeed(7)
    let run = try DenoisingRun(
      model: model, scheduler: scheduler, sampleShape: [3, 4, 4], settings: settings,
      noise: NoiseSource([generator], device: .cpu))
    return (run, generator)
  }

  /// A cancelled step draws nothing that stays drawn, and a scheduler's history does not know of it.
  @Test("a step that is cancelled leaves the state and the generator as they were", arguments: names)
  func cancelled(name: String) throws {
    var (cancelled, generator) = try run(name), (whole, reference) = try run(name)
    while !whole.isFinished {
      let (before, state) = (cancelled.sample, generator.getState())
      for block in 0..<3 {
        #expect(throws: Stop.self) { try cancelled.step { if $0.completed == block { throw Stop() } } }
        #expect(cancelled.sample.isBitEqual(to: before) && generator.getState() == state)
        #expect(cancelled.completedSteps == whole.completedSteps)
      }
      let (resumed, expected) = (try cancelled.step(), try whole.step())
      #expect(resumed.prevSample.isBitEqual(to: expected.prevSample), "step \(expected.index)")
      #expect(resumed.output.predOriginalSample.isBitEqual(to: expected.output.predOriginalSample))
      #expect(generator.getState() == reference.getState())
    }
    #expect(cancelled.isFinished)
  }

  @Test("any eight from one seed side by side have the noise and the bits that each has alone", arguments: 0..<12)
  func eight(first: Int) throws {
    // Each choice of eight has others between its members, so that all meet.
    let count = Self.names.count
    let names = (0..<8).map { Self.names[(5 * first + $0 * (1 + first % 4)) % count] }
    #expect(Set(names).count == 8)
    var runs = try names.map { try run($0).run }, alone = try names.map { try run($0).run }
    #expect(runs.allSatisfy { $0.initialNoise.isBitEqual(to: runs[0].initialNoise) })
    while case let open = runs.indices.filter({ !runs[$0].isFinished }), !open.isEmpty {
      var stepping = open.map { runs[$0] }
      let results = try DenoisingRun.step(&stepping)
      for (place, index) in open.enumerated() {
        let found = try results[place].get().prevSample, expected = try alone[index].step().prevSample
        #expect(found.isBitEqual(to: expected), "\(names[index])")
        runs[index] = stepping[place]
      }
    }
    #expect(alone.allSatisfy { $0.isFinished })
  }
}
