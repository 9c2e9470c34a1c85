import DiffusionCore
import Glibc
import Testing

/// Emulated CUDA noise compared with published values and with the formulas in binary64.
@Suite("CUDA noise")
struct CUDANoiseTests {
  /// Draws a single element of a large call, by the map in PyTorch's `DistributionTemplates.h`.
  private func element(_ index: Int, of count: Int, seed: UInt64, multiprocessors: Int) -> Float {
    let threads = 256 * min((count + 255) / 256, multiprocessors * 8)
    let words = Philox4x32(seed: seed)
      .words(block: UInt64(index / (4 * threads)), thread: UInt64(index % threads))
    return CurandDistribution.normals(words)[index / threads % 4]
  }

  /// pytorch issue 143086: `torch.randn(9483264, device="cuda")` after `torch.manual_seed(1)`, as printed.
  @Test(arguments: [
    (132, [0: -0.2963, 1: 2.6764, 2: -0.1408, 9_483_261: -0.6970, 9_483_262: -0.7780, 9_483_263: 0.3267]),
    (108, [9_483_261: 0.1549, 9_483_262: -0.6797, 9_483_263: -0.1656]),
  ])
  func equalsPublishedValues(multiprocessors: Int, printed: [Int: Double]) {
    for (index, value) in printed {
      let drawn = element(index, of: 9_483_264, seed: 1, multiprocessors: multiprocessors)
      #expect(abs(Double(drawn) - value) <= 0.500_1e-4, "element \(index)")
    }
  }

  @Test func seedZeroStartsAsOnACard() throws {
    let drawn = try Generator(device: .cuda()).manualSeed(0).randn([4])
    for (value, expected) in zip(drawn.scalars, [-0.924_662_59, -0.425_344_15, -2.643_845_7, 0.145_183_88] as [Float]) {
      #expect(abs(value - expected) <= 1e-6)
    }
  }

  /// The output of `torch.rand(12, device="cuda")` after `torch.manual_seed(0)`, as quoted in public code
  /// (TensorRT-LLM's functional tests, among others).
  @Test func seedZeroUniformsAreThoseOfACard() throws {
    let printed = [
      0.3990, 0.5167, 0.0249, 0.9401, 0.9459, 0.7967, 0.4150, 0.8203, 0.2290, 0.9096, 0.1183, 0.0752,
    ]
    let drawn = try Generator(device: .cuda()).manualSeed(0).rand([12])
    for (value, expected) in zip(drawn.scalars, printed) {
      #expect(abs(Double(value) - expected) <= 0.500_1e-4)
    }
  }

  /// Many waves, an incomplete last one, all four lanes.
  @Test func theGridDealsElementsByThreadLaneAndBlock() throws {
    let (count, card) = (5000, Generator.Device.cuda(multiprocessors: 1, threadsPerMultiprocessor: 256))
    let drawn = try Generator(device: card).manualSeed(7).randn([count])
    let philox = Philox4x32(seed: 7)
    for index in 0..<count {
      let words = philox.words(block: UInt64(index / 1024), thread: UInt64(index % 256))
      try #require(drawn.scalars[index] == CurandDistribution.normals(words)[index / 256 % 4])
    }
    let doubles = try Generator(device: card).manualSeed(7).rand([count], as: Double.self)
    for index in 0..<count {
      let words = philox.words(block: UInt64(index / 512), thread: UInt64(index % 256))
      try #require(doubles.scalars[index] == CurandDistribution.doubleUniforms(words)[index / 256 % 2])
    }
  }

  @Test func theCardMattersOnlyPastItsThreads() throws {
    func noise(_ count: Int, _ multiprocessors: Int) throws -> Tensor<Float16> {
      let card = Generator.Device.cuda(multiprocessors: multiprocessors, threadsPerMultiprocessor: 512)
      return try Generator(device: card).manualSeed(0).randn([count], as: Float16.self)
    }
    #expect(try noise(1024, 2) == noise(1024, 3))
    #expect(try noise(1025, 2) != noise(1025, 3))
  }

