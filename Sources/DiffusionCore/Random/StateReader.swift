/// Reads a generator's state, little endian, from the front. Its caller has checked the length; past the end are zeros.
struct StateReader {
  private let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func read<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
    let size = Value.bitWidth / 8
    let taken = bytes.dropFirst(position).prefix(size)
    position += size
    return taken.reversed().reduce(0) { Value(truncatingIfNeeded: UInt64(truncatingIfNeeded: $0) << 8 | UInt64($1)) }
  }

  mutating func skip(_ count: Int) { position += count }
}
