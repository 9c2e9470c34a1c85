import Synchronization

/// Some consecutive layers of a forward pass: their outputs, or how far these are from those of another pass.
final class LayerPart: Sendable {
  /// Thrown to end the pass behind the last of them.
  private struct Full: Error {}

  private struct State {
    var next = 0
    var bytes = 0
    var outputs: [Tensor<Float>] = []
    var errors: [(layer: String, error: Double)] = []
    var layer = ""
  }

  private let first: Int
  private let limit: Int
  private let state = Mutex(State())

  /// Creates a part without layers.
  ///
  /// - Parameters:
  ///   - first: The place of its first layer in the pass.
  ///   - bytes: The memory for outputs; one is kept even if it needs more.
  init(from first: Int, holding bytes: Int = .max) { (self.first, limit) = (first, bytes) }

  /// The outputs, in the order their layers run.
  var outputs: [Tensor<Float>] { state.withLock { $0.outputs } }
  /// The relative errors, in the same order.
  var errors: [(layer: String, error: Double)] { state.withLock { $0.errors } }

  /// Runs a forward pass through these layers.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - input: Its input.
  ///   - progress: Called before each block; may throw to stop.
  ///   - visit: Called with each of the layers' outputs and their places in the part.
  /// - Returns: Whether the pass came to its end.
  func pass(
    of model: any DenoisingModel, _ input: ModelInput, progress: ForwardProgressHandler?,
    _ visit: @escaping @Sendable (Int, Tensor<Float>) throws -> Void
  ) throws -> Bool {
    do {
      let observer: LayerObserver = { [self] layer, output in
        let place = state.withLock { state in
          state.layer = layer
          defer { state.next += 1 }
          return state.next - first
        }
        if place >= 0 { try visit(place, output) }
      }
      try model.observe(input, observer: observer, progress: progress)
      return true
    } catch is Full {
      return false
    }
  }

  /// Keeps an output, or ends the pass if there is no memory for it.
  func keep(_ output: Tensor<Float>, at place: Int) throws {
    try state.withLock { state in
      let size = output.count * MemoryLayout<Float>.stride
      guard state.outputs.isEmpty || size <= limit - state.bytes else { throw Full() }
      state.bytes += size
      state.outputs.append(output)
    }
  }

  /// Measures an output against that of an exact pass, or ends the pass behind the last one.
  func measure(_ output: Tensor<Float>, at place: Int, against exact: [Tensor<Float>]) throws {
    guard exact.indices.contains(place) else { throw Full() }
    let error = output.relativeError(against: exact[place])
    state.withLock { $0.errors.append((layer: $0.layer, error: error)) }
  }
}

extension Tensor<Float> {
  /// The L2 norm of the difference over that of another tensor, of the same shape; 0 where all bits are equal.
  fileprivate func relativeError(against exact: Tensor<Float>) -> Double {
    var differences = 0.0, squares = 0.0
    for (value, reference) in zip(scalars, exact.scalars) {
      squares += Double(reference) * Double(reference)
      guard value.bitPattern != reference.bitPattern else { continue }
      let difference = Double(value) - Double(reference)
      differences += difference * difference
    }
    return differences == 0 ? 0 : (differences / squares).squareRoot()
  }
}
