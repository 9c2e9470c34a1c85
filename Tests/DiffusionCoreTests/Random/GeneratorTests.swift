import DiffusionCore
import Testing

/// Seeds, states and errors of generators.
@Suite("Generator")
struct GeneratorTests {
  static let devices: [Generator.Device] = [.cpu, .cuda()]

  /// A source of a single number.
  private struct Constant: RandomNumberGenerator {
    let number: UInt64
    mutating func next() -> UInt64 { number }
  }

  @Test(arguments: devices)
  func startsFromPyTorchsDefaultSeed(_ device: Generator.Device) throws {
    let generator = Generator(device: device)
    #expect(generator.initialSeed == 67_280_421_310_721)
    #expect(try generator.randn([20]) == Generator(device: device).manualSeed(67_280_421_310_721).randn([20]))
  }

  @Test(arguments: devices)
  func negativeSeedsWrap(_ device: Generator.Device) throws {
    let generator = Generator(device: device).manualSeed(-1)
    #expect(generator.initialSeed == Seed(UInt64.max))
    #expect(try generator.randn([20]) == Generator(device: device).manualSeed(Seed(UInt64.max)).randn([20]))
  }

  @Test func drawnSeedsHave64BitsForTheCPUAnd53ForCUDA() throws {
    var source = Constant(number: .max)
    let generator = Generator()
    _ = try generator.randn([1])
    #expect(generator.seed(using: &source) == Seed(UInt64.max))
    #expect(generator.getState() == Generator().manualSeed(Seed(UInt64.max)).getState())
    #expect(Generator(device: .cuda()).seed(using: &source) == Seed((1 << 53) - 1))
  }

  @Test(arguments: devices)
  func theSystemsSeedRestarts(_ device: Generator.Device) throws {
    let generator = Generator(device: device)
    let seed = generator.seed()
    #expect(generator.initialSeed == seed)
    #expect(try generator.randn([20]) == Generator(device: device).manualSeed(seed).randn([20]))
  }

  @Test(arguments: devices)
  func reseedingDropsTheCachedSample(_ device: Generator.Device) throws {
    let generator = Generator(device: device).manualSeed(3)
    let first = try generator.randn([1])
    generator.manualSeed(3)
    #expect(try generator.randn([1]) == first)
  }

  @Test(arguments: devices, [0, 1, 8, 15, 17, 5055, 5057])
  func statesOfAnotherLengthAreRefused(_ device: Generator.Device, count: Int) throws {
    if count == 8, device != .cpu { return }
    let generator = Generator(device: device).manualSeed(3)
    let before = generator.getState()
    let error = #expect(throws: DiffusionError.self) {
      try generator.setState([UInt8](repeating: 0, count: count))
    }
    #expect(error?.kind == .badData)
    #expect(error?.message.contains("\(count) bytes, expected \(before.count)") == true)
    #expect(generator.getState() == before)
  }

  /// Offsets: 8 left, 12 seeded, 16 next. A state that reads past its words would be out of bounds in PyTorch itself.
  @Test(arguments: [(8, 0), (8, 0xFF), (12, 0), (16, 626), (16, 100)])
  func invalidTwisterStatesAreRefused(offset: Int, value: Int) throws {
    let generator = Generator().manualSeed(3)
    _ = try generator.randn([30])
    let before = generator.getState()
    var bytes = before
    bytes[offset] = UInt8(truncatingIfNeeded: value)
    bytes[offset + 1] = value == 0xFF ? 0xFF : UInt8(truncatingIfNeeded: value >> 8)
    let error = #expect(throws: DiffusionError.self) { try generator.setState(bytes) }
    #expect(error?.message.contains("mt19937") == true)
    #expect(generator.getState() == before)
  }

  /// The last 8 bytes hold a float32 sample and its flag, which torch keeps although no normal reads them.
  @Test func bothCachedSamplesSurviveARoundTrip() throws {
    let generator = Generator().manualSeed(3)
    let first = try generator.randn([1], as: Double.self)
    var state = generator.getState()
    state.replaceSubrange(5048..<5053, with: [0, 0, 0xC0, 0x3F, 1])
    let other = Generator()
    try other.setState(state)
    #expect(other.getState() == state)
    let pair = try Generator().manualSeed(3).randn([2], as: Double.self)
    #expect(try first.scalars + other.randn([1], as: Double.self).scalars == pair.scalars)
  }

  @Test(arguments: devices, [[-1], [1, -3, 0], [Int.max, 2], [1 << 40], [Int.max, Int.max, 0]])
  func impossibleShapesAreRefused(_ device: Generator.Device, shape: [Int]) throws {
    let generator = Generator(device: device)
    let before = generator.getState()
    for draw in [{ try generator.randn(shape) }, { try generator.rand(shape) }] {
      let error = #expect(throws: DiffusionError.self) { _ = try draw() }
      #expect(error?.kind == .usage)
      #expect(error?.message.contains("\(shape)") == true)
    }
    #expect(generator.getState() == before)
  }

  @Test func channelsLastNeedsFourDimensions() {
    #expect(throws: DiffusionError.self) { try Generator().randn([4, 4], memoryFormat: .channelsLast) }
  }

  @Test(arguments: devices, [[0], [2, 0, 3]])
  func emptyTensorsDrawNothing(_ device: Generator.Device, shape: [Int]) throws {
    let generator = Generator(device: device)
    let before = generator.getState()
    #expect(try generator.randn(shape, as: Double.self).count == 0)
    #expect(try generator.rand(shape, as: Float16.self).count == 0)
    #expect(generator.getState() == before)
  }

  @Test func scalarsHaveNoExtents() throws {
    let scalar = try Generator().manualSeed(0).randn([])
    #expect(scalar.shape.isEmpty)
    #expect(try scalar.scalars == Generator().manualSeed(0).randn([1]).scalars)
  }
}
