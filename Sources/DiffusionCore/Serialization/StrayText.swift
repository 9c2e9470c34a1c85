/// What often stands in the place of a model's file, told by how it begins.
package enum StrayText {
  /// What Git has where large files were not fetched.
  case gitLFSPointer
  /// What a failed download leaves, in HTML or XML.
  case webPage
  /// What is downloaded of a whole folder; of `torch.save` too.
  case zipArchive

  /// Recognises a content; nil for any other content.
  package init?(_ bytes: some Collection<UInt8>) {
    if bytes.starts(with: "PK\u{3}\u{4}".utf8) || bytes.starts(with: "PK\u{5}\u{6}".utf8) {
      self = .zipArchive
      return
    }
    let text = Self.trimmed(bytes.prefix(512))
    if text.starts(with: "version https://git-lfs".utf8) {
      self = .gitLFSPointer
    } else if text.first == UInt8(ascii: "<") {
      self = .webPage
    } else {
      return nil
    }
  }

  /// A text without a byte order mark and blank lines before it.
  static func trimmed<Bytes: Collection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    return bytes.dropFirst(hasMark ? 3 : 0).drop { isWhiteSpace($0) }
  }

  /// Whether a byte is a space, a tab or an end of line.
  static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
