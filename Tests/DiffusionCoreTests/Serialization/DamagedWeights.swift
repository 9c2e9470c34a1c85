import DiffusionCore
import FoundationEssentials
import Testing

/// What is wrong with one tensor of a file.
enum TensorDamage: String, CaseIterable, Sendable {
  /// Its last element is a NaN.
  case notFinite
  /// It has another name.
  case missing
  /// It has one dimension more.
  case reshaped

  /// Damages a tensor of a safetensors file, or of one of torch if a NaN is all that is asked for.
  ///
  /// - Returns: How the error that the file's network throws begins.
  func apply(to tensor: String, in path: String) throws -> String {
    let isTorch = path.hasSuffix(".bin")
    let file: any WeightFile = isTorch ? try TorchFile(opening: path) : try SafeTensorsFile(opening: path)
    let stored = try #require(file.tensors[tensor]), shape = stored.shape
    var bytes = try FileAccess.read(path)
    switch self {
    case .notFinite:
      // With all bits set, an element of any type is a NaN.
      let end = file.dataStart + stored.bytes.upperBound, size = try #require(stored.dtype).byteCount
      bytes.replaceSubrange(end - size..<end, with: [UInt8](repeating: 0xFF, count: size))
    case .missing, .reshaped:
      let header = String(decoding: bytes[8..<file.dataStart], as: UTF8.self)
      let (before, behind) = try #require(header.parts(around: "\"\(tensor)\":"))
      let changed =
        self == .missing
        ? "\(before)\"\(tensor)z\":\(behind)"
        : "\(before)\"\(tensor)\":" + behind.replacing("\"shape\":[", with: "\"shape\":[1,", maxReplacements: 1)
      bytes = SafeTensorsBytes.file(header: changed, data: Array(bytes[file.dataStart...]))
    }
    try Data(bytes).write(to: URL(filePath: path))
    switch self {
    case .notFinite:
      return "\(path): tensor \(tensor) holds a NaN at element \(stored.shape.reduce(1, *) - 1); every weight must be"
    case .missing: return "\(path): tensor \(tensor) of shape \(shape) is missing"
    case .reshaped: return "\(path): tensor \(tensor) has shape \([1] + shape), but the configuration needs \(shape)"
    }
  }
}

extension String {
  /// What is before a text, and what is behind it; nil if it is not there.
  fileprivate func parts(around text: String) -> (before: Substring, behind: Substring)? {
    firstRange(of: text).map { (self[..<$0.lowerBound], self[$0.upperBound...]) }
  }
}
