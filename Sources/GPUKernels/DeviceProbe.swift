import CGPU
import TensorKernels

/// What a device must get right before it may compute. It knows nothing of models: tests of models cannot see denormals
/// that become zeros, and no probe can see every liberty that a compiler may take, so that both are needed.
struct DeviceProbe {
  /// The numbers of the operations in `probe.cl`.
  private enum Operation: Int32 {
    case fused, separate, product, sum, quotient, root, exponential, copy, difference
  }

  private struct Question {
    let operation: Operation
    let operands: (Float, Float, Float)
    let answer: Float
    /// What a device that answers otherwise does, as the middle of a sentence.
    let fault: String
  }

  private let questions: [Question]

  init() {
    var list: [Question] = []
    func ask(_ operation: Operation, _ a: Float, _ b: Float = 0, _ c: Float = 0, _ answer: Float, _ fault: String) {
      list.append(Question(operation: operation, operands: (a, b, c), answer: answer, fault: fault))
    }
    let near: Float = 1 + 0x1p-12, tiny: Float = 0x1.8p-139, small: Float = 0x1p-100
    ask(.fused, near, near, -1, Float(-1).addingProduct(near, near), "rounds a fused multiply-add twice")
    ask(.separate, near, near, -1, near * near + -1, "fuses products and sums")
    for sign: Float in [1, -1] {
      ask(.product, sign * small, 0x1.8p-40, 0, sign * small * 0x1.8p-40, "flushes denormal results")
      ask(.sum, sign * tiny, sign * tiny, 0, sign * tiny + sign * tiny, "flushes denormal operands")
      ask(.fused, sign * tiny, 2, sign * tiny, (sign * tiny).addingProduct(tiny * sign, 2), "flushes denormals in fma")
      ask(.quotient, sign * tiny, 3, 0, sign * tiny / 3, "flushes denormal quotients")
      ask(.copy, sign * tiny, 0, 0, sign * tiny, "flushes denormals on copying")
      ask(.product, sign * small, small, 0, sign * small * small, "loses the sign of zero")
    }
    ask(.exponential, -100, 0, 0, ScalarMath.exp(-100), "flushes denormal exponentials")
    ask(.root, tiny, 0, 0, tiny.squareRoot(), "flushes a denormal under a root")
    // Quotients and roots that an approximation with one more rounding gets wrong, among others.
    for step in 0..<64 {
      let a = 1 + Float(step) * 0x1.3p-6, b = 1 + Float(step * step % 61) * 0x1.7p-6
      ask(.quotient, a, b, 0, a / b, "rounds quotients wrongly")
      ask(.root, a * b, 0, 0, (a * b).squareRoot(), "rounds square roots wrongly")
      let x = Float(step) * 2.9 - 104
      ask(.exponential, x, 0, 0, ScalarMath.exp(x), "computes exponentials wrongly")
    }
    let canonical = ScalarMath.canonical(.nan)
    ask(.difference, .infinity, .infinity, 0, canonical, "has another NaN than 0x7FC00000")
    ask(.difference, .infinity, 1, 0, .infinity, "loses infinities")
    ask(.exponential, .infinity, 0, 0, ScalarMath.exp(.infinity), "loses infinities")
    ask(.product, 0x1p127, 4, 0, .infinity, "loses infinities")
    questions = list
  }

  /// Puts all questions to a device.
  ///
  /// - Throws: ``DeviceFault`` with everything that it gets wrong.
  func check(_ program: GPUProgram) throws {
    let found = try answers(of: program)
    var faults: [String] = []
    for (question, answer) in zip(questions, found)
    where answer.bitPattern != question.answer.bitPattern && !faults.contains(question.fault) {
      faults.append(question.fault)
    }
    guard faults.isEmpty else {
      throw DeviceFault("\(program.description.name) has failed its probe: it \(faults.joined(separator: ", "))")
    }
  }

  private func answers(of program: GPUProgram) throws -> [Float] {
    let queue = try GPUQueue(program), pool = GPUMemoryPool(program), count = questions.count
    func buffer(_ elements: [Float]) throws -> GPUBuffer {
      let buffer = try pool.constant(count: elements.count)
      try elements.withUnsafeBufferPointer {
        if let start = $0.baseAddress { try queue.write(start, count: $0.count, to: buffer) }
      }
      return buffer
    }
    do {
      // The numbers of operations travel as bits.
      let operations = try buffer(questions.map { Float(bitPattern: UInt32(bitPattern: $0.operation.rawValue)) })
      let operands = try buffer(questions.flatMap { [$0.operands.0, $0.operands.1, $0.operands.2] })
      let results = try pool.constant(count: count)
      try queue.launch(
        cgpu_run_probe, groups: ((count + 63) / 64, 1, 1),
        [.value(Int32(count)), .buffer(operations), .buffer(operands), .buffer(results)], for: "the probe")
      return try queue.read(results)
    } catch let error as AllocationError {
      throw DeviceFault("\(program.label): the probe: the device has no \(error.byteCount) bytes for it")
    }
  }
}
