/// The images of a run in JSON.
public struct ImagesReport: Encodable, Sendable, Equatable {
  /// `[batch, height, width, channels]`.
  let shape: [Int]
  /// SHA-256 of the float32 elements, little endian.
  let sha256: String
  /// The files they were written to.
  let files: [String]
}
