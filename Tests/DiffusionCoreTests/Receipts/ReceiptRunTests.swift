import DiffusionCore
import TestSupport
import Testing

@Suite("A run compared with a receipt")
struct ReceiptRunTests {
  @Test("the same run has no difference")
  func equal() throws {
    #expect(try ReceiptScene().difference(from: ReceiptScene().receipt()) == nil)
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let place: ReceiptDifference.Place
    let step: Int?
    let reason: String
    let make: @Sendable (inout ReceiptScene) -> Void
  }

  static let changes = [
    Change(testDescription: "seed", place: .initialNoise, step: nil, reason: "so the seeds") {
      $0.settings.seeds = [8]
    },
    Change(testDescription: "noise", place: .initialNoise, step: nil, reason: "the generator device") {
      $0.settings.generatorDevice = .cuda
    },
    Change(testDescription: "batch", place: .initialNoise, step: nil, reason: "the batch") {
      $0.settings.batchSize = 1
    },
    Change(testDescription: "variation", place: .initialNoise, step: nil, reason: "the variation") {
      $0.settings.variation = NoiseVariation(seed: 3, strength: 0.25)
    },
    Change(testDescription: "eta", place: .prevSample, step: 0, reason: "so eta") { $0.settings.eta = 0.31 },
    Change(testDescription: "clipped model output", place: .prevSample, step: 1, reason: "clipped model output") {
      $0.settings.useClippedModelOutput = true
    },
    Change(testDescription: "steps", place: .timesteps, step: 0, reason: "at 800, the receipt's of 4 at 750") {
      $0.settings.steps = 5
    },
    Change(testDescription: "fewer steps", place: .timesteps, step: 0, reason: "step 0 of 3 is at 666") {
      $0.settings.steps = 3
    },
    Change(testDescription: "schedule", place: .prevSample, step: 0, reason: "the noise of the step") {
      $0.config.betaEnd = 0.021
    },
    Change(testDescription: "weights", place: .modelOutput, step: 0, reason: "so the weights in use") {
      $0.model.factor = 1.0000001
    },
  ]

  @Test("another picture shows in the sample that the first step starts from, and in its hash")
  func picture() throws {
    func scene(_ level: UInt8) throws -> ReceiptScene {
      var scene = ReceiptScene()
      scene.settings.initImage = PictureReference("p.png")
      scene.picture = try SourcePicture(
        record: PictureRecord(name: "p.png", sha256: "\(level)"), width: 1, height: 1, channels: 1,
        samples: .bits8([level]))
      return scene
    }
    let receipt = try scene(10).receipt()
    #expect(receipt.picture == PictureRecord(name: "p.png", sha256: "10"))
    #expect(try Receipt(json: receipt.json(), source: "r.json") == receipt)
    #expect(try receipt.changedSections() == [])
    #expect(try scene(10).difference(from: receipt) == nil)
    let difference = try #require(try scene(11).difference(from: receipt))
    #expect(difference.place == .initialSample && difference.message.contains("so the picture is not that of the run"))
    #expect(receipt.difference(from: try scene(10).picture?.record) == nil)
    let named = try #require(receipt.difference(from: try scene(11).picture?.record))
    #expect(named.place == .picture && named.message.hasPrefix("the picture differs: p.png has sha256 11"))
    #expect(receipt.difference(from: Optional<PictureRecord>.none)?.place == .picture)
    #expect(try ReceiptScene().receipt().difference(from: Optional<PictureRecord>.none) == nil)
  }

  @Test("a change is reported where it first shows", arguments: changes)
  func change(_ change: Change) throws {
    var scene = ReceiptScene()
    let receipt = try scene.receipt()
    change.make(&scene)
    let difference = try #require(try scene.difference(from: receipt))
    #expect(difference.place == change.place)
    #expect(difference.step == change.step)
    #expect(difference.message.contains(change.reason))
    #expect(!difference.message.contains("\n"))
  }

