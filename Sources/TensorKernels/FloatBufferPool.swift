import Synchronization

/// Memory that layers hand on to each other: what one has let go, the next takes, so that a pass over a model asks the system for
/// memory the first time only. Any thread may use it.
package final class FloatBufferPool: Sendable {
  private struct Idle {
    var buffers: [Int: [FloatBuffer]] = [:]
    var use: [Int] = []
  }

  private let idle = Mutex(Idle())

  /// Makes an empty one.
  package init() {}

  /// A buffer of unspecified elements; its memory comes back when nobody holds it any more.
  package func buffer(count: Int) -> FloatBuffer {
    let resting = idle.withLock { $0.buffers[count]?.popLast() }
    return FloatBuffer(lending: resting ?? FloatBuffer(count: count), of: self)
  }

  /// Says what the memory is for, such as the shape of what goes in: for another use than the last one its buffers have the wrong
  /// sizes, and go back to the system.
  package func begin(use: [Int]) {
    idle.withLock { idle in
      if idle.use != use { idle = Idle(use: use) }
    }
  }

  /// Takes back what nobody uses.
  func rest(_ buffer: FloatBuffer) {
    idle.withLock { $0.buffers[buffer.count, default: []].append(buffer) }
  }
}
