import TensorKernels

/// A file of named tensors, mapped into memory or built into the program.
///
/// Opening one reads and checks what describes the tensors; a tensor's elements are accessed when it is read.
package protocol WeightFile: Sendable {
  /// The name of the file in error messages.
  var path: String { get }
  /// What the file holds, by name.
  var tensors: [String: StoredTensor] { get }
  /// The whole file.
  var bytes: ReadOnlyBytes { get }
  /// Where its data begin.
  var dataStart: Int { get }
}

/// The types of stored elements, by the names of safetensors.
package enum ElementType: String, Sendable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"
  case complex128 = "C128"
  case complex64 = "C64"
  case float8e4m3 = "F8_E4M3"
  case float8e5m2 = "F8_E5M2"

  /// The size of an element in bytes.
  package var byteCount: Int {
    switch self {
    case .complex128: 16
    case .float64, .int64, .uint64, .complex64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool, .float8e4m3, .float8e5m2: 1
    }
  }

  /// The type as weights are read from it; nil for others, which may be in a file as long as no model asks for them.
  var weights: StoredFloat? {
    switch self {
    case .float64: .binary64
    case .float32: .binary32
    case .float16: .binary16
    case .bfloat16: .bfloat16
    default: nil
    }
  }
}

/// Where the elements of a tensor are, and how they are laid out.
package struct StoredTensor: Sendable, Equatable {
  /// The elements of a tensor that are not one after another in row-major order.
  struct Layout: Equatable {
    /// The distance between neighbours in each dimension, in elements, all >= 0.
    var strides: [Int]
    /// Whether the bytes of an element are in big-endian order.
    var isBigEndian: Bool
  }

  /// The type of the elements; nil for a value that is no tensor.
  package var dtype: ElementType?
  /// The extent of each dimension, all >= 0.
  package var shape: [Int]
  /// The range of its bytes in the data of the file, from its first element to its last.
  package var bytes: Range<Int>
  /// Nil for row-major order without gaps, little endian, which safetensors always has.
  var layout: Layout?

  /// The function of torch that makes a tensor of a kind that cannot be read, such as a sparse one.
  var builder: String?

  /// A value beside the tensors that is none.
  static let noTensor = StoredTensor(dtype: nil, shape: [], bytes: 0..<0)

  /// Creates a tensor in row-major order.
  init(dtype: ElementType?, shape: [Int], bytes: Range<Int>, layout: Layout? = nil) {
    (self.dtype, self.shape, self.bytes, self.layout) = (dtype, shape, bytes, layout)
  }

  /// The number of elements.
  var count: Int { .product(of: shape) }
  /// The size of its elements in bytes.
  var byteCount: Int { dtype.map { Int.product(count, $0.byteCount) } ?? 0 }

  /// The size of elements in bytes; nil if it does not fit an `Int`.
  ///
  /// - Parameters:
  ///   - shape: The extents, all >= 0.
  ///   - elementSize: The size of one element.
  static func byteCount(of shape: [Int], elementSize: Int) -> Int? {
    // A zero extent comes first, so that [2^62, 4, 0] is recognised as an empty tensor.
    guard !shape.contains(0) else { return 0 }
    var product = elementSize
    for extent in shape {
      let (value, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      product = value
    }
    return product
  }

  /// A copy of some elements in row-major order, little endian.
  ///
  /// - Parameters:
  ///   - elements: Their places in row-major order.
  ///   - source: The range of the tensor's bytes.
  func gathered(
    _ elements: Range<Int>, from source: UnsafeRawBufferPointer, _ layout: Layout, elementSize size: Int
  ) -> [UInt8] {
    switch size {
    case 2: gathered(elements, from: source, layout, as: UInt16.self)
    case 4: gathered(elements, from: source, layout, as: UInt32.self)
    case 8: gathered(elements, from: source, layout, as: UInt64.self)
    default: gathered(elements, from: source, layout, as: UInt8.self)
    }
  }

  private func gathered<Bits: FixedWidthInteger>(
    _ elements: Range<Int>, from source: UnsafeRawBufferPointer, _ layout: Layout, as type: Bits.Type
  ) -> [UInt8] {
    let size = MemoryLayout<Bits>.size, row = max(1, shape.last ?? 1), step = layout.strides.last ?? 0
    return [UInt8](unsafeUninitializedCapacity: elements.count * size) { target, initialized in
      let bytes = UnsafeMutableRawBufferPointer(target)
      var (index, first) = place(ofRow: elements.lowerBound / row, layout)
      var column = elements.lowerBound % row, written = 0
      while written < elements.count {
        let end = min(row, column + elements.count - written)
        for element in column..<end {
          let bits = source.loadUnaligned(fromByteOffset: (first &+ element &* step) &* size, as: Bits.self)
          bytes.storeBytes(
            of: layout.isBigEndian ? bits.byteSwapped : bits, toByteOffset: written &* size, as: Bits.self)
          written &+= 1
        }
        column = 0
        // The next row: of the dimensions before the last, the last one runs fastest.
        for dimension in shape.indices.dropLast().reversed() {
          index[dimension] += 1
          first += layout.strides[dimension]
          guard index[dimension] == shape[dimension] else { break }
          first -= index[dimension] * layout.strides[dimension]
          index[dimension] = 0
        }
      }
      initialized = written * size
    }
  }

  /// The indices of a row in the dimensions before the last, and the distance of its first element from the tensor's.
  private func place(ofRow row: Int, _ layout: Layout) -> (index: [Int], first: Int) {
    var index = [Int](repeating: 0, count: shape.count), first = 0, rest = row
    for dimension in shape.indices.dropLast().reversed() where shape[dimension] > 0 {
      index[dimension] = rest % shape[dimension]
      first += index[dimension] * layout.strides[dimension]
      rest /= shape[dimension]
    }
    return (index, first)
  }

  /// The elements that are searched, and where they are not in row-major order copied, at once.
  private static let piece = 1 << 14

  /// The first element, in row-major order, that is not finite in binary32, and its value there; nil if all are.
  ///
  /// - Parameter source: The range of the tensor's bytes.
  func firstNotFinite(in source: UnsafeRawBufferPointer, _ type: StoredFloat) -> (index: Int, value: Float)? {
    let size = type.byteCount
    for first in stride(from: 0, to: count, by: Self.piece) {
      let piece = first..<min(first + Self.piece, count)
      func search(_ elements: UnsafeRawBufferPointer) -> (index: Int, value: Float)? {
        guard !type.allFinite(elements) else { return nil }
        let values = Widening.floats(elements, type, count: piece.count).values
        return values.firstIndex { !$0.isFinite }.map { (first + $0, values[$0]) }
      }
      let found =
        if let layout {
          gathered(piece, from: source, layout, elementSize: size).withUnsafeBytes(search)
        } else {
          search(UnsafeRawBufferPointer(rebasing: source[piece.lowerBound * size..<piece.upperBound * size]))
        }
      if let found { return found }
    }
    return nil
  }
}

extension WeightFile {
  /// The elements of a tensor in row-major order, converted to binary32: exact for F32, F16 and BF16; F64 is rounded to
  /// nearest, ties to even, as `tensor.to(torch.float32)`.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if there is no such tensor, its elements are of another type, or it holds
  ///   a NaN or an infinity: either would turn the whole image to NaN; or if the file was written to in the meantime.
  package func floats(_ name: String) throws -> [Float] {
    let (tensor, type, range) = try readable(name)
    try bytes.requireUnchanged(path)
    let (values, allFinite) = bytes.withUnsafeBytes { file in
      let source = UnsafeRawBufferPointer(rebasing: file[range])
      guard let layout = tensor.layout else { return Widening.floats(source, type, count: tensor.count) }
      return tensor.gathered(0..<tensor.count, from: source, layout, elementSize: type.byteCount).withUnsafeBytes {
        Widening.floats($0, type, count: tensor.count)
      }
    }
    // The caller has a copy now.
    bytes.release(range)
    try bytes.requireUnchanged(path)
    if !allFinite, let index = values.firstIndex(where: { !$0.isFinite }) {
      throw notFinite(name, values[index], at: index)
    }
    return values
  }

  /// Checks that ``floats(_:)`` can read a tensor, where its elements are in the file: it takes no memory for a copy.
  ///
  /// - Throws: As ``floats(_:)``.
  package func check(_ name: String) throws {
    let (tensor, type, range) = try readable(name)
    try bytes.requireUnchanged(path)
    let found = bytes.withUnsafeBytes { file in
      tensor.firstNotFinite(in: UnsafeRawBufferPointer(rebasing: file[range]), type)
    }
    if let found { throw notFinite(name, found.value, at: found.index) }
  }

  /// A tensor, its type and the range of its bytes in the file, if there is one that can be read.
  private func readable(_ name: String) throws -> (tensor: StoredTensor, type: StoredFloat, range: Range<Int>) {
    guard let tensor = tensors[name] else { throw DiffusionError(.badData, "\(path): tensor \(name) is missing") }
    guard let type = tensor.dtype?.weights else {
      let found =
        tensor.dtype.map { "has dtype \($0.rawValue)" }
        ?? tensor.builder.map { "is a tensor of \($0)" } ?? "is no tensor"
      throw DiffusionError(.badData, "\(path): tensor \(name) \(found); F64, F32, F16 and BF16 can be read")
    }
    return (tensor, type, dataStart + tensor.bytes.lowerBound..<dataStart + tensor.bytes.upperBound)
  }

  private func notFinite(_ name: String, _ value: Float, at index: Int) -> DiffusionError {
    let what = value.isNaN ? "a NaN" : "an infinity"
    return DiffusionError(
      .badData, "\(path): tensor \(name) holds \(what) at element \(index); every weight must be finite")
  }
}
