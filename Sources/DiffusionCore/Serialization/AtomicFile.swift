import Glibc

/// Writes files completely or not at all: to a temporary file first, which is then renamed to the target, so that a
/// reader never sees a partial file and a failure keeps the old one.
public enum AtomicFile {
  /// Writes bytes to a path. Links are followed; a device or a pipe, such as `/dev/stdout`, is written directly.
  ///
  /// - Parameters:
  ///   - bytes: The contents.
  ///   - path: The path.
  ///   - checkCancellation: Called while a pipe has no reader, or one that is slow; throws to end the wait. If it is
  ///     nil, a pipe without a reader is refused.
  /// - Throws: ``DiffusionError``: `cannotCreate` if the file cannot be created, `inputOutput` if writing fails; what
  ///   `checkCancellation` throws.
  public static func write(
    _ bytes: [UInt8], to path: String, checkCancellation: (() throws -> Void)? = nil
  ) throws {
    try bytes.withUnsafeBytes { try write($0, to: path, checkCancellation: checkCancellation) }
  }

  /// Writes bytes to a path; see ``write(_:to:checkCancellation:)-([UInt8],_,_)``.
  package static func write(
    _ bytes: UnsafeRawBufferPointer, to path: String, checkCancellation: (() throws -> Void)? = nil
  ) throws {
    switch FileAccess.kind(of: path) {
    case .folder:
      throw DiffusionError(.cannotCreate, "\(path): cannot be written: it is a folder")
    case .other:
      let descriptor = try openSpecial(path, checkCancellation)
      try writeAll(bytes, to: descriptor, named: path) { try waitUntilWritable(descriptor, checkCancellation) }
    case .file, nil:
      try replace(resolved(path), with: bytes, named: path)
    }
  }

  /// Writes bytes to a path, as ``write(_:to:checkCancellation:)-([UInt8],_,_)``, but leaves it to the system when they
  /// reach the disk: for files whose contents are checked when they are found again. A device or a pipe is refused,
  /// since nothing can be found in it again.
  package static func writeUnsynced(_ bytes: [UInt8], to path: String) throws {
    guard FileAccess.kind(of: path) != .other else {
      throw DiffusionError(.cannotCreate, "\(path): cannot be written: it is a pipe, a device or a socket; remove it")
    }
    try bytes.withUnsafeBytes { try replace(resolved(path), with: $0, named: path, syncs: false) }
  }

