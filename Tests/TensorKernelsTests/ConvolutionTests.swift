import CTensorKernels
import TensorKernels
import TestSupport
import Testing

@Suite("Convolution equals the scalar oracle bit for bit")
struct ConvolutionTests {
  /// The epilogues.
  struct Epilogue: OptionSet {
    let rawValue: Int
    static let bias = Epilogue(rawValue: 1), time = Epilogue(rawValue: 2), residual = Epilogue(rawValue: 4)
    static let divisor = Epilogue(rawValue: 8), silu = Epilogue(rawValue: 16)
    static let all: Epilogue = [bias, time, residual, divisor, silu]
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var batch = 1
    var size = (height: 5, width: 7)
    var channels = (first: 3, second: 0)
    var output = 33
    var kernel = 3
    var stride = 1
    var padding = 1
    var upsample = false
    var epilogue: Epilogue = []
    var algorithm = ConvolutionAlgorithm.direct

    var testDescription: String {
      "\(batch)x\(channels)x\(size) -> \(output), kernel \(kernel)/\(stride)/\(padding), upsample \(upsample), "
        + "epilogue \(epilogue.rawValue), \(algorithm)"
    }
  }

  static let epilogues: [Epilogue] = [
    .bias, [.bias, .time], [.bias, .residual], [.bias, .time, .residual], [.residual], [.bias, .divisor],
    [.bias, .silu],
  ]

  static let cases: [Case] =
    [
      Case(size: (1, 1), channels: (1, 0), output: 1),
      Case(size: (1, 1), channels: (5, 0), output: 17, kernel: 1, padding: 0),
      Case(batch: 3, size: (1, 1), channels: (16, 0), output: 64, kernel: 1, padding: 0, epilogue: .all),
      Case(size: (13, 1), channels: (8, 0), output: 16),
      Case(batch: 2, size: (7, 9), channels: (3, 0), output: 32, epilogue: .all),
      Case(batch: 2, size: (6, 6), channels: (17, 0), output: 48, stride: 2),
      Case(size: (6, 8), channels: (4, 0), output: 20, stride: 2, padding: 0, epilogue: .all),
      Case(size: (4, 3), channels: (10, 7), output: 31, epilogue: .all),
      Case(size: (4, 4), channels: (16, 32), output: 40, kernel: 1, padding: 0),
      Case(batch: 2, size: (3, 5), channels: (6, 0), output: 3, upsample: true, epilogue: .all),
    ]
    + [ConvolutionAlgorithm.winograd2x2, .winograd4x4].flatMap { algorithm in
      [
        Case(size: (1, 1), channels: (1, 0), output: 1, algorithm: algorithm),
        Case(batch: 2, size: (8, 12), channels: (17, 0), output: 33, epilogue: .all, algorithm: algorithm),
        Case(batch: 3, size: (7, 5), channels: (16, 0), output: 64, algorithm: algorithm),
        Case(size: (3, 9), channels: (5, 0), output: 48, upsample: true, epilogue: .all, algorithm: algorithm),
        // More than one slab, of 32 tiles and of 16.
        Case(batch: 2, size: (22, 19), channels: (16, 0), output: 40, epilogue: .all, algorithm: algorithm),
        Case(batch: 2, size: (12, 20), channels: (325, 0), output: 17, algorithm: algorithm),
      ]
    }
    + epilogues.flatMap { epilogue in
      [
        Case(batch: 2, size: (5, 9), channels: (6, 0), output: 80, epilogue: epilogue),
        Case(batch: 2, size: (5, 9), channels: (6, 5), output: 80, kernel: 1, padding: 0, epilogue: epilogue),
        Case(batch: 2, size: (8, 10), channels: (6, 0), output: 80, epilogue: epilogue, algorithm: .winograd2x2),
        Case(batch: 2, size: (8, 10), channels: (6, 0), output: 80, epilogue: epilogue, algorithm: .winograd4x4),
      ]
    }

