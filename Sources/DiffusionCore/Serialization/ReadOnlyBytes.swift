import Glibc

/// Read-only bytes: a file mapped into memory, a copy, or data that is built into the program.
///
/// A mapping is private and read-only, and lasts as long as this object. Its address is kept as a number because a
/// pointer is not `Sendable`; the memory is constant from `init` to `deinit`, so any thread may read it. A program that
/// writes to the file itself, and not to a new one in its place, changes what is mapped: ``requireUnchanged(_:)`` finds
/// it, and a file that is cut off between that and the reading ends this program.
package final class ReadOnlyBytes: Sendable {
  /// The number of bytes.
  package let count: Int
  private let address: UInt
  private let owner: Owner

  /// Who frees the bytes, and how.
  private enum Owner {
    /// The file stays open, so that its state can be compared with that at the time of the mapping.
    case mapping(descriptor: Int32, FileState)
    case copy, program
  }

  /// What changes when a program writes to a file.
  private struct FileState: Equatable {
    let size: Int
    let seconds, nanoseconds: Int

    init(_ status: stat) {
      (size, seconds) = (Int(status.st_size), status.st_mtim.tv_sec)
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  /// Maps a file.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` if there is no such file, `badData` if it is a folder, a device, a
  ///   pipe or a socket, `inputOutput` if it cannot be read.
  package init(mapping path: String) throws {
    // Asked before it is opened, since opening may wait for a pipe's writer or act on a device.
    var status = stat()
    guard stat(path, &status) == 0 else { throw Self.failure(path, errno) }
    try Self.requireRegular(status, path)
    // What took its place since then is not waited for either.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    var isMapped = false
    defer { if !isMapped { close(descriptor) } }
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, errno) }
    try Self.requireRegular(status, path)
    guard status.st_size > 0 else {
      (count, address, owner) = (0, 0, .program)
      return
    }
    guard let base = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      let code = errno
      guard code == ENOMEM else { throw Self.failure(path, code) }
      throw DiffusionError(
        .unavailable,
        "\(path): out of memory: needs \(status.st_size / 1_000_000) MB of address space to be read: raise the limit "
          + "(ulimit -v), or take a smaller model")
    }
    isMapped = true
    (count, address) = (Int(status.st_size), UInt(bitPattern: base))
    owner = .mapping(descriptor: descriptor, FileState(status))
  }

  /// Refers to constant data of the program, in place. The memory must stay unchanged as long as this object lives.
  package init(constant bytes: UnsafeRawBufferPointer) {
    (count, address, owner) = (bytes.count, UInt(bitPattern: bytes.baseAddress), .program)
  }

  /// Copies bytes.
  init(copying bytes: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    copy.copyBytes(from: bytes)
    (count, address, owner) = (bytes.count, UInt(bitPattern: copy.baseAddress), .copy)
  }

  deinit {
    guard let base = UnsafeMutableRawPointer(bitPattern: address) else { return }
    switch owner {
    case .mapping(let descriptor, _):
      munmap(base, count)
      close(descriptor)
    case .copy: base.deallocate()
    case .program: break
    }
  }

  /// Calls `body` with the bytes, which must not escape it.
  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) {
      guard let base = UnsafeRawPointer(bitPattern: address) else {
        return try body(UnsafeRawBufferPointer(start: nil, count: 0))
      }
      return try body(UnsafeRawBufferPointer(start: base, count: count))
    }
  }

  /// Checks that nobody has written to a mapped file since it was mapped.
  ///
  /// - Parameter path: Its name in the error.
  /// - Throws: ``DiffusionError`` (`badData`).
  package func requireUnchanged(_ path: String) throws {
    guard case .mapping(let descriptor, let state) = owner else { return }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, errno) }
    guard FileState(status) == state else {
      throw DiffusionError(
        .badData, "\(path): was written to since it was opened: open the model again, and write a new file in its place"
      )
    }
  }

  /// Advises the system that some of the bytes are not needed soon: a mapped file's pages leave memory, and are read
  /// again from the file when accessed. The range must lie within the bytes.
  package func release(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = (range.lowerBound + page - 1) / page * page, end = range.upperBound / page * page
    guard case .mapping = owner, first < end, let base = UnsafeMutableRawPointer(bitPattern: address) else { return }
    // It is only advice: a failure costs memory, not correctness.
    _ = madvise(base + first, end - first, MADV_DONTNEED)
  }

  /// A copy of some of the bytes; the range must lie within them.
  package func copy(_ range: Range<Int>) -> [UInt8] {
    withUnsafeBytes { Array(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  private static func requireRegular(_ status: stat, _ path: String) throws {
    let found: String
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: found = ""
    case S_IFIFO: found = " but a pipe"
    case S_IFSOCK: found = " but a socket"
    default: found = " but a device"
    }
    throw DiffusionError(.badData, "\(path): not a regular file\(found)")
  }

  private static func failure(_ path: String, _ code: Int32) -> DiffusionError {
    if code == ENOENT || code == ENOTDIR { return DiffusionError(.missingInput, "\(path): no such file") }
    return DiffusionError(.inputOutput, "\(path): cannot be read: \(String(cString: strerror(code)))")
  }
}
