/// Builds safetensors files, including invalid ones.
enum SafeTensorsBytes {
  /// A file with the given header and data of zeros.
  static func file(header: String, dataCount: Int = 0) -> [UInt8] {
    file(header: header, data: [UInt8](repeating: 0, count: dataCount))
  }

  static func file(header: String, data: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + data
  }

  /// A file of one F32 tensor.
  static func float32(_ name: String, _ values: [Float], shape: [Int]) -> [UInt8] {
    file(
      header: #"{"\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,\#(values.count * 4)]}}"#,
      data: values.withUnsafeBytes { Array($0) })
  }

  /// A file of F32 tensors, each with a single zero.
  static func zeros(_ names: [String]) -> [UInt8] {
    let entries = names.enumerated().map { index, name in
      #""\#(name)":{"dtype":"F32","shape":[1],"data_offsets":[\#(index * 4),\#(index * 4 + 4)]}"#
    }
    return file(header: "{\(entries.joined(separator: ","))}", dataCount: names.count * 4)
  }
}
