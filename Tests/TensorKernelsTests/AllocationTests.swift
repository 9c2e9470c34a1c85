import TensorKernels
import TestSupport
import Testing

@Suite("Running out of memory")
struct AllocationTests {
  /// The size of a buffer in bytes, with the 64 elements that follow.
  private func bytes(_ count: Int) -> Int { 4 * (count + 64) }

  private func backend(_ allocator: LimitedAllocator) throws -> CPUBackend {
    try #require(CPUBackend(kernels: ReferenceKernels(), threads: 3, allocator: allocator))
  }

  @Test("is an error with the number of bytes requested, not the end of the process")
  func system() {
    #expect(throws: AllocationError(byteCount: bytes(1 << 58))) { try FloatBuffer(count: 1 << 58) }
    #expect(throws: AllocationError(byteCount: .max)) { try FloatBuffer(count: 1 << 62) }
    #expect(throws: AllocationError(byteCount: .max)) { try FloatBuffer(count: .max) }
    #expect(SystemAllocator().allocate(byteCount: .max) == nil)
  }

  @Test("is an error for a map that is too large for an integer or for the kernels")
  func extents() throws {
    let backend = try backend(LimitedAllocator(limit: 1 << 20))
    #expect(throws: AllocationError(byteCount: .max)) {
      try FeatureMap(batch: .max, height: 1 << 20, width: 1 << 20, channels: 3, on: backend)
    }
    #expect(throws: AllocationError(byteCount: .max)) {
      try FeatureMap(batch: 1, height: 1, width: 1, channels: .max, on: backend)
    }
    #expect(throws: AllocationError(byteCount: 1 << 34)) {
      try FeatureMap(batch: 1, height: 1 << 16, width: 1 << 15, channels: 2, on: backend)
    }
  }

  @Test("is an error of every call that makes a buffer")
  func buffers() throws {
    let allocator = LimitedAllocator(limit: bytes(100)), backend = try backend(allocator)
    let error = AllocationError(byteCount: bytes(101))
    #expect(throws: error) { try backend.buffer(count: 101) }
    #expect(throws: error) { try backend.constant([Float](repeating: 0, count: 101)) }
    let shape = ConvolutionShape(inputChannels: 101, outputChannels: 1, kernel: 1)
    #expect(throws: error) { try backend.packWeights([Float](repeating: 0, count: 101), for: shape) }
    #expect(allocator.bytesInUse == 0)
    #expect(try backend.buffer(count: 100).count == 100)
  }

  @Test("is an error of Winograd's workspaces and of attention's keys, which leaves nothing behind")
  func workspaces() throws {
    let allocator = LimitedAllocator(), backend = try backend(allocator)
    var shape = ConvolutionShape(inputChannels: 16, outputChannels: 16, kernel: 3)
    (shape.padding, shape.trailingPadding, shape.algorithm) = (1, 1, .winograd4x4)
    let weights = try backend.packWeights([Float](repeating: 1, count: shape.weightCount), for: shape)
    let bias = try backend.constant([Float](repeating: 0, count: 16))
    let input = try FeatureMap(batch: 1, height: 8, width: 8, channels: 48, on: backend)
    let image = try FeatureMap(batch: 1, height: 8, width: 8, channels: 16, on: backend)
    let output = try FeatureMap(batch: 1, height: 8, width: 8, channels: 16, on: backend)
    backend.upload([Float](repeating: 1, count: 64 * 48), to: input.buffer)
    backend.upload([Float](repeating: 1, count: 64 * 16), to: image.buffer)
    let convolution = ConvolutionOperation(shape, weights: weights, bias: bias, input: image, output: output)
    let attention = AttentionOperation(heads: 2, scale: 1, queryKeyValue: input, output: output)
    let before = allocator.bytesInUse
    allocator.limit = before
    #expect(throws: AllocationError(byteCount: bytes(3 * 36 * (32 * 16 + 16)))) {
      try backend.convolution(convolution)
    }
    #expect(throws: AllocationError(byteCount: bytes(16 * 64))) { try backend.attention(attention) }
    #expect(allocator.bytesInUse == before)
    allocator.limit = .max
    try backend.convolution(convolution)
    #expect(backend.download(output.buffer).allSatisfy { $0 != 0 })
    try backend.attention(attention)
    #expect(backend.download(output.buffer) == [Float](repeating: 1, count: 64 * 16))
  }

  @Test("happens only after the pool's idle buffers have been freed")
  func idle() throws {
    let allocator = LimitedAllocator(limit: 2 * bytes(100)), pool = FloatBufferPool(allocator: allocator)
    do {
      let first = try pool.buffer(count: 100), second = try pool.buffer(count: 100)
      #expect(first.pointer != second.pointer)
    }
    #expect(allocator.bytesInUse == 2 * bytes(100))
    #expect(try pool.buffer(count: 150).count == 150)
    #expect(allocator.bytesInUse == bytes(150))
    #expect(throws: AllocationError(byteCount: bytes(300))) { try pool.buffer(count: 300) }
  }

  @Test("leaves room for a step's tensors of the sample, whatever else decides the sizes of buffers")
  func room() throws {
    let allocator = LimitedAllocator(limit: 64 << 20), pool = FloatBufferPool(allocator: allocator)
    // A sample of 2x4x64x64 and a text of 2x77x768: 16 tensors of the sample are 2 MB.
    pool.begin(use: [2, 4, 64, 64, 2, 77, 768])
    #expect(try pool.buffer(count: 1 << 20).count == 1 << 20)
  }

  @Test("leaves no memory allocated in the end")
  func freed() throws {
    let allocator = LimitedAllocator()
    do {
      let backend = try backend(allocator)
      let buffers = try [backend.buffer(count: 10), backend.constant([1, 2, 3]), backend.buffer(count: 20)]
      #expect(allocator.bytesInUse == buffers.reduce(0) { $0 + bytes($1.count) })
    }
    #expect(allocator.bytesInUse == 0)
  }
}
