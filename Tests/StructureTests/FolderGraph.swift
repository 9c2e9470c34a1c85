import Foundation

/// The dependencies between the folders of a target, as far as names show them: a file needs a folder if it mentions a
/// type or a function that only files there declare at the top level, or a member that only an extension there
/// declares.
struct FolderGraph {
  /// A dependency of one folder on another.
  struct Arrow: Hashable, Comparable, CustomStringConvertible {
    let from, to: String

    var description: String { "\(from) -> \(to)" }

    static func < (left: Arrow, right: Arrow) -> Bool {
      (left.from, left.to) < (right.from, right.to)
    }
  }

  /// The names that cause each arrow.
  private(set) var arrows: [Arrow: Set<String>] = [:]

  /// Reads the files of a target, by their paths in it. A file outside any folder counts as a folder of its own.
  init(_ files: [(path: String, text: String)]) {
    let files = files.map { file in
      (
        folder: String(file.path.prefix { $0 != "/" }),
        contents: Declarations(SwiftSource(file.text))
      )
    }
    var types: [String: Set<String>] = [:]
    var functions: [String: Set<String>] = [:]
    var members: [String: Set<String>] = [:]
    var names: [String: Set<String>] = [:]
    for (folder, contents) in files {
      for name in contents.types { types[name, default: []].insert(folder) }
      for name in contents.functions { functions[name, default: []].insert(folder) }
      for name in contents.names { names[name, default: []].insert(folder) }
    }
    for (folder, contents) in files {
      for (type, name) in contents.extensionMembers
      where types[type]?.contains(folder) != true && names[name] == [folder] {
        members[name] = [folder]
      }
    }
    for (folder, contents) in files {
      let mentioned = [
        (contents.mentionedTypes.subtracting(contents.nestedTypes), types),
        (contents.calledFunctions.subtracting(contents.names), functions),
        (contents.words, members),
      ]
      for (words, owners) in mentioned {
        for word in words {
          guard let owner = owners[word], owner.count == 1, let other = owner.first, other != folder
          else { continue }
          arrows[Arrow(from: folder, to: other), default: []].insert(word)
        }
      }
    }
  }

  /// The arrows that are part of a cycle.
  func cycles(without excepted: Set<Arrow> = []) -> [Arrow] {
    let graph = arrows.keys.filter { !excepted.contains($0) }
    let next = Dictionary(grouping: graph, by: \.from).mapValues { $0.map(\.to) }
    func isReachable(_ target: String, from start: String) -> Bool {
      var seen: Set<String> = [start]
      var open = [start]
      while let folder = open.popLast() {
        if folder == target { return true }
        open += (next[folder] ?? []).filter { seen.insert($0).inserted }
      }
      return false
    }
    // Files outside the folders may need each other.
    return graph.filter { !($0.from.hasSuffix(".swift") && $0.to.hasSuffix(".swift")) }
      .filter { isReachable($0.from, from: $0.to) }.sorted()
  }
}
