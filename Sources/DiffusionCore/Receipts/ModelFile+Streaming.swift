import Crypto

extension ModelFile {
  /// The SHA-256 of its bytes, read a few megabytes at a time; each piece leaves memory when the next is read.
  ///
  /// - Throws: ``DiffusionError`` that names the path: `missingInput`, `inputOutput`, or `badData` for a file that was
  ///   written to in the meantime; what `checkCancellation` throws.
  func sha256(checkCancellation: () throws -> Void) throws -> String {
    let bytes = try contents(), part = 4 << 20
    var hash = SHA256()
    for start in stride(from: 0, to: bytes.count, by: part) {
      try checkCancellation()
      try bytes.requireUnchanged(path)
      let range = start..<min(start + part, bytes.count)
      bytes.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[range])) }
      bytes.release(range)
    }
    return ContentHash.hexadecimal(hash.finalize())
  }
}
