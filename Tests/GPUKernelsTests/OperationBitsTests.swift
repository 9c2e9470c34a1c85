import GPUKernels
import OperationChecks
import TensorKernels
import Testing

@Suite("Every kernel gives the bits of the scalar reference", .onDevice) struct OperationBitsTests {
  private static func oracle() throws -> CPUBackend {
    try #require(CPUBackend(kernels: ReferenceKernels(), threads: 1))
  }

  private static func processor() throws -> CPUBackend {
    let kernels = try #require(InstructionSet.available.first?.kernels)
    return try #require(CPUBackend(kernels: kernels, threads: 2))
  }

  @Test("Random extents and elements: NaN, infinities, denormals", arguments: RandomOperation.Kind.allCases)
  func randomOperations(kind: RandomOperation.Kind) throws {
    let device = try GPUTestDevice.backend(), oracle = try Self.oracle(), processor = try Self.processor()
    var values = Set<UInt32>()
    for seed in 0..<UInt64(GPUTestDevice.trials) {
      let operation = RandomOperation(kind: kind, seed: seed), expected = try operation.run(on: oracle)
      #expect(try operation.run(on: device) == expected, "\(operation) on the device")
      #expect(try operation.run(on: processor) == expected, "\(operation) on the processor")
      values.formUnion(expected)
    }
    #expect(values.count > 100, "something is computed")
  }

  // PoCL 3.1 made some wrong, on several threads, where a function that was not inlined was given local memory.
  @Test(
    "Group norms by the thousand", .enabled(if: GPUTestDevice.norms > 0, "set GPU_NORMS=4000, as make gpu does"),
    arguments: [RandomOperation.Kind.groupNorm, .joinedNorm])
  func norms(kind: RandomOperation.Kind) throws {
    let device = try GPUTestDevice.backend(), oracle = try Self.oracle()
    for seed in 0..<GPUTestDevice.norms {
      let operation = RandomOperation(kind: kind, seed: 1_000_000 + seed)
      #expect(try operation.run(on: device) == operation.run(on: oracle), "\(operation)")
    }
  }

  @Test(
    "In parts, where the workspace has no room for the whole",
    arguments: [RandomOperation.Kind.winograd2x2, .winograd4x4, .attention, .causal])
  func parts(kind: RandomOperation.Kind) throws {
    let device = try GPUTestDevice.backend(workspaceLimit: 100), oracle = try Self.oracle()
    for seed in 0..<UInt64(GPUTestDevice.trials / 2) {
      let operation = RandomOperation(kind: kind, seed: seed)
      #expect(try operation.run(on: device) == operation.run(on: oracle), "\(operation)")
    }
  }

  @Test("Group norms of many pixels and of many channels", arguments: [(66_000, 2, 1), (5, 4100, 1), (300, 4096, 2)])
  func largeGroups(pixels: Int, channels: Int, groups: Int) throws {
    func run(_ backend: any Backend) throws -> [UInt32] {
      var maker = Maker(random: .init(seed: 5), backend: backend)
      let input = try maker.map(1, pixels, 1, channels), output = try maker.output(1, pixels, 1, channels)
      try backend.groupNorm(
        GroupNormOperation(
          groups: groups, epsilon: 1e-6, gamma: maker.constant(channels), beta: maker.constant(channels),
          input: input, output: output))
      return try backend.download(output.buffer).map(\.bitPattern)
    }
    #expect(try run(GPUTestDevice.backend()) == run(Self.processor()))
  }

  @Test("A function's whole range", arguments: Activation.allCases) func functions(_ function: Activation) throws {
    func run(_ backend: any Backend) throws -> [UInt32] {
      // Every 4099th bit pattern: all exponents, both signs, infinities and NaN.
      let patterns = stride(from: UInt32(0), through: .max - 4099, by: 4099 * 4).map { Float(bitPattern: $0) }
      let input = try FeatureMap(batch: 1, height: 1, width: patterns.count, channels: 1, on: backend)
      let output = try FeatureMap(batch: 1, height: 1, width: patterns.count, channels: 1, on: backend)
      try backend.upload(patterns, to: input.buffer)
      try backend.activation(ActivationOperation(function, input: input, output: output))
      return try backend.download(output.buffer).map(\.bitPattern)
    }
    #expect(try run(GPUTestDevice.backend()) == run(Self.oracle()))
  }
}
