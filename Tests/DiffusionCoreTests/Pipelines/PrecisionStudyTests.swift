import DemoModel
import DiffusionCore
import Testing

@Suite("A study of precision") struct PrecisionStudyTests {
  private struct Stop: Error {}

  private func pipeline(_ name: String = ModelReference.demoName) throws -> DiffusionPipeline {
    try DiffusionPipeline.load(DemoModel.source(named: name), threads: 2)
  }

  private func settings(eta: Float = 0, prompts: [String] = []) -> RunSettings {
    var settings = RunSettings(seeds: [3], steps: 4, eta: eta, threads: 2)
    settings.prompts = prompts
    return settings
  }

  private func finished(_ study: PrecisionStudy) throws -> PrecisionStudy {
    var study = study
    while !study.isFinished { try study.step() }
    return study
  }

  @Test("has the distances of runs that are taken one by one", arguments: [0, 1] as [Float])
  func distances(eta: Float) throws {
    let pipeline = try pipeline(), settings = settings(eta: eta)
    let study = try finished(PrecisionStudy(pipeline, settings))
    var exact = try pipeline.run(settings)
    let reference = try (0..<4).map { _ in try exact.step() }
    for (index, variant) in study.variants.enumerated() {
      var run = try pipeline.run(variant.settings(from: settings))
      for step in 0..<4 {
        let own = try run.step(), deviation = study.steps[step].deviations[index]
        #expect(
          try deviation.sample == TensorComparison(reference: reference[step].prevSample, other: own.prevSample))
        #expect(
          try deviation.modelOutput == TensorComparison(reference: reference[step].modelOutput, other: own.modelOutput))
      }
      let images = try TensorComparison(
        reference: exact.images(of: exact.sample), other: run.images(of: run.sample), peakRange: 1)
      #expect(try study.images()[index] == images)
    }
    #expect(study.steps.map(\.timestep) == reference.map(\.timestep))
  }

  @Test("finds that float16 changes nothing in a model of float16 weights, and bfloat16 and other sums do")
  func kinds() throws {
    let study = try finished(PrecisionStudy(pipeline(), settings()))
    func isEqual(_ variant: PrecisionVariant) throws -> [Bool] {
      let index = try #require(study.variants.firstIndex(of: variant))
      return study.steps.map { $0.deviations[index].sample.isBitEqual }
    }
    #expect(try isEqual(.float16) == [true, true, true, true])
    #expect(try isEqual(.bfloat16) == [false, false, false, false])
    #expect(try isEqual(.reassociated) == [false, false, false, false])
  }

  @Test("compares every layer, whatever memory it may hold", arguments: [[], ["pizza"]])
  func layers(prompts: [String]) throws {
    let pipeline = try pipeline(prompts.isEmpty ? ModelReference.demoName : ModelReference.promptDemoName)
    let study = try PrecisionStudy(pipeline, settings(prompts: prompts))
    let layers = try study.layers()
    #expect(try study.layers(holding: 200_000) == layers)
    let names = layers[0].map(\.layer)
    #expect(names.first == "time_embedding.linear_1" && names.last == "conv_out" && Set(names).count == names.count)
    for (variant, own) in zip(study.variants, layers) {
      #expect(own.map(\.layer) == names)
      #expect(own[0].growth == nil)
      for (before, layer) in zip(own, own.dropFirst()) {
        #expect(layer.growth == (before.relativeError > 0 ? layer.relativeError / before.relativeError : nil))
      }
      // The files of both models hold float16.
      let isExact = variant == .float16
      #expect(own.contains { $0.relativeError > 0 } == !isExact)
      #expect(own.allSatisfy { $0.relativeError < 0.1 })
    }
  }

  @Test("a layer's error is that of its output, relative to the exact output") func error() throws {
    let pipeline = try pipeline(), study = try PrecisionStudy(pipeline, settings(), variants: [.bfloat16])
    var run = try pipeline.run(settings()),
      rounded = try pipeline.run(PrecisionVariant.bfloat16.settings(from: settings()))
    let exact = try run.step().modelOutput, other = try rounded.step().modelOutput
    let squares = exact.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
    let differences = zip(exact.scalars, other.scalars).reduce(0.0) { sum, pair in
      let difference = Double(pair.1) - Double(pair.0)
      return sum + difference * difference
    }
    let error = try #require(study.layers()[0].last?.relativeError)
    #expect(abs(error - (differences / squares).squareRoot()) < 1e-12 * error)
  }

  @Test("a step that is stopped leaves all runs as they were", arguments: [2, 13, 20])
  func stopped(after blocks: Int) throws {
    let pipeline = try pipeline(), expected = try finished(PrecisionStudy(pipeline, settings(eta: 1)))
    var study = try PrecisionStudy(pipeline, settings(eta: 1))
    try study.step()
    var left = blocks
    #expect(throws: Stop.self) {
      try withoutActuallyEscaping({ left -= 1 }) { count in
        _ = try study.step { _ in
          count()
          if left < 0 { throw Stop() }
        }
      }
    }
    #expect(study.steps.count == 1)
    study = try finished(study)
    #expect(study.steps.map(\.deviations) == expected.steps.map(\.deviations))
  }

  @Test("starts from float32 weights and exact sums") func refusals() throws {
    var rounded = settings(), demonstration = settings()
    rounded.weights = .bfloat16
    demonstration.device = try Device(parsing: "cpu:reassociated")
    let pipeline = try pipeline()
    #expect(throws: DiffusionError.self) { try PrecisionStudy(pipeline, rounded) }
    #expect(throws: DiffusionError.self) { try PrecisionStudy(pipeline, demonstration) }
  }

  @Test("follows the stages of unCLIP, whose bfloat16 weights part in its first step") func stages() throws {
    let pipeline = try DiffusionPipeline.fromPretrained("\(UnCLIPRun.folder)/small", threads: 2)
    let settings = RunSettings(
      seeds: [0], steps: 3, threads: 2, prompts: ["a red heart and a pizza"], priorSteps: 2, superResSteps: 2)
    // The files hold float16.
    var study = try PrecisionStudy(pipeline, settings, variants: [.bfloat16])
    let stages = study.exactRun.stages
    #expect(stages.map(\.name).count == 3 && stages.map(\.steps) == [0..<2, 2..<5, 5..<7])
    var last: [String] = []
    while !study.isFinished {
      let index = study.steps.count
      if stages.contains(where: { $0.steps.lowerBound == index }) {
        let layers = try study.layers()[0]
        last.append(try #require(layers.last?.layer))
        #expect(layers.contains { $0.relativeError > 0 })
      }
      try study.step()
    }
    #expect(last == ["proj_to_clip_embeddings", "conv_out", "conv_out"])
    #expect(study.steps.map { $0.deviations[0].sample.shape.count } == [2, 2, 4, 4, 4, 4, 4])
    #expect(study.steps.allSatisfy { !$0.deviations[0].sample.isBitEqual })
    #expect(try study.images()[0].shape.count == 4)
  }
}
