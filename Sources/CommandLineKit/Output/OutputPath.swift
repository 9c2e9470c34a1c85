import DiffusionCore

/// The path of an output file, checked before the work whose result it receives.
struct OutputPath: Sendable, Equatable {
  /// The path as it was given.
  let path: String
  /// The extension, one of those allowed: `.png`.
  let ending: String

  /// Checks the extension, and that the folder exists and is writable.
  ///
  /// - Throws: ``DiffusionError``: `usage` for another extension; `cannotCreate` if the file cannot be created in the
  ///   folder.
  init(checking path: String, option: String, endings: [String]) throws {
    guard
      let ending = endings.first(where: { path.hasSuffix($0) && path.split(separator: "/").last.map(String.init) != $0 }
      )
    else {
      throw DiffusionError(
        .usage,
        "\(option): '\(path)' has an unknown ending: expected a file name with \(endings.joined(separator: " or "))")
    }
    self.path = path
    self.ending = ending
    guard !SystemCall.isFolder(path) else {
      throw DiffusionError(.cannotCreate, "\(path): cannot be written: it is a folder; name a file")
    }
    try SystemCall.probe(Self.folder(of: path), for: path)
  }

  /// The folder that holds a path.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// The files of a batch with one image per file.
package enum BatchPaths {
  /// The path itself for one image, else `FILE-0.png`, `FILE-1.png`, ...
  package static func paths(_ path: String, count: Int) -> [String] {
    guard count != 1, let dot = path.lastIndex(of: ".") else { return [path] }
    return (0..<count).map { "\(path[..<dot])-\($0)\(path[dot...])" }
  }
}
