import Glibc

/// What huggingface_hub writes into its cache, in the same layout and with the same locks.
extension HubCache {
  private static let tag = """
    Signature: 8a477f597d28d172789f06886806bc55
    # This file is a cache directory tag created by huggingface_hub.
    # For information about cache directory tags, see:
    #\thttps://bford.info/cachedir/

    """

  /// The path of a file of a commit, whether it is there or not.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) for a name that leaves the folder of the commit.
  func path(of file: String, _ name: HubName, at commit: String) throws -> String {
    guard Self.isName(file) else {
      throw DiffusionError(.badData, "\(name): \"\(file)\" is not the name of a file in a model's folder")
    }
    return "\(snapshot(commit, of: name))/\(file)"
  }

  /// Whether a text can be the path of a file in a model's folder: relative, and nowhere out of it.
  static func isName(_ file: String) -> Bool {
    file.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !["", ".", ".."].contains($0) && $0.utf8.count <= 255
    } && !file.utf8.contains(0)
  }

  /// The path of the content of a file.
  func blob(_ etag: String, of name: HubName) -> String { "\(folder(of: name.repository))/blobs/\(etag)" }

  /// Creates the folders of a blob and of a file of a commit, and marks the cache for programs that make backups.
  func prepare(for path: String, of name: HubName) throws {
    try Self.makeFolder("\(folder(of: name.repository))/blobs")
    try Self.makeFolder(FileAccess.parent(of: path))
    let mark = "\(folder)/CACHEDIR.TAG"
    if FileAccess.kind(of: mark) == nil { try? AtomicFile.write(Array(Self.tag.utf8), to: mark) }
  }

  /// Makes a file of a commit: a relative link to its blob.
  func link(_ path: String, to etag: String, of name: HubName) throws {
    let depth = path.dropFirst("\(folder(of: name.repository))/".count).split(separator: "/").count - 1
    let target = String(repeating: "../", count: depth) + "blobs/\(etag)"
    unlink(path)
    guard symlink(target, path) == 0 || FileAccess.kind(of: path) == .file else {
      throw Self.failure(path, "cannot be linked to its content")
    }
  }

  /// Remembers the commit of a branch or a tag.
  func remember(_ commit: String, of name: HubName) throws {
    guard name.revisionOrMain != commit else { return }
    let reference = "\(folder(of: name.repository))/refs/\(name.revisionOrMain)"
    if let old = try? FileAccess.readText(reference), old == Array(commit.utf8) { return }
    try Self.makeFolder(FileAccess.parent(of: reference))
    try AtomicFile.write(Array(commit.utf8), to: reference)
  }

  /// Remembers that a commit has no file of a name. A failure does not matter.
  func rememberMissing(_ file: String, _ name: HubName, at commit: String) {
    let path = "\(folder(of: name.repository))/.no_exist/\(commit)/\(file)"
    guard FileAccess.kind(of: path) == nil, (try? Self.makeFolder(FileAccess.parent(of: path))) != nil else { return }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Does something while no other program downloads the same content, here or in Python. Where files cannot be
  /// locked, it is done without a lock: a file only takes its name when it is whole.
  func locked<Result>(
    _ etag: String, of name: HubName, clock: HubClock, check: () throws -> Void, _ work: () throws -> Result
  ) throws -> Result {
    let repository = folder(of: name.repository).split(separator: "/").last.map(String.init) ?? ""
    let locks = "\(folder)/.locks/\(repository)"
    try Self.makeFolder(locks)
    let descriptor = open("\(locks)/\(etag).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o664)
    // Another user of the group may lock it too, whatever this one's umask is.
    if descriptor >= 0 { fchmod(descriptor, 0o664) }
    defer { if descriptor >= 0 { close(descriptor) } }
    while descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
      try clock.pause(0.1, check)
    }
    // What a killed program left of this content: whoever downloads it has the lock. huggingface_hub resumes its own
    // `ETAG.incomplete`.
    if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
      let blobs = FileAccess.parent(of: blob(etag, of: name))
      for part in FileAccess.names(in: blobs, prefix: "\(etag).")
      where part.hasSuffix(".incomplete") && part != "\(etag).incomplete" {
        unlink("\(blobs)/\(part)")
      }
    }
    return try work()
  }

  /// Removes the folders of a repository that a failed download left empty.
  func removeEmptyFolders(of name: HubName, at commit: String) {
    let repository = folder(of: name.repository)
    var folders = ["blobs"]
    func add(_ path: String) {
      for child in FileAccess.names(in: "\(repository)/\(path)")
      where FileAccess.kind(of: "\(repository)/\(path)/\(child)") == .folder
        && FileAccess.destination(ofLink: "\(repository)/\(path)/\(child)") == nil
      {
        add("\(path)/\(child)")
      }
      folders.append(path)
    }
    add("snapshots/\(commit)")
    for path in folders + ["snapshots"] { rmdir("\(repository)/\(path)") }
    rmdir(repository)
  }

  /// Creates a folder and those that hold it.
  static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o777) == 0 || FileAccess.kind(of: path) == .folder { return }
    guard errno == ENOENT, FileAccess.parent(of: path) != path else { throw failure(path, "cannot be created") }
    try makeFolder(FileAccess.parent(of: path))
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure(path, "cannot be created") }
  }

  /// The error for a system call that failed.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - what: What cannot be done with it.
  ///   - kind: The kind of failure.
  static func failure(
    _ path: String, _ what: String, _ kind: DiffusionError.Kind = .cannotCreate
  ) -> DiffusionError {
    let code = errno
    let advice =
      code == ENOSPC || code == EDQUOT
      ? "; free some space, or set HF_HOME to another disk"
      : code == EACCES || code == EROFS ? "; set HF_HOME to a folder that can be written to" : ""
    return DiffusionError(kind, "\(path): \(what): \(String(cString: strerror(code)))\(advice)")
  }
}
