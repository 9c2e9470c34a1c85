import TensorKernels
import Testing

@Suite("The pool of buffers")
struct FloatBufferPoolTests {
  private let pool = FloatBufferPool()

  /// The address of a new buffer's memory, which is let go at once.
  private func address(count: Int) -> Int { Int(bitPattern: pool.buffer(count: count).pointer) }

  @Test("What was let go is taken again, by those who need as much")
  func handsOn() {
    let first = address(count: 1000)
    #expect(address(count: 1000) == first)
    let held = pool.buffer(count: 1000)
    #expect(address(count: 1000) != Int(bitPattern: held.pointer))
    #expect(address(count: 999) != first)
  }

  @Test("Buffers that are held at the same time do not share memory")
  func keepsApart() {
    let buffers = (0..<8).map { value in
      let buffer = pool.buffer(count: 100)
      for index in 0..<100 { buffer.mutable[index] = Float(value) }
      return buffer
    }
    for (value, buffer) in buffers.enumerated() {
      #expect(buffer.elements == Array(repeating: Float(value), count: 100))
    }
  }

  @Test("The slack behind the elements stays zero, whoever wrote before")
  func slackStaysZero() {
    let count = 10
    do {
      let buffer = pool.buffer(count: count)
      for index in 0..<count { buffer.mutable[index] = .nan }
    }
    let again = pool.buffer(count: count)
    #expect((count..<count + 64).allSatisfy { again.pointer[$0] == 0 })
  }

  @Test("A buffer outlives its pool")
  func outlivesThePool() {
    var pool: FloatBufferPool? = FloatBufferPool()
    let buffer = pool?.buffer(count: 3)
    pool = nil
    buffer?.mutable[2] = 5
    #expect(buffer?.elements[2] == 5)
  }
}