  /// The offset grows by 4 for every block that a thread draws; (seed, offset) is the state.
  @Test(arguments: [(1, 4), (256, 4), (1024, 4), (1025, 8), (2048, 8), (2049, 12)])
  func callsMoveTheOffsetOn(count: Int, increment: UInt8) throws {
    let card = Generator.Device.cuda(multiprocessors: 1, threadsPerMultiprocessor: 256)
    let generator = Generator(device: card).manualSeed(258)
    _ = try generator.randn([count])
    #expect(generator.getState() == [2, 1, 0, 0, 0, 0, 0, 0, increment, 0, 0, 0, 0, 0, 0, 0])
    _ = try generator.rand([1], as: BFloat16.self)
    #expect(generator.getState()[8] == increment + 4)
  }

  @Test func doublesUseTwoLanes() throws {
    let card = Generator.Device.cuda(multiprocessors: 1, threadsPerMultiprocessor: 256)
    let generator = Generator(device: card)
    _ = try generator.randn([513], as: Double.self)
    #expect(generator.getState()[8] == 8)
  }

  @Test func aRestoredStateContinuesTheStream() throws {
    let generator = Generator(device: .cuda()).manualSeed(Seed(UInt64.max))
    _ = try generator.randn([10])
    let state = generator.getState()
    let expected = try generator.randn([100])
    let other = Generator(device: .cuda())
    try other.setState(state)
    #expect(other.initialSeed == Seed(UInt64.max))
    #expect(try other.randn([100]) == expected)
    try other.setState(Array(state.prefix(8)))
    #expect(other.getState() == Generator(device: .cuda()).manualSeed(Seed(UInt64.max)).getState())
  }

  @Test func offsetsAreMultiplesOfFour() throws {
    let generator = Generator(device: .cuda())
    #expect(throws: DiffusionError.self) { try generator.setState([0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]) }
  }

  /// cuRAND's largest uniform rounds to 1 in every type, which PyTorch turns into 0.
  @Test func uniformsAreExactAndBelowOne() throws {
    let uniforms: SIMD4<Float> = [0x1p-33, 0x3p-33, 0.75, 1]
    #expect(CurandDistribution.uniforms(SIMD4(0, 1, 0xC000_0000, .max)) == uniforms)
    #expect(CurandDistribution.doubleUniforms(SIMD4(0, 0, 0, 0x8000_0000)) == SIMD2(0x1p-54, 0.5 + 0x1p-54))
    let drawn = try Generator(device: .cuda()).manualSeed(42).rand([20_000], as: BFloat16.self)
    let source = try Generator(device: .cuda()).manualSeed(42).rand([20_000])
    for (short, full) in zip(drawn.scalars, source.scalars) {
      let rounded = BFloat16(rounding: full).floatValue
      try #require(short.floatValue == (rounded == 1 ? 0 : rounded))
    }
    #expect(drawn.scalars.contains { $0.floatValue == 0 })
  }

  /// cuRAND rounds the word and then the angle to binary32; from there on libm in binary64 is the oracle.
  @Test func normalsAreTheBoxMullerTransformOfTheUniforms() throws {
    let (philox, step) = (Philox4x32(seed: 11), Double(0x1p-32 * 6.283_185_5 as Float))
    for thread in 0..<5000 as Range<UInt64> {
      let words = philox.words(block: 0, thread: thread)
      let u = Double(CurandDistribution.uniforms(words)[0])
      let v = Double(Float(Double(Float(words[1])) * step + step / 2))
      let (radius, normals) = ((-2 * log(u)).squareRoot(), CurandDistribution.normals(words))
      try #require(abs(Double(normals[0]) - radius * sin(v)) < 3e-7 * radius)
      try #require(abs(Double(normals[1]) - radius * cos(v)) < 3e-7 * radius)
      let doubleRadius = (-2 * log(CurandDistribution.doubleUniforms(words)[0])).squareRoot()
      let angle = 2 * Double.pi * CurandDistribution.doubleUniforms(words)[1]
      let doubles = CurandDistribution.doubleNormals(words)
      try #require(abs(doubles[0] - doubleRadius * sin(angle)) < 1e-14)
      try #require(abs(doubles[1] - doubleRadius * cos(angle)) < 1e-14)
    }
  }

  @Test(arguments: [(0, 2048), (-1, 2048), (.max, 2048), (132, 0), (132, 255), (132, .max)])
  func impossibleCardsAreRefused(multiprocessors: Int, threads: Int) throws {
    let card = Generator.Device.cuda(multiprocessors: multiprocessors, threadsPerMultiprocessor: threads)
    let error = #expect(throws: DiffusionError.self) { try Generator(device: card).randn([4]) }
    #expect(error?.kind == .usage)
  }
}
