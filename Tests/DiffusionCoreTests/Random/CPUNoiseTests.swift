import DiffusionCore
import Testing

/// CPU noise compared with recordings of torch's AVX2 path: every bit of every element, and the state after each call.
@Suite("CPU noise equals torch")
struct CPUNoiseTests {
  @Test(arguments: try NoiseSequence.all())
  func equalsTorchBitForBit(_ sequence: NoiseSequence) throws {
    var generator = Generator()
    for (index, step) in sequence.steps.enumerated() {
      let context: Comment = "step \(index): \(step.action) \(step.dtype) \(step.shape) \(step.memoryFormat)"
      switch step.action {
      case .manualSeed(let seed):
        generator.manualSeed(seed)
        continue
      case .getState:
        try #require(step.matches(generator.getState()), context)
      case .setState:
        generator = Generator().manualSeed(5)
        try generator.setState(step.kept)
        try #require(step.matches(generator.getState()), context)
      case .randn, .rand:
        try #require(step.matches(try draw(step, from: generator)), context)
      }
      try #require(FNV1a.digest(generator.getState()) == step.stateDigest, context)
    }
  }

  @Test func theRecordingCoversWhatItShould() throws {
    let sequences = try NoiseSequence.all()
    let draws = sequences.flatMap(\.steps).filter { !$0.shape.isEmpty }
    #expect(sequences.count >= 80)
    for dtype in DType.allCases {
      let sizes = Set(draws.filter { $0.dtype == dtype }.map { $0.shape.reduce(1, *) })
      #expect(sizes.isSuperset(of: Array(1...33) + [48, 100, 1000, 3072, 12288, 12289]))
    }
  }

  @Test func seedsThatAgreeInTheirLow32BitsGiveOneStream() throws {
    let noise = try Generator().manualSeed(7).randn([50])
    #expect(try Generator().manualSeed(Seed((1 << 32) + 7)).randn([50]) == noise)
    #expect(try Generator().manualSeed(8).randn([50]) != noise)
  }

  private func draw(_ step: NoiseStep, from generator: Generator) throws -> [UInt8] {
    switch step.dtype {
    case .float16: try draw(step, from: generator, as: Float16.self)
    case .bfloat16: try draw(step, from: generator, as: BFloat16.self)
    case .float32: try draw(step, from: generator, as: Float.self)
    case .float64: try draw(step, from: generator, as: Double.self)
    }
  }

  private func draw<Scalar: TensorScalar>(
    _ step: NoiseStep, from generator: Generator, as type: Scalar.Type
  ) throws -> [UInt8] {
    if case .rand = step.action {
      return try generator.rand(step.shape, as: type, memoryFormat: step.memoryFormat).elementBytes
    }
    return try generator.randn(step.shape, as: type, memoryFormat: step.memoryFormat).elementBytes
  }
}
