import DiffusionCore
import DiffusionTUI

/// A handout as Markdown, with its pictures as PNG files beside it.
struct HandoutMarkdown {
  private let handout: Handout
  private let commands: [String]
  private let path: String

  /// Figures in a row of the table.
  private static let columns = 4
  /// The side of a picture in pixels, at most.
  private static let side = 256

  /// Creates a page.
  ///
  /// - Parameters:
  ///   - handout: The page.
  ///   - commands: The commands that compute its figures again.
  ///   - path: The path of the page; its pictures are `NAME-figure-1.png` and so on.
  init(_ handout: Handout, commands: [String], path: String) {
    (self.handout, self.commands, self.path) = (handout, commands, path)
  }

  /// The paths of the pictures.
  static func pictures(of handout: Handout, beside path: String) -> [String] {
    let stem = path.hasSuffix(".md") ? String(path.dropLast(3)) : path
    return handout.figures.indices.map { "\(stem)-figure-\($0 + 1).png" }
  }

  /// The page, then its pictures.
  ///
  /// - Throws: ``DiffusionError`` (`inputOutput`) if libpng fails.
  func files() throws -> [OutputFile] {
    let paths = Self.pictures(of: handout, beside: path)
    let pictures = try zip(paths, handout.figures).map { path, figure in
      let picture = figure.picture
      let image = PixelImage(picture).enlarged(max(1, Self.side / max(1, picture.columns, picture.rows)))
      return OutputFile(path: path, bytes: try image.png())
    }
    return [OutputFile(path: path, bytes: Array(text(paths).utf8))] + pictures
  }

  private func text(_ paths: [String]) -> String {
    var lines = ["# \(Self.escaped(handout.title))", ""]
    lines += handout.shared.map { "- \(Self.escaped($0))" }
    if let missing = handout.missing { lines.append("- \(Self.escaped(missing))") }
    lines.append("")
    let cells = zip(paths, handout.figures).map { cell($1, at: $0) }
    let columns = min(Self.columns, cells.count)
    for start in stride(from: 0, to: cells.count, by: columns) {
      let row = (start..<start + columns).map { cells.indices.contains($0) ? cells[$0] : "" }
      lines.append("| \(row.joined(separator: " | ")) |")
      if start == 0 { lines.append("|" + String(repeating: " --- |", count: columns)) }
    }
    if !handout.paragraphs.isEmpty {
      lines +=
        [""]
        + handout.paragraphs.enumerated().map { index, text in
          "\(index + 1). \(Self.escaped(text))"
        }
    }
    // Indented code, because a fence could end early.
    lines += ["", "To compute them again:", ""] + commands.map { "    " + PrintedText(line: $0).text }
    return lines.joined(separator: "\n") + "\n"
  }

  private func cell(_ figure: Handout.Figure, at path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let captions = figure.caption.map(Self.escaped)
    let hashes = figure.hashes.map { "\(Self.escaped($0.name)): `\($0.sha256)`" }
    return (["![\(captions.first ?? "")](\(Self.address(name)))"] + captions + hashes).joined(separator: "<br>")
  }

  /// Text without a meaning in Markdown, HTML or a table.
  private static func escaped(_ text: String) -> String {
    PrintedText(line: text).text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\\", "`", "*", "_", "[", "]", "|", "#", "~", "!": "\\\(character)"
      default: String(character)
      }
    }.joined()
  }

  /// A file's name as a relative address: bytes other than unreserved ones (RFC 3986) in hexadecimal.
  private static func address(_ name: String) -> String {
    name.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      if isPlain || "-._~".utf8.contains(byte) { return String(scalar) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
  }
}
