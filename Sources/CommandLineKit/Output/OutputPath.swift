import DiffusionCore

/// A file that shall be written, checked before the work whose result it takes.
struct OutputPath: Sendable, Equatable {
  /// The path as it was given.
  let path: String
  /// Its ending, one of those allowed: `.png`.
  let ending: String

  /// Checks the ending and that the folder is there and can be written to.
  ///
  /// - Throws: ``DiffusionError``: `usage` for another ending; `cannotCreate` if the folder would not take the file.
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

/// The files of a batch whose images do not fit into one.
package enum BatchPaths {
  /// The path itself for one image, else `FILE-0.png`, `FILE-1.png`, ...
  package static func paths(_ path: String, count: Int) -> [String] {
    guard count != 1, let dot = path.lastIndex(of: ".") else { return [path] }
    return (0..<count).map { "\(path[..<dot])-\($0)\(path[dot...])" }
  }
}
