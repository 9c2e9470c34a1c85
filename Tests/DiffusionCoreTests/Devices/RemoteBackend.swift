import Synchronization
import TensorKernels

/// A device with memory of its own: a buffer is a number, its elements are in a table that only this backend reads, and
/// operations are deferred until a result is requested. It computes on copies, with the processor's kernels.
final class RemoteBackend: Backend {
  /// The error that the device throws on request.
  struct Fault: Error, Equatable {}

  /// A handle that means nothing to the processor's backend.
  private final class Handle: DeviceBuffer {
    let count: Int
    let number: Int
    private let memory: Memory

    init(_ elements: [Float], in memory: Memory) {
      (self.memory, count) = (memory, elements.count)
      number = memory.add(elements)
    }

    deinit { memory.remove(number) }
  }

  /// The device's memory.
  private final class Memory: Sendable {
    private let table = Mutex<(buffers: [Int: [Float]], next: Int)>(([:], 0))

    var count: Int { table.withLock { $0.buffers.count } }

    func add(_ elements: [Float]) -> Int {
      table.withLock { table in
        table.next += 1
        table.buffers[table.next] = elements
        return table.next
      }
    }

    func remove(_ number: Int) { table.withLock { $0.buffers[number] = nil } }

    subscript(number: Int) -> [Float] {
      get { table.withLock { $0.buffers[number] ?? [] } }
      set { table.withLock { $0.buffers[number] = newValue } }
    }
  }

  private let memory = Memory()
  private let waiting = Mutex<[@Sendable (RemoteBackend) throws -> Void]>([])
  private let hasFault = Mutex(false)
  private let host: CPUBackend

  /// Creates a device with a set of kernels; nil if the system refuses to start a thread.
  init?(kernels: any KernelSet = ReferenceKernels()) {
    guard let host = CPUBackend(kernels: kernels, threads: 1) else { return nil }
    self.host = host
  }

  /// The number of buffers.
  var bufferCount: Int { memory.count }
  /// The number of deferred operations.
  var waitingCount: Int { waiting.withLock { $0.count } }

  /// Makes the next operation fail.
  func fail() { hasFault.withLock { $0 = true } }

  func begin(use: [Int]) {}

  func buffer(count: Int) -> any DeviceBuffer { Handle([Float](repeating: .nan, count: count), in: memory) }

  func constant(_ elements: [Float]) -> any DeviceBuffer { Handle(elements, in: memory) }

  /// This device reads weights in the layout of the file.
  func packWeights(_ weights: [Float], for shape: ConvolutionShape) -> any DeviceBuffer { constant(weights) }

  func upload(_ elements: [Float], to buffer: any DeviceBuffer) {
    later { $0.write(elements, to: buffer) }
  }

  func download(_ buffer: any DeviceBuffer) throws -> [Float] {
    try finish()
    return read(buffer)
  }

  func convolution(_ operation: ConvolutionOperation) {
    later { remote in
      let host = remote.host
      var local = ConvolutionOperation(
        operation.shape, weights: try host.packWeights(remote.read(operation.weights), for: operation.shape),
        bias: try host.constant(remote.read(operation.bias)), input: try remote.copy(operation.input),
        output: try remote.copy(operation.output))
      local.second = try operation.second.map(remote.copy)
      local.time = try operation.time.map(remote.copy)
      local.residual = try operation.residual.map(remote.copy)
      (local.divisor, local.silu) = (operation.divisor, operation.silu)
      try host.convolution(local)
      remote.write(host.download(local.output.buffer), to: operation.output.buffer)
    }
  }

