import TensorKernels
import TestSupport
import Testing

@Suite("The pool of buffers")
struct FloatBufferPoolTests {
  private let pool = FloatBufferPool()

  /// The address of a new buffer's memory, which is released at once.
  private func address(count: Int) throws -> Int { Int(bitPattern: try pool.buffer(count: count).pointer) }

  @Test("Released memory is reused for buffers of the same size")
  func handsOn() throws {
    let first = try address(count: 1000)
    #expect(try address(count: 1000) == first)
    let held = try pool.buffer(count: 1000)
    #expect(try address(count: 1000) != Int(bitPattern: held.pointer))
    #expect(try address(count: 999) != first)
  }

  @Test("Buffers that are held at the same time do not share memory")
  func keepsApart() throws {
    let buffers = try (0..<8).map { value in
      let buffer = try pool.buffer(count: 100)
      for index in 0..<100 { buffer.mutable[index] = Float(value) }
      return buffer
    }
    for (value, buffer) in buffers.enumerated() {
      #expect(buffer.elements == Array(repeating: Float(value), count: 100))
    }
  }

  @Test("The slack after the elements stays zero, whatever the previous owner wrote")
  func slackStaysZero() throws {
    let count = 10
    do {
      let buffer = try pool.buffer(count: count)
      for index in 0..<count { buffer.mutable[index] = .nan }
    }
    let again = try pool.buffer(count: count)
    #expect((count..<count + 64).allSatisfy { again.pointer[$0] == 0 })
  }

  @Test("Of a use that is made once, large buffers are freed when another size is needed")
  func once() throws {
    let allocator = LimitedAllocator(), pool = FloatBufferPool(allocator: allocator), large = 1 << 20
    for (keepsLarge, sizes) in [(false, 2), (true, 3)] {
      pool.begin(use: [keepsLarge ? 1 : 0], keepsLarge: keepsLarge)
      for count in [8, large, large, 2 * large] { _ = try pool.buffer(count: count) }
      let kept = keepsLarge ? 3 * large : 2 * large
      #expect(allocator.bytesInUse / 4 == kept + 8 + sizes * 64)
    }
  }

  @Test("A buffer outlives its pool")
  func outlivesThePool() throws {
    var pool: FloatBufferPool? = FloatBufferPool()
    let buffer = try pool?.buffer(count: 3)
    pool = nil
    buffer?.mutable[2] = 5
    #expect(buffer?.elements[2] == 5)
  }
}
