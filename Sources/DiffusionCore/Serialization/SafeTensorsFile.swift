/// A safetensors file: 8 bytes of header length (little endian), the header (JSON: name -> dtype, shape, data_offsets),
/// the data. Opening reads and checks only the header.
package struct SafeTensorsFile: WeightFile {
  package let path: String
  package let tensors: [String: StoredTensor]
  package let bytes: ReadOnlyBytes
  package let dataStart: Int

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
    dataStart = range.upperBound
  }
}
