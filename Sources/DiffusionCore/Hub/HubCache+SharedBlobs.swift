import Glibc

/// The content that huggingface_hub keeps for several repositories: `blobs/<2 digits>/<hash>` beside them, with a
/// manifest `<hash>.refs` of the links that lead to it, and a lock `<hash>.lock`.
///
/// Reference: huggingface_hub 2.4.0, `utils/_shared_blobs.py`.
extension HubCache {
  /// What shared content is locked for is done in moments; whoever waits longer leaves it where it is, in tries of 10
  /// ms.
  private static let lockTries = 500

  /// The shared contents that the blobs of a repository lead to.
  ///
  /// - Parameter blobs: The paths of the blobs.
  func sharedBlobs(of blobs: [String]) -> Set<String> {
    guard hasSharedBlobs else { return [] }
    return Set(blobs.compactMap(sharedBlob))
  }

  /// Removes shared contents that no repository links to any more. What its manifest does not tell for certain stays.
  ///
  /// - Parameter paths: The contents, as ``sharedBlobs(of:)`` found them.
  /// - Returns: The bytes that became free.
  func sweep(_ paths: Set<String>) -> Int { paths.sorted().map(sweep).reduce(0, +) }

  /// Whether the folder is a store of the layout that is known here.
  private var hasSharedBlobs: Bool {
    let mark = "\(folder)/blobs/.huggingface-shared-blobs"
    return FileAccess.destination(ofLink: mark) == nil && (try? FileAccess.readText(mark)) == Array("1\n".utf8)
  }

  /// The shared content that a blob of a repository is a link to; nil for any other file.
  private func sharedBlob(_ blob: String) -> String? {
    guard let target = FileAccess.destination(ofLink: blob) else { return nil }
    let path = Self.plain(target.hasPrefix("/") ? target : "\(FileAccess.parent(of: blob))/\(target)")
    let store = Self.plain("\(folder)/blobs"), parts = path.split(separator: "/").suffix(2)
    guard let first = parts.first, let hash = parts.last, parts.count == 2, path == "\(store)/\(first)/\(hash)",
      HubName.isDigest(String(hash), digits: 64), hash.hasPrefix(first), first.utf8.count == 2
    else { return nil }
    return path
  }

  private func sweep(_ path: String) -> Int {
    guard let lock = Self.lock("\(path).lock") else { return 0 }
    defer {
      // Removed before it is released, as huggingface_hub's locks are: whoever waits for it finds out.
      unlink("\(path).lock")
      close(lock)
    }
    guard let references = references(to: path) else { return 0 }
    let manifest = "\(path).refs"
    guard references.isEmpty else {
      let lines = references.sorted().map { $0 + "\n" }.joined()
      if (try? AtomicFile.write(Array(lines.utf8), to: manifest)) != nil { chmod(manifest, 0o666) }
      return 0
    }
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, unlink(path) == 0 else { return 0 }
    unlink(manifest)
    return Int(status.st_size)
  }

  /// The links to a shared content that its manifest names and that are there, by their paths in the cache; nil if the
  /// manifest cannot be read.
  private func references(to path: String) -> Set<String>? {
    let manifest = "\(path).refs"
    guard FileAccess.destination(ofLink: manifest) == nil, let bytes = try? FileAccess.readText(manifest) else {
      return nil
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    return Set(
      lines.filter { line in
        let parts = line.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].contains("--"), parts[1] == "blobs", !["", ".", ".."].contains(parts[2])
        else { return false }
        return sharedBlob("\(folder)/\(line)") == path
      })
  }

  /// Opens and locks a file; nil where that is not possible soon.
  private static func lock(_ path: String) -> Int32? {
    for _ in 0..<lockTries {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else { return nil }
      var status = stat()
      // One that was removed meanwhile locks nothing.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0, status.st_nlink > 0 {
        fchmod(descriptor, 0o666)
        return descriptor
      }
      close(descriptor)
      usleep(10_000)
    }
    return nil
  }

  /// A path without `.` and `..`, of which no link is followed.
  private static func plain(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}