  @Test(arguments: cases)
  func equalsTheOracle(_ shape: Case) throws {
    let expected = try run(shape, on: ReferenceKernels())
    #expect(expected.contains { $0 != 0 })
    for set in kernelSets {
      #expect(try run(shape, on: set) == expected, "\(set.name)")
      #expect(try run(shape, on: set, splitInto: 3) == expected, "\(set.name) in three ranges")
      guard shape.algorithm != .direct else { continue }
      #expect(
        try run(shape, on: set, splitInto: 3, workspaces: 2) == expected, "\(set.name) in two workspaces by turns")
    }
  }

  @Test(
    "Awkward values take the same path", arguments: ConvolutionAlgorithm.allCases, awkwardValues)
  func awkwardValuesEqualTheOracle(_ algorithm: ConvolutionAlgorithm, value: Float) throws {
    let shape = Case(size: (9, 8), channels: (17, 0), output: 48, epilogue: .all, algorithm: algorithm)
    let expected = try run(shape, on: ReferenceKernels(), value: value)
    for set in kernelSets { #expect(try run(shape, on: set, value: value) == expected, "\(set.name)") }
  }

  private func run(
    _ shape: Case, on set: any KernelSet, splitInto ranges: Int = 1, workspaces count: Int = 1, value: Float? = nil
  ) throws -> [UInt32] {
    let pool = try #require(ThreadPool(threads: 2))
    let buffers = try Buffers(shape, on: set, pool: pool, value: value)
    let problem = buffers.problem(shape), isDirect = shape.algorithm == .direct
    let items = isDirect ? problem.items : problem.winogradItems
    let memory = try (0..<count).map { _ in try FloatBuffer(count: isDirect ? 1 : problem.winogradSlabCount) }
    var workspaces = memory.map { ctk_winograd_workspace(transformed: $0.mutable, slab: .max) }
    for index in 0..<ranges {
      let range = items * index / ranges..<items * (index + 1) / ranges
      if isDirect {
        set.convolution(problem, items: range)
      } else {
        set.winograd(problem, items: range, workspace: &workspaces[index % count])
      }
    }
    return withExtendedLifetime((buffers, memory)) { bits(buffers.output) }
  }

  /// The memory of one convolution.
  private struct Buffers {
    let first, second, weights, bias, time, residual, zeros, output: FloatBuffer
    let height, width: Int

    init(_ shape: Case, on set: any KernelSet, pool: ThreadPool, value: Float?) throws {
      var random = SplitMix64(seed: 7)
      let scale = shape.upsample ? 2 : 1, trailing = shape.padding == 0 && shape.kernel == 3 ? 1 : shape.padding
      height = (shape.size.height * scale + shape.padding + trailing - shape.kernel) / shape.stride + 1
      width = (shape.size.width * scale + shape.padding + trailing - shape.kernel) / shape.stride + 1
      let pixels = shape.batch * shape.size.height * shape.size.width,
        outputs = shape.batch * height * width * shape.output
      let channels = shape.channels.first + shape.channels.second
      first = try FloatBuffer(random.floats(pixels * shape.channels.first).with(value))
      second = try FloatBuffer(random.floats(pixels * shape.channels.second))
      var packed = ConvolutionShape(inputChannels: channels, outputChannels: shape.output, kernel: shape.kernel)
      packed.algorithm = shape.algorithm
      weights = try set.pack(
        random.floats(packed.weightCount), for: packed, pool: pool, allocator: SystemAllocator())
      bias = try FloatBuffer(random.floats(shape.output))
      time = try FloatBuffer(random.floats(shape.batch * shape.output))
      residual = try FloatBuffer(random.floats(outputs))
      zeros = try FloatBuffer(count: channels, zeroed: true)
      output = try FloatBuffer(count: outputs, zeroed: true)
    }

    func problem(_ shape: Case) -> ctk_convolution {
      var problem = ctk_convolution()
      (problem.input, problem.input2) = (first.pointer, shape.channels.second > 0 ? second.pointer : nil)
      (problem.input_channels, problem.input2_channels) = (Int32(shape.channels.first), Int32(shape.channels.second))
      (problem.batch, problem.upsample) = (Int32(shape.batch), shape.upsample)
      (problem.input_height, problem.input_width) = (Int32(shape.size.height), Int32(shape.size.width))
      (problem.kernel, problem.stride, problem.padding) = (
        Int32(shape.kernel), Int32(shape.stride), Int32(shape.padding)
      )
      (problem.output_channels, problem.output_height, problem.output_width) = (
        Int32(shape.output), Int32(height), Int32(width)
      )
      (problem.weights, problem.zeros, problem.output) = (weights.pointer, zeros.pointer, output.mutable)
      (problem.algorithm, problem.time_stride) = (shape.algorithm.ctk, Int32(shape.output))
      problem.bias = shape.epilogue.contains(.bias) ? bias.pointer : nil
      problem.time = shape.epilogue.contains(.time) ? time.pointer : nil
      problem.residual = shape.epilogue.contains(.residual) ? residual.pointer : nil
      problem.divisor = shape.epilogue.contains(.divisor) ? 1.7 : 1
      problem.silu = shape.epilogue.contains(.silu)
      return problem
    }
  }
}
