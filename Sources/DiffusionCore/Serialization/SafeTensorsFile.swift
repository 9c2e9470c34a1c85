/// A safetensors file, mapped into memory or built into the program: named tensors of F32, F16 or BF16.
///
/// Opening reads and checks only the header; a tensor's bytes are accessed when it is read. The format: 8 bytes of
/// header length (little endian), the header (JSON: name -> dtype, shape, data_offsets), the data.
package struct SafeTensorsFile: Sendable {
  /// The name of the file in error messages.
  package let path: String
  /// The tensors by name.
  package let tensors: [String: SafeTensorsEntry]
  private let bytes: ReadOnlyBytes
  private let dataStart: Int

  /// Opens a file.
  ///
  /// - Throws: ``DiffusionError``: `missingInput`, `inputOutput`, or `badData` that names the file and the tensor.
  package init(opening path: String) throws {
    try self.init(bytes: ReadOnlyBytes(mapping: path), path: path)
  }

  /// Reads the header of bytes in memory.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names `path` and the tensor.
  package init(bytes: ReadOnlyBytes, path: String) throws {
    let range = try bytes.withUnsafeBytes { try SafeTensorsHeader.locate(in: $0, path: path) }
    let header = try SafeTensorsHeader(json: bytes.copy(range), path: path)
    let layout = SafeTensorsLayout(path: path, dataCount: bytes.count - range.upperBound)
    self.path = path
    self.tensors = try layout.entries(of: header)
    self.bytes = bytes
    self.dataStart = range.upperBound
  }

  /// The elements of a tensor, converted to binary32, which is exact for every stored value.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if there is no such tensor, or it holds a NaN or an infinity: either
  ///   would turn the whole image to NaN.
  package func floats(_ name: String) throws -> [Float] {
    guard let entry = tensors[name] else { throw DiffusionError(.badData, "\(path): tensor \(name) is missing") }
    let range = (dataStart + entry.bytes.lowerBound)..<(dataStart + entry.bytes.upperBound)
    let count = entry.bytes.count / entry.dtype.byteCount
    var allFinite = true
    let values = bytes.withUnsafeBytes { file in
      [Float](unsafeUninitializedCapacity: count) { target, initialized in
        allFinite = Widening.widen(UnsafeRawBufferPointer(rebasing: file[range]), entry.dtype, into: target)
        initialized = count
      }
    }
    // The caller has a copy now.
    bytes.release(range)
    if !allFinite, let index = values.firstIndex(where: { !$0.isFinite }) {
      let what = values[index].isNaN ? "a NaN" : "an infinity"
      throw DiffusionError(
        .badData, "\(path): tensor \(name) holds \(what) at element \(index); every weight must be finite")
    }
    return values
  }
}