  /// Writes a new file of a folder that is itself temporary. On a failure there is none. It is not synced, which
  /// ``prepare(_:toReplace:)`` does where the folder is finished.
  ///
  /// - Parameters:
  ///   - bytes: The contents.
  ///   - path: The path of the file.
  ///   - name: The path in errors: where the file will be.
  /// - Throws: ``DiffusionError``: `cannotCreate` if it exists or cannot be created, `inputOutput` if writing fails.
  package static func create(_ bytes: [UInt8], at path: String, named name: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(.cannotCreate, name, errno) }
    do {
      try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, named: name, syncs: false) }
    } catch {
      unlink(path)
      throw error
    }
  }

  /// The file at the end of a chain of links, which need not exist yet.
  package static func resolved(_ path: String) -> String {
    var path = path
    // As many links as Linux follows.
    for _ in 0..<40 {
      if let found = realpath(path, nil) {
        defer { free(found) }
        return String(cString: found)
      }
      guard let next = FileAccess.destination(ofLink: path) else { return path }
      path = next.hasPrefix("/") ? next : "\(FileAccess.parent(of: path))/\(next)"
    }
    return path
  }

  private static func replace(
    _ target: String, with bytes: UnsafeRawBufferPointer, named path: String, syncs: Bool = true
  ) throws {
    removeLeftovers(of: target)
    let (temporary, descriptor) = try makeTemporary(target, named: path)
    do {
      adoptOwner(of: target, for: descriptor)
      try writeAll(bytes, to: descriptor, named: path, syncs: syncs)
      guard rename(temporary, target) == 0 else { throw failure(.cannotCreate, path, errno) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Prepares a file that ``create(_:at:named:)`` wrote for a rename: it gets the owner and the mode of the one that it
  /// replaces, if there is one, and is synced.
  ///
  /// - Throws: ``DiffusionError`` (`inputOutput`) that names `target`, if its contents cannot be written to the disk.
  package static func prepare(_ path: String, toReplace target: String) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw failure(.inputOutput, target, errno) }
    defer { close(descriptor) }
    adoptOwner(of: target, for: descriptor)
    guard isSynced(descriptor) else { throw failure(.inputOutput, target, errno) }
  }

  /// Syncs a file; devices and pipes cannot be synced.
  private static func isSynced(_ descriptor: Int32) -> Bool {
    fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS
  }

  /// Gives a new file the owner and the mode of the one that it replaces, as far as the system allows.
  private static func adoptOwner(of target: String, for descriptor: Int32) {
    var former = stat()
    guard stat(target, &former) == 0 else { return }
    // The owner first: changing it clears bits of the mode.
    _ = fchown(descriptor, former.st_uid, former.st_gid)
    _ = fchmod(descriptor, former.st_mode & 0o7777)
  }

  /// Creates a new file in the folder of `target`; `O_EXCL` ensures that nothing is overwritten.
  private static func makeTemporary(_ target: String, named name: String) throws -> (path: String, descriptor: Int32) {
    for attempt in 0..<1000 {
      let path = Leftovers.name(of: target, count: attempt)
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 {
        // Held until the descriptor is closed, however the process ends: nobody takes the file for a leftover.
        flock(descriptor, LOCK_EX | LOCK_NB)
        return (path, descriptor)
      }
      guard errno == EEXIST else { break }
    }
    throw failure(.cannotCreate, name, errno)
  }

  /// Writes and closes a file, and syncs it: a rename must not reach the disk before its contents do. Closing is
  /// checked because some file systems report a full disk only then.
  private static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, named path: String, syncs: Bool = true,
    wait: () throws -> Void = {}
  ) throws {
    var rest = bytes
    while !rest.isEmpty {
      do {
        try wait()
      } catch {
        close(descriptor)
        throw error
      }
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written < 0, errno == EINTR || errno == EAGAIN { continue }
      guard written > 0 else {
        let code = errno
        close(descriptor)
        throw failure(.inputOutput, path, code)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    let isSynced = !syncs || isSynced(descriptor), code = errno
    guard close(descriptor) == 0, isSynced else { throw failure(.inputOutput, path, isSynced ? errno : code) }
  }

  /// The milliseconds between two looks at whether a wait is to end.
  private static let patience: Int32 = 50

  /// Opens a device or a pipe without waiting in the system, where signals that are blocked would not end the wait.
  private static func openSpecial(_ path: String, _ checkCancellation: (() throws -> Void)?) throws -> Int32 {
    while true {
      let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      if descriptor >= 0 { return descriptor }
      let code = errno
      // A pipe that nobody has opened to read; a socket gives the same error.
      guard code == ENXIO, FileAccess.isPipe(path) else { throw failure(.cannotCreate, path, code) }
      guard let checkCancellation else {
        throw DiffusionError(.cannotCreate, "\(path): cannot be written: it is a pipe, and nothing reads it")
      }
      try checkCancellation()
      poll(nil, 0, patience)
    }
  }

  private static func waitUntilWritable(_ descriptor: Int32, _ checkCancellation: (() throws -> Void)?) throws {
    var file = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    while poll(&file, 1, patience) == 0 { try checkCancellation?() }
  }

  private static func failure(_ kind: DiffusionError.Kind, _ path: String, _ code: Int32) -> DiffusionError {
    let remedy =
      switch code {
      case EFBIG: ": raise the limit on the size of files (ulimit -f)"
      case EDQUOT: ": free some of your quota"
      default: ""
      }
    return DiffusionError(kind, "\(path): cannot be written: \(String(cString: strerror(code)))\(remedy)")
  }
}
