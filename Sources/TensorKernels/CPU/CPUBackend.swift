import CTensorKernels

/// The processor: a set of kernels, a pool of threads, and their memory. Every operation is done when it returns.
package final class CPUBackend: Backend {
  private let kernels: any KernelSet
  private let pool: ThreadPool
  private let allocator: any BufferAllocator
  private let buffers: FloatBufferPool

  /// Starts the threads; nil if the system refuses.
  package init?(kernels: any KernelSet, threads: Int, allocator: any BufferAllocator = SystemAllocator()) {
    guard let pool = ThreadPool(threads: threads) else { return nil }
    (self.kernels, self.pool, self.allocator) = (kernels, pool, allocator)
    buffers = FloatBufferPool(allocator: allocator)
  }

  package func begin(use: [Int]) { buffers.begin(use: use) }

  package func beginOnce(use: [Int]) { buffers.begin(use: use, keepsLarge: false) }

  package func buffer(count: Int) throws -> any DeviceBuffer { try buffers.buffer(count: count) }

  package func constant(_ elements: [Float]) throws -> any DeviceBuffer { try FloatBuffer(elements, from: allocator) }

  package func packWeights(_ weights: [Float], for shape: ConvolutionShape) throws -> any DeviceBuffer {
    precondition(weights.count == shape.weightCount, "weights do not fit their extents")
    return PackedWeights(
      elements: try kernels.pack(weights, for: shape, pool: pool, allocator: allocator),
      zeros: try FloatBuffer(count: shape.inputChannels, zeroed: true, from: allocator))
  }

  package func upload(_ elements: [Float], to buffer: any DeviceBuffer) {
    own(buffer, as: FloatBuffer.self).fill(with: elements)
  }

  package func download(_ buffer: any DeviceBuffer) -> [Float] { own(buffer, as: FloatBuffer.self).elements }

  /// The work between two checks, in multiply-adds: that of about 10 milliseconds.
  private static let workBetweenChecks = 500_000_000

  /// The number of items between two checks of an operation.
  private static func step(items: Int, work: Int) -> Int {
    max(1, Int(Double(items) * Double(workBetweenChecks) / Double(max(1, work))))
  }

  package func convolution(_ operation: ConvolutionOperation) throws { try convolution(operation, check: nil) }

  package func convolution(_ operation: ConvolutionOperation, check: CancellationCheck?) throws {
    let problem = ctk_convolution(operation), output = operation.output
    let work = Int.product(output.batch, output.pixels, operation.shape.weightCount)
    if operation.shape.algorithm == .direct {
      let items = problem.items
      try pool.forEach(items: items, step: Self.step(items: items, work: work), check: check) { _, items in
        kernels.convolution(problem, items: items)
      }
    } else {
      try winograd(problem, work: work, check: check)
    }
    // The problem holds raw pointers to its operands.
    withExtendedLifetime(operation) {}
  }

  /// Each thread has its own workspace for the duration of the operation.
  private func winograd(_ problem: ctk_convolution, work: Int, check: CancellationCheck?) throws {
    let count = problem.winogradSlabCount
    let memory = try buffers.buffer(count: count * pool.threads)
    try withUnsafeTemporaryAllocation(of: ctk_winograd_workspace.self, capacity: pool.threads) { workspaces in
      for thread in workspaces.indices {
        workspaces.initializeElement(
          at: thread, to: ctk_winograd_workspace(transformed: memory.mutable + thread * count, slab: .max))
      }
      guard let first = workspaces.baseAddress else { return }
      let items = problem.winogradItems
      try pool.forEach(items: items, step: Self.step(items: items, work: work), check: check) { thread, items in
        kernels.winograd(problem, items: items, workspace: first + thread)
      }
    }
    withExtendedLifetime(memory) {}
  }

  package func groupNorm(_ operation: GroupNormOperation) {
    let problem = ctk_group_norm(operation)
    pool.forEach(items: problem.items) { kernels.groupNorm(problem, items: $0) }
    withExtendedLifetime(operation) {}
  }

  package func layerNorm(_ operation: LayerNormOperation) {
    let problem = ctk_layer_norm(operation)
    pool.forEach(items: problem.items) { kernels.layerNorm(problem, items: $0) }
    withExtendedLifetime(operation) {}
  }

  package func activation(_ operation: ActivationOperation) {
    let problem = ctk_activation(operation)
    pool.forEach(items: problem.items) { kernels.activation(problem, items: $0) }
    withExtendedLifetime(operation) {}
  }

  package func resample(_ operation: ResamplingOperation) {
    let problem = ctk_resample(operation)
    pool.forEach(items: problem.items) { kernels.resample(problem, items: $0) }
    withExtendedLifetime(operation) {}
  }

  package func modulation(_ operation: ModulationOperation) {
    let problem = ctk_modulation(operation)
    pool.forEach(items: problem.items) { kernels.modulation(problem, items: $0) }
    withExtendedLifetime(operation) {}
  }

  package func attention(_ operation: AttentionOperation) throws { try attention(operation, check: nil) }

  /// Holds the transposed keys, and for each thread the scores of a tile of queries: never those of all queries.
  package func attention(_ operation: AttentionOperation, check: CancellationCheck?) throws {
    var problem = ctk_attention(operation)
    let padded = (Int(problem.keys) + 31) / 32 * 32
    let keys = try buffers.buffer(count: Int(problem.batch) * operation.output.channels * padded)
    (problem.transposed_keys, problem.padded_keys) = (keys.mutable, Int32(padded))
    let ready = problem, scores = try buffers.buffer(count: ready.scoreCount * pool.threads)
    pool.forEach(items: ready.transposeItems) { kernels.transposeKeys(ready, items: $0) }
    let output = operation.output
    let work = Int.product(output.batch, output.pixels, Int(ready.keys), 2 * output.channels)
    let step = Self.step(items: ready.items, work: work)
    try pool.forEach(items: ready.items, step: step, check: check) { thread, items in
      kernels.attention(ready, items: items, scores: scores.mutable + thread * ready.scoreCount)
    }
    withExtendedLifetime((operation, keys, scores)) {}
  }

  package func finish() {}
}

