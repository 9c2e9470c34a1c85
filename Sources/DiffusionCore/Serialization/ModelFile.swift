import FoundationEssentials

/// A file of a model: on disk, built into the program, or assumed.
public struct ModelFile: Sendable {
  /// Its name in error messages and receipts.
  public let path: String
  /// Nil for a file on disk, which is opened when needed.
  private let resident: ReadOnlyBytes?

  /// Whether there is anything to read.
  var isThere: Bool { resident != nil || FileAccess.kind(of: path) == .file }

  /// Creates a file on disk.
  init(path: String) {
    self.path = path
    resident = nil
  }

  /// Creates a file from constant data of the program, used in place. The memory must stay unchanged until the program
  /// ends.
  ///
  /// - Parameter path: Its name in error messages and receipts.
  package init(constant bytes: UnsafeRawBufferPointer, path: String) {
    self.path = path
    resident = ReadOnlyBytes(constant: bytes)
  }

  /// Creates a file of JSON that is nowhere, but assumed.
  ///
  /// - Parameters:
  ///   - values: What it says.
  ///   - path: Its name in error messages and receipts.
  init(assumed values: SettingValue, path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    self.path = path
    resident = ReadOnlyBytes(copying: Array(try encoder.encode(values)))
  }

  /// All its bytes.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` or `inputOutput`, naming the path.
  public func read() throws -> [UInt8] {
    let bytes = try contents()
    return bytes.copy(0..<bytes.count)
  }

  /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` or `inputOutput`, naming the path.
  public func sha256() throws -> String {
    try contents().withUnsafeBytes { ContentHash.sha256($0) }
  }

  /// Its bytes, mapped or in place.
  func contents() throws -> ReadOnlyBytes {
    try resident ?? ReadOnlyBytes(mapping: path)
  }
}
