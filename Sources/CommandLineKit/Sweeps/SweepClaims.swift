import DiffusionCore
import Glibc

/// What the processes that work on one folder tell each other: a lock on a byte of a file for each cell in work.
///
/// The system releases the locks of a process however it ends. Where a file system has no such locks, two processes may
/// compute a cell twice, which is harmless: files appear whole, and their bits are the same.
final class SweepClaims {
  /// `F_OFD_SETLK` of Linux, which Glibc's module leaves out: a lock of the open file, not of the process.
  private static let setLock: Int32 = 37

  private let descriptor: Int32

  /// Opens the file of claims, which is created if it is not there.
  init(path: String) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Claims a cell.
  ///
  /// - Returns: Whether no other process has it.
  func claim(_ cell: Int) -> Bool {
    guard descriptor >= 0 else { return true }
    return set(Int16(F_WRLCK), cell) || (errno != EAGAIN && errno != EACCES)
  }

  /// Gives a cell back.
  func release(_ cell: Int) {
    if descriptor >= 0 { _ = set(Int16(F_UNLCK), cell) }
  }

  private func set(_ kind: Int16, _ cell: Int) -> Bool {
    var lock = flock()
    (lock.l_type, lock.l_whence, lock.l_start, lock.l_len) = (kind, Int16(SEEK_SET), off_t(cell), 1)
    return fcntl(descriptor, Self.setLock, &lock) == 0
  }
}
