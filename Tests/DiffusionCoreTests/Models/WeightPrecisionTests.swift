import DiffusionCore
import TestSupport
import Testing

@Suite("Weights rounded to fewer bits")
struct WeightPrecisionTests {
  /// The bits of values and of `tensor.to(dtype).to(torch.float32)` for bfloat16 and float16, from torch 2.13.0: ties,
  /// the largest values that stay finite, subnormals of either type.
  private static let recorded: [(UInt32, UInt32, UInt32)] = [
    (0x0000_0000, 0x0000_0000, 0x0000_0000), (0x8000_0000, 0x8000_0000, 0x8000_0000),
    (0x3F80_0000, 0x3F80_0000, 0x3F80_0000),
    (0x3F80_8000, 0x3F80_0000, 0x3F80_8000), (0x3F81_8000, 0x3F82_0000, 0x3F81_8000),
    (0x3F80_8001, 0x3F81_0000, 0x3F80_8000),
    (0x3F80_7FFF, 0x3F80_0000, 0x3F80_8000), (0xBF80_8000, 0xBF80_0000, 0xBF80_8000),
    (0x3F80_1000, 0x3F80_0000, 0x3F80_0000),
    (0x3F80_3000, 0x3F80_0000, 0x3F80_4000), (0x3F80_1001, 0x3F80_0000, 0x3F80_2000),
    (0x3F80_0FFF, 0x3F80_0000, 0x3F80_0000),
    (0x7F7F_FFFF, 0x7F80_0000, 0x7F80_0000), (0xFF7F_FFFF, 0xFF80_0000, 0xFF80_0000),
    (0x7F7F_7FFF, 0x7F7F_0000, 0x7F80_0000),
    (0x7F7F_8000, 0x7F80_0000, 0x7F80_0000), (0x477F_E000, 0x4780_0000, 0x477F_E000),
    (0x477F_EFFF, 0x4780_0000, 0x477F_E000),
    (0x477F_F000, 0x4780_0000, 0x7F80_0000), (0xC77F_F000, 0xC780_0000, 0xFF80_0000),
    (0x4780_0000, 0x4780_0000, 0x7F80_0000),
    (0x0000_0001, 0x0000_0000, 0x0000_0000), (0x807F_FFFF, 0x8080_0000, 0x8000_0000),
    (0x0000_8000, 0x0000_0000, 0x0000_0000),
    (0x0001_8000, 0x0002_0000, 0x0000_0000), (0x0000_7FFF, 0x0000_0000, 0x0000_0000),
    (0x0080_0000, 0x0080_0000, 0x0000_0000),
    (0x3300_0000, 0x3300_0000, 0x0000_0000), (0x3300_0001, 0x3300_0000, 0x3380_0000),
    (0x32FF_FFFF, 0x3300_0000, 0x0000_0000),
    (0x3380_0000, 0x3380_0000, 0x3380_0000), (0x33C0_0000, 0x33C0_0000, 0x3400_0000),
    (0x3880_0000, 0x3880_0000, 0x3880_0000),
    (0x387F_C000, 0x3880_0000, 0x387F_C000), (0x387F_E000, 0x3880_0000, 0x3880_0000),
    (0x387F_DFFF, 0x3880_0000, 0x387F_C000),
    (0x387F_FFFF, 0x3880_0000, 0x3880_0000), (0xB800_0000, 0xB800_0000, 0xB800_0000),
    (0x3DCC_CCCD, 0x3DCD_0000, 0x3DCC_C000),
    (0xC2F6_E979, 0xC2F7_0000, 0xC2F6_E000), (0x7F80_0000, 0x7F80_0000, 0x7F80_0000),
    (0xFF80_0000, 0xFF80_0000, 0xFF80_0000),
  ]

  private let fixture = "\(Fixtures.folder)/unet/two-levels"

  private func sample() throws -> Tensor<Float> { try Generator().manualSeed(0).randn([2, 3, 8, 8]) }

  @Test("round as torch does, to nearest, ties to even")
  func rounding() {
    for (value, bfloat16, float16) in Self.recorded {
      for (precision, expected) in [
        (WeightPrecision.float32, value), (.bfloat16, bfloat16), (.float16, float16),
      ] {
        let found = precision.rounded([Float(bitPattern: value)])[0]
        #expect(found.bitPattern == expected, "\(precision) of \(String(value, radix: 16))")
      }
    }
  }

  @Test(
    "equal torch's in a whole model",
    arguments: [
      (WeightPrecision.bfloat16, "2695fa6ce757f5a8638d027ce11b6736c06db5f33854e1db9f7f01a055d7e4f3"),
      (.float16, "364fef992fc8e299cd8ae56480dd5c64c26afcd77662958204e72edd111b9edd"),
    ])
  func wholeModel(precision: WeightPrecision, sha256: String) throws {
    let store = try ParameterStore(opening: "\(fixture)/unet/diffusion_pytorch_model.safetensors").rounded(
      to: precision)
    let values = try store.names.flatMap { try store.read($0, shape: #require(store.shape(of: $0))) }
    #expect(ContentHash.sha256(Tensor(unchecked: [values.count], values)) == sha256)
  }

  @Test("give the same model as a file of rounded weights", arguments: [WeightPrecision.bfloat16, .float16])
  func file(precision: WeightPrecision) throws {
    let whole = try DDIMPipeline.fromPretrained(fixture, threads: 1).unet
    let scratch = try ScratchFolder()
    let stored = try ShortWeights.write(
      ParameterStore(opening: "\(fixture)/unet/diffusion_pytorch_model.safetensors"), precision, in: scratch)
    let loaded = try UNet2DModel(config: whole.config, parameters: stored, threads: 1)
    let rounded = try whole.on(.cpu, threads: 1, weights: precision)
    #expect(rounded.weights == precision)
    let output = try rounded(sample(), timestep: 300)
    #expect(try output.isBitEqual(to: loaded(sample(), timestep: 300)))
    #expect(try !output.isBitEqual(to: whole(sample(), timestep: 300)))
    #expect(
      try rounded.on(.cpu, threads: 1, weights: .float32)(sample(), timestep: 300)
        .isBitEqual(to: whole(sample(), timestep: 300)))
    #expect(try rounded.on(.cpu, threads: 2).weights == precision)
  }

  @Test("are set by a run's settings", arguments: WeightPrecision.allCases)
  func settings(precision: WeightPrecision) throws {
    let settings = RunSettings(steps: 2, threads: 1, weights: precision)
    var run = try DDIMPipeline.fromPretrained(fixture, threads: 1).run(settings)
    var loaded = try DDIMPipeline.fromPretrained(fixture, threads: 1, weights: precision).run(settings)
    #expect(run.settings.weights == precision)
    #expect(try run.step().modelOutput.isBitEqual(to: loaded.step().modelOutput))
  }

  @Test("have these names, and no others")
  func names() throws {
    func named(_ name: String) throws -> WeightPrecision {
      var request = RunRequest(settings: RunSettings(threads: 1))
      try Setting.weights.assign(text: name, to: &request)
      return request.settings.weights
    }
    #expect(try WeightPrecision.allCases.map { try named($0.rawValue) } == WeightPrecision.allCases)
    let error = #expect(throws: DiffusionError.self) { try named("int8") }
    #expect(error?.message == "weights 'int8' is not one of float32, bfloat16, float16")
  }
}