/// Weights in the layout of a set of kernels, and the zeros that kernels read where a tap lies outside the image.
private final class PackedWeights: DeviceBuffer {
  let elements: FloatBuffer
  let zeros: FloatBuffer
  var count: Int { elements.count }

  init(elements: FloatBuffer, zeros: FloatBuffer) { (self.elements, self.zeros) = (elements, zeros) }
}

/// The buffer as one of the types that a backend itself creates.
func own<Own: DeviceBuffer>(_ buffer: any DeviceBuffer, as type: Own.Type) -> Own {
  guard let own = buffer as? Own else { preconditionFailure("a buffer of another backend, or for another purpose") }
  return own
}

private func pointer(_ map: FeatureMap) -> UnsafePointer<Float> { own(map.buffer, as: FloatBuffer.self).pointer }

private func target(_ map: FeatureMap) -> UnsafeMutablePointer<Float> { own(map.buffer, as: FloatBuffer.self).mutable }

extension ctk_convolution {
  /// Checks the operands and describes the problem for the kernels.
  fileprivate init(_ operation: ConvolutionOperation) {
    let shape = operation.shape, (input, output) = (operation.input, operation.output)
    let second = operation.second?.channels ?? 0
    operation.requireFit()
    self.init()
    (self.input, input_channels) = (pointer(input), Int32(input.channels))
    (input2, input2_channels) = (operation.second.map(pointer), Int32(second))
    (batch, input_height, input_width) = (Int32(input.batch), Int32(input.height), Int32(input.width))
    (kernel, stride, padding) = (Int32(shape.kernel), Int32(shape.stride), Int32(shape.padding))
    (upsample, algorithm) = (shape.upsample, shape.algorithm.ctk)
    (output_height, output_width) = (Int32(output.height), Int32(output.width))
    output_channels = Int32(output.channels)
    let packed = own(operation.weights, as: PackedWeights.self)
    (weights, zeros) = (packed.elements.pointer, packed.zeros.pointer)
    bias = own(operation.bias, as: FloatBuffer.self).pointer
    precondition(operation.timeFirst == 0, "the processor joins no projections")
    (time, time_stride) = (operation.time.map(pointer), Int32(operation.time?.channels ?? 0))
    residual = operation.residual.map(pointer)
    (divisor, silu) = (operation.divisor, operation.silu)
    self.output = target(output)
  }
}

