import Glibc

/// Temporary files and folders that killed programs left next to their targets: `NAME.PID-COUNT.partial`.
package enum Leftovers {
  /// The suffix of temporary files and folders.
  package static let ending = ".partial"

  /// The name of a temporary file or folder of this process. The process id tells two programs apart, the count
  /// threads and leftovers.
  package static func name(of target: String, count: Int) -> String { "\(target).\(getpid())-\(count)\(ending)" }

  /// The process that a temporary file or folder of a target belongs to; nil for any other name.
  ///
  /// - Parameters:
  ///   - name: A name in the target's folder.
  ///   - target: The target's name.
  static func process(of name: String, target: String) -> Int32? {
    guard name.hasPrefix(target + "."), name.hasSuffix(ending), name.count > target.count + 1 + ending.count else {
      return nil
    }
    let numbers = name.dropFirst(target.count + 1).dropLast(ending.count).split(separator: "-").map { Int32($0) }
    guard numbers.count == 2, let process = numbers[0], let count = numbers[1], process > 0, count >= 0,
      name == "\(target).\(process)-\(count)\(ending)"
    else { return nil }
    return process
  }

  /// The leftovers of a target: of the kind asked for, this user's, of a process that has ended.
  ///
  /// - Parameters:
  ///   - target: The path of the file or folder that they were to become, links resolved.
  ///   - kind: Files or folders.
  /// - Returns: Their paths, with a lock on each until it is closed: it is held while its writer lives, wherever that
  ///   runs.
  package static func find(of target: String, kind: FileAccess.Kind) -> [(path: String, lock: Int32)] {
    let folder = FileAccess.parent(of: target)
    let own = target.split(separator: "/").last.map(String.init) ?? target
    return FileAccess.names(in: folder, prefix: own + ".").compactMap { name in
      guard let process = process(of: name, target: own), process != getpid(), kill(process, 0) != 0, errno == ESRCH
      else { return nil }
      let path = "\(folder)/\(name)"
      return lock(path, kind: kind, target: target).map { (path, $0) }
    }
  }

  /// The folders that version 0.1.0 left next to a folder: `NAME.partial-PID`.
  package static func former(of target: String) -> [(path: String, lock: Int32)] {
    let folder = FileAccess.parent(of: target)
    let own = (target.split(separator: "/").last.map(String.init) ?? target) + ending + "-"
    return FileAccess.names(in: folder, prefix: own).compactMap { name in
      guard let process = Int32(name.dropFirst(own.count)), process > 0, name == "\(own)\(process)",
        kill(process, 0) != 0, errno == ESRCH
      else { return nil }
      let path = "\(folder)/\(name)"
      return lock(path, kind: .folder, target: target).map { (path, $0) }
    }
  }

  /// Locks a file or folder of this user; nil if it is another's, of another kind, or in use.
  private static func lock(_ path: String, kind: FileAccess.Kind, target: String) -> Int32? {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var status = stat(), former = stat()
    let isOfKind =
      fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == (kind == .folder ? S_IFDIR : S_IFREG)
    // A file that root overwrites keeps its owner, and so does the temporary file.
    let isRootsCopy = geteuid() == 0 && stat(target, &former) == 0 && status.st_uid == former.st_uid
    guard isOfKind, status.st_uid == geteuid() || isRootsCopy, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}

extension AtomicFile {
  /// Removes temporary files that killed programs left next to a file. Files of a running process are kept, and so are
  /// those of other users.
  public static func removeLeftovers(of path: String) {
    for (leftover, lock) in Leftovers.find(of: resolved(path), kind: .file) {
      unlink(leftover)
      close(lock)
    }
  }
}
