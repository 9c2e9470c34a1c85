import DiffusionCore
import FoundationEssentials

/// The contents of `arrays.bin`.
struct SchedulerArrays {
  let bytes: Data

  /// Reads binary32 numbers.
  func floats(_ place: SchedulerFixtures.Place) -> [Float] {
    values(place, UInt32.self).map { Float(bitPattern: $0) }
  }

  /// Reads binary64 numbers.
  func doubles(_ place: SchedulerFixtures.Place) -> [Double] {
    values(place, UInt64.self).map { Double(bitPattern: $0) }
  }

  /// Reads 32-bit integers.
  func integers(_ place: SchedulerFixtures.Place) -> [Int] {
    values(place, UInt32.self).map { Int(Int32(bitPattern: $0)) }
  }

  /// Reads binary32 numbers as a tensor.
  func tensor(_ place: SchedulerFixtures.Place, shape: [Int]) throws -> Tensor<Float> {
    try Tensor(shape: shape, scalars: floats(place))
  }

  private func values<Bits: FixedWidthInteger>(_ place: SchedulerFixtures.Place, _ type: Bits.Type) -> [Bits] {
    bytes.withUnsafeBytes { buffer in
      (0..<place.count).map {
        Bits(
          littleEndian: buffer.loadUnaligned(fromByteOffset: place.offset + $0 * MemoryLayout<Bits>.size, as: Bits.self)
        )
      }
    }
  }
}