  @Test("statistics show by how much: found less expected")
  func amounts() throws {
    var scene = ReceiptScene()
    let receipt = try scene.receipt()
    scene.settings.seeds = [8]
    let difference = try #require(try scene.difference(from: receipt))
    let (found, expected) = (
      TensorStatistics(of: try scene.run().initialNoise), TensorStatistics(of: try ReceiptScene().run().initialNoise)
    )
    #expect(difference.expected == expected.sha256)
    #expect(difference.found == found.sha256)
    #expect(difference.maximumDifference == nil)
    #expect(
      difference.statistics == [
        "abs_sum": found.absoluteSum - expected.absoluteSum, "mean": found.mean - expected.mean,
        "std": found.std - expected.std, "min": Double(found.min) - Double(expected.min),
        "max": Double(found.max) - Double(expected.max),
      ])
  }

  @Test("a trace of the receipt's run gives the exact difference")
  func reference() throws {
    let folder = try ScratchFolder()
    var scene = ReceiptScene()
    let receipt = try scene.receipt()
    try scene.writeTrace(folder)
    let reference = try ReceiptTrace(folder: folder.path, of: receipt)
    var first = try scene.run()
    scene.settings.eta = 0.5
    var other = try scene.run()
    let (left, right) = (try first.step().prevSample.scalars, try other.step().prevSample.scalars)
    let most = zip(left, right).map { abs(Double($0) - Double($1)) }.max()
    let difference = try #require(try scene.difference(from: receipt, reference: reference))
    #expect(difference.maximumDifference == most)
    #expect(difference.message.contains("max|d| \(most ?? 0),"))
  }

  @Test("an unusable reference does not hide the difference")
  func uselessReference() throws {
    let folder = try ScratchFolder()
    var scene = ReceiptScene()
    let receipt = try scene.receipt()
    try scene.writeTrace(folder)
    let reference = try ReceiptTrace(folder: folder.path, of: receipt)
    try folder.write(scene.run().initialNoise.map { $0 + 1 }.npyData(), "model_output_0.npy")
    scene.model.factor = 2
    let difference = try #require(try scene.difference(from: receipt, reference: reference))
    #expect(difference.place == .modelOutput)
    #expect(difference.maximumDifference == nil)
    #expect(difference.message.contains("model_output_0.npy does not hold the receipt's tensor"))
  }

  @Test("the trace of a different run is refused")
  func otherTrace() throws {
    let folder = try ScratchFolder()
    var scene = ReceiptScene()
    let receipt = try scene.receipt()
    let missing = #expect(throws: DiffusionError.self) { try ReceiptTrace(folder: folder.path, of: receipt) }
    #expect(missing?.kind == .missingInput)
    scene.settings.seeds = [8]
    try scene.writeTrace(folder)
    let other = #expect(throws: DiffusionError.self) { try ReceiptTrace(folder: folder.path, of: receipt) }
    #expect(other?.kind == .badData)
    #expect(other?.message.contains("of a different run than the receipt") == true)
  }

  @Test("a different version of the engine is reported, and only that")
  func engine() throws {
    let receipt = try ReceiptScene().receipt()
    #expect(receipt.engineNote() == nil)
    let note = try #require(receipt.engineNote(version: "99"))
    #expect(note.contains("made by version \(EngineVersion.current) of the engine, this is version 99"))
  }

  @Test("the first scheduler option that differs is reported with both values")
  func scheduler() throws {
    let receipt = try ReceiptScene().receipt()
    #expect(try receipt.difference(from: .ddim) == nil)
    var config = DDIMSchedulerConfig()
    config.timestepSpacing = .trailing
    let spacing = try receipt.difference(from: ReceiptScheduler(name: "ddim", config: config.values))
    #expect(spacing?.message == "the scheduler differs: timestep_spacing is trailing, the receipt's is leading")
    let name = try receipt.difference(from: ReceiptScheduler(name: "ddpm", config: DDIMSchedulerConfig().values))
    #expect(name?.message == "the scheduler differs: it is ddpm, the receipt's is ddim")
  }
}
