/// The header of a `.npy` file: a magic string, a version, and a Python dictionary in ASCII.
///
/// Reference: `numpy.lib.format`, format 1.0.
struct NpyHeader {
  let dtype: DType
  let shape: [Int]

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
  private static let codes: [DType: String] = [.float16: "<f2", .float32: "<f4", .float64: "<f8"]

  /// The header as NumPy writes it, padded to a multiple of 64 bytes. `dtype` is not bfloat16.
  func bytes() -> [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = Array(
      "{'descr': '\(Self.codes[dtype] ?? "<f4")', 'fortran_order': False, 'shape': (\(extents)), }".utf8)
    let unpadded = Self.magic.count + 2 + text.count + 1
    text += [UInt8](repeating: UInt8(ascii: " "), count: (64 - unpadded % 64) % 64) + [UInt8(ascii: "\n")]
    return Self.magic + [UInt8(truncatingIfNeeded: text.count), UInt8(truncatingIfNeeded: text.count >> 8)] + text
  }

  /// Decodes the header, and returns the offset of the data.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the file.
  static func read(_ file: [UInt8], path: String) throws -> (header: NpyHeader, dataStart: Int) {
    guard file.count >= 10, Array(file[..<8]) == magic else {
      throw DiffusionError(.badData, "\(path): not a .npy file of format 1.0")
    }
    let end = 10 + Int(file[8]) + Int(file[9]) << 8
    guard end <= file.count else {
      throw DiffusionError(.badData, "\(path): the header would end at byte \(end), but the file has \(file.count)")
    }
    let text = String(decoding: file[10..<end], as: UTF8.self).filter { $0 != " " }
    guard text.contains("'fortran_order':False") else {
      throw DiffusionError(.badData, "\(path): not in C order; save numpy.ascontiguousarray of it")
    }
    guard let dtype = codes.first(where: { text.contains("'descr':'\($0.value)'") })?.key else {
      throw DiffusionError(.badData, "\(path): element type is not one of <f2, <f4 and <f8")
    }
    guard let shape = shape(in: text) else {
      throw DiffusionError(.badData, "\(path): the header has no shape that can be read")
    }
    return (NpyHeader(dtype: dtype, shape: shape), end)
  }

  /// The extents in `'shape':(3,4)`; nil if they are not numbers >= 0.
  private static func shape(in text: String) -> [Int]? {
    let marker = "'shape':("
    guard let start = text.indices.first(where: { text[$0...].hasPrefix(marker) }) else { return nil }
    let rest = text[text.index(start, offsetBy: marker.count)...]
    guard let close = rest.firstIndex(of: ")") else { return nil }
    let parts = rest[..<close].split(separator: ",")
    let extents = parts.compactMap { Int($0) }.filter { $0 >= 0 }
    return extents.count == parts.count ? extents : nil
  }
}
