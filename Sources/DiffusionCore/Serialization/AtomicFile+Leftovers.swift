import Glibc

extension AtomicFile {
  /// Removes what programs that were killed while they wrote a file left beside it. Files of a process that lives are its own; what
  /// cannot be removed stays.
  package static func removeLeftovers(of path: String) {
    let target = resolved(path), folder = FileAccess.parent(of: target)
    let prefix = (target.split(separator: "/").last.map(String.init) ?? target) + "."
    for name in FileAccess.names(in: folder) where name.hasPrefix(prefix) && name.hasSuffix(ending) {
      // PID-COUNT, as `createBeside` names them; anything else is somebody else's.
      let numbers = name.dropFirst(prefix.count).dropLast(ending.count).split(separator: "-").map { Int32($0) }
      guard numbers.count == 2, let process = numbers[0], process > 0, numbers[1] != nil else { continue }
      if kill(process, 0) != 0, errno == ESRCH { unlink("\(folder)/\(name)") }
    }
  }
}
