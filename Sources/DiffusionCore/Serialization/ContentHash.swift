import Crypto

/// SHA-256 of bytes, of tensors and of files, as 64 lower-case hexadecimal digits.
public enum ContentHash {
  /// The digest of bytes.
  package static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hexadecimal(hash.finalize())
  }

  /// The digest of a tensor's elements in row-major order, little endian, in their own type;
  /// `hashlib.sha256(array.tobytes())` gives the same.
  public static func sha256<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) -> String {
    tensor.scalars.withUnsafeBytes { sha256($0) }
  }

  /// The digest of a file.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` or `inputOutput`, naming the path.
  public static func sha256(contentsOf path: String) throws -> String {
    try ReadOnlyBytes(mapping: path).withUnsafeBytes { sha256($0) }
  }

  /// A digest in lower-case hexadecimal digits.
  static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