extension ctk_group_norm {
  /// Checks the operands and describes the problem for the kernels.
  fileprivate init(_ operation: GroupNormOperation) {
    let (input, output) = (operation.input, operation.output), second = operation.second?.channels ?? 0
    operation.requireFit()
    self.init()
    (self.input, input_channels) = (pointer(input), Int32(input.channels))
    (input2, input2_channels) = (operation.second.map(pointer), Int32(second))
    (batch, pixels) = (Int32(input.batch), Int32(input.pixels))
    (groups, epsilon) = (Int32(operation.groups), operation.epsilon)
    gamma = own(operation.gamma, as: FloatBuffer.self).pointer
    beta = own(operation.beta, as: FloatBuffer.self).pointer
    precondition(operation.timeFirst == 0, "the processor joins no projections")
    (time, time_stride) = (operation.time.map(pointer), Int32(operation.time?.channels ?? 0))
    silu = operation.silu
    self.output = target(output)
  }
}

extension ctk_layer_norm {
  /// Checks the operands and describes the problem for the kernels.
  fileprivate init(_ operation: LayerNormOperation) {
    let (input, output) = (operation.input, operation.output)
    operation.requireFit()
    self.init()
    (self.input, pixels, channels) = (pointer(input), input.batch * input.pixels, Int32(input.channels))
    epsilon = operation.epsilon
    gamma = own(operation.gamma, as: FloatBuffer.self).pointer
    beta = own(operation.beta, as: FloatBuffer.self).pointer
    self.output = target(output)
  }
}

extension ctk_activation {
  /// Checks the operands and describes the problem for the kernels.
  fileprivate init(_ operation: ActivationOperation) {
    let (input, output) = (operation.input, operation.output)
    operation.requireFit()
    self.init()
    (function, gated, self.input) = (operation.function.ctk, operation.isGated, pointer(input))
    (channels, count, self.output) = (Int32(output.channels), output.buffer.count, target(output))
  }
}

extension ctk_resample {
  /// Checks the operands and describes the problem for the kernels.
  fileprivate init(_ operation: ResamplingOperation) {
    let (resampling, input, output) = (operation.resampling, operation.input, operation.output)
    operation.requireFit()
    self.init()
    (kind, reflects, self.input) = (resampling.kind.ctk, resampling.reflects, pointer(input))
    (batch, input_height, input_width) = (Int32(input.batch), Int32(input.height), Int32(input.width))
    (channels, output_height, output_width) = (Int32(input.channels), Int32(output.height), Int32(output.width))
    self.output = target(output)
  }
}

extension ctk_modulation {
  /// Checks the operands and describes the problem for the kernels.
  fileprivate init(_ operation: ModulationOperation) {
    let (input, output, factor) = (operation.input, operation.output, operation.factor)
    operation.requireFit()
    self.init()
    (self.input, self.output) = (pointer(input), target(output))
    (batch, pixels, channels) = (Int32(input.batch), Int32(input.pixels), Int32(input.channels))
    (self.factor, factor_stride) = (pointer(factor.map) + factor.first, Int32(factor.map.channels))
    switch operation.kind {
    case .scale(_, let shift):
      (adds_one, term) = (true, pointer(shift.map) + shift.first)
      term_image_stride = shift.map.channels
    case .gate(_, let residual):
      term = pointer(residual)
      (term_image_stride, term_pixel_stride) = (input.pixels * input.channels, input.channels)
    }
  }
}

extension ctk_attention {
  /// Checks the operands and describes the problem for the kernels, except for the transposed keys.
  fileprivate init(_ operation: AttentionOperation) {
    let (query, key, value) = (operation.query, operation.key, operation.value), output = operation.output
    operation.requireFit()
    self.init()
    (self.query, query_stride) = (pointer(query.map) + query.first, Int32(query.map.channels))
    (self.key, key_stride) = (pointer(key.map) + key.first, Int32(key.map.channels))
    (self.value, value_stride) = (pointer(value.map) + value.first, Int32(value.map.channels))
    (batch, queries, keys) = (Int32(output.batch), Int32(output.pixels), Int32(key.map.pixels))
    (heads, head_dim, scale) = (Int32(operation.heads), Int32(operation.headDim), operation.scale)
    (causal, self.output) = (operation.isCausal, target(output))
  }
}
