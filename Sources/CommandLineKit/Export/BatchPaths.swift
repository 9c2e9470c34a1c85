/// The files of a batch whose images do not fit into one.
package enum BatchPaths {
  /// The path itself for one image, else `FILE-0.png`, `FILE-1.png`, ...
  package static func paths(_ path: String, count: Int) -> [String] {
    guard count != 1, let dot = path.lastIndex(of: ".") else { return [path] }
    return (0..<count).map { "\(path[..<dot])-\($0)\(path[dot...])" }
  }
}
