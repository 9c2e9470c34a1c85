import DiffusionCore
import DiffusionTUI

/// Draws noise and describes it.
public struct RandnJob: Sendable {
  private let request: RandnRequest
  private let memory: MemoryBudget
  private let checkCancellation: @Sendable () throws -> Void

  /// Creates a job.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - memory: What is left of the memory.
  ///   - checkCancellation: Called before every tensor; may throw to stop.
  public init(
    request: RandnRequest, memory: MemoryBudget = .current(),
    checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    self.request = request
    self.memory = memory
    self.checkCancellation = checkCancellation
  }

  /// Draws the tensors, writes the last one if requested, and returns the table that describes it.
  ///
  /// - Throws: ``DiffusionError`` if the file cannot be written or memory is short, or what `checkCancellation` throws.
  public func run() throws -> PrintedText {
    switch request.dtype {
    case .float16: try run(as: Float16.self)
    case .bfloat16: try run(as: BFloat16.self)
    case .float32: try run(as: Float.self)
    case .float64: try run(as: Double.self)
    }
  }

  private func run<Scalar: TensorScalar>(as type: Scalar.Type) throws -> PrintedText {
    try memory.require(
      MemoryEstimate.noise(
        shape: request.shape.extents, elementSize: MemoryLayout<Scalar>.size, writesFile: request.output != nil),
      for: "--shape \(request.shape.extents.map(String.init).joined(separator: ","))",
      remedy: "draw a smaller tensor, or free memory")
    let generators = request.seeds.map { Generator(device: request.device).manualSeed($0) }
    var tensor = try drawNoise(request.shape.extents, generators: generators, as: type)
    for _ in 1..<request.calls {
      try checkCancellation()
      tensor = try drawNoise(request.shape.extents, generators: generators, as: type)
    }
    if let output = request.output {
      try AtomicFile.write(tensor.npyData(), to: output, checkCancellation: checkCancellation)
    }
    return RandnReport(tensor, request: request).table
  }
}