  func groupNorm(_ operation: GroupNormOperation) {
    later { remote in
      let host = remote.host
      var local = GroupNormOperation(
        groups: operation.groups, epsilon: operation.epsilon, gamma: try host.constant(remote.read(operation.gamma)),
        beta: try host.constant(remote.read(operation.beta)), input: try remote.copy(operation.input),
        output: try remote.copy(operation.output))
      local.second = try operation.second.map(remote.copy)
      local.time = try operation.time.map(remote.copy)
      local.silu = operation.silu
      host.groupNorm(local)
      remote.write(host.download(local.output.buffer), to: operation.output.buffer)
    }
  }

  func layerNorm(_ operation: LayerNormOperation) {
    later { remote in
      let host = remote.host
      let local = LayerNormOperation(
        epsilon: operation.epsilon, gamma: try host.constant(remote.read(operation.gamma)),
        beta: try host.constant(remote.read(operation.beta)), input: try remote.copy(operation.input),
        output: try remote.copy(operation.output))
      host.layerNorm(local)
      remote.write(host.download(local.output.buffer), to: operation.output.buffer)
    }
  }

  func activation(_ operation: ActivationOperation) {
    later { remote in
      let local = ActivationOperation(
        operation.function, isGated: operation.isGated, input: try remote.copy(operation.input),
        output: try remote.copy(operation.output))
      remote.host.activation(local)
      remote.write(remote.host.download(local.output.buffer), to: operation.output.buffer)
    }
  }

  func resample(_ operation: ResamplingOperation) {
    later { remote in
      let local = ResamplingOperation(
        operation.resampling, input: try remote.copy(operation.input), output: try remote.copy(operation.output))
      remote.host.resample(local)
      remote.write(remote.host.download(local.output.buffer), to: operation.output.buffer)
    }
  }

  func modulation(_ operation: ModulationOperation) {
    later { remote in
      func copy(_ range: ChannelRange) throws -> ChannelRange {
        ChannelRange(try remote.copy(range.map), from: range.first)
      }
      let kind: ModulationOperation.Kind =
        switch operation.kind {
        case .scale(let scale, let shift): .scale(try copy(scale), shift: try copy(shift))
        case .gate(let gate, let residual): .gate(try copy(gate), residual: try remote.copy(residual))
        }
      let local = ModulationOperation(
        kind, input: try remote.copy(operation.input), output: try remote.copy(operation.output))
      remote.host.modulation(local)
      remote.write(remote.host.download(local.output.buffer), to: operation.output.buffer)
    }
  }

  func attention(_ operation: AttentionOperation) {
    later { remote in
      let ranges = try [operation.query, operation.key, operation.value].map { range in
        ChannelRange(try remote.copy(range.map), from: range.first)
      }
      var local = AttentionOperation(
        heads: operation.heads, scale: operation.scale, query: ranges[0], key: ranges[1], value: ranges[2],
        output: try remote.copy(operation.output))
      local.isCausal = operation.isCausal
      try remote.host.attention(local)
      remote.write(remote.host.download(local.output.buffer), to: operation.output.buffer)
    }
  }

  func finish() throws {
    let work = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    for operation in work { try operation(self) }
  }

  private func later(_ operation: @escaping @Sendable (RemoteBackend) throws -> Void) {
    waiting.withLock { waiting in
      waiting.append { remote in
        let isFaulty = remote.hasFault.withLock { hasFault in
          defer { hasFault = false }
          return hasFault
        }
        if isFaulty { throw Fault() }
        try operation(remote)
      }
    }
  }

  private func read(_ buffer: any DeviceBuffer) -> [Float] {
    (buffer as? Handle).map { memory[$0.number] } ?? []
  }

  private func write(_ elements: [Float], to buffer: any DeviceBuffer) {
    guard let handle = buffer as? Handle else { return }
    memory[handle.number] = elements
  }

  /// A copy of the map in the processor's memory.
  private func copy(_ map: FeatureMap) throws -> FeatureMap {
    let copy = try FeatureMap(
      batch: map.batch, height: map.height, width: map.width, channels: map.channels, on: host)
    host.upload(read(map.buffer), to: copy.buffer)
    return copy
  }
}
