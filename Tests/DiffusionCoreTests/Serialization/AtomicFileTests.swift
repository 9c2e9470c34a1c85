import DiffusionCore
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  @Test(arguments: [0, 1, 100_000])
  func writesTheWholeFileAndNothingElse(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    try scratch.write("old content", "out")
    try AtomicFile.write(bytes, to: "\(scratch.path)/out")
    #expect(try FileAccess.read("\(scratch.path)/out") == bytes)
    #expect(try scratch.list() == ["out"])
  }

  /// The leftover of a killed program with the same process id is neither used nor removed.
  @Test func aLeftoverDoesNotInterfere() throws {
    let leftover = "out.\(ProcessInfo.processInfo.processIdentifier)-0.partial"
    try scratch.write("half", leftover)
    try AtomicFile.write([1], to: "\(scratch.path)/out")
    #expect(try scratch.list() == ["out", leftover])
    #expect(try FileAccess.read("\(scratch.path)/out") == [1])
  }

  /// Process ids end at 2^22; a file with any other name is not a temporary file of this program.
  @Test func leftoversOfKilledProgramsAreRemoved() throws {
    let own = "out.\(ProcessInfo.processInfo.processIdentifier)-0.partial"
    let others = [
      "out.partial", "out.4194305.partial", "out.x-0.partial", "out.-1-0.partial", "in.4194305-0.partial",
      "out.+4194305-0.partial", "out.04194305-0.partial", "out.4194305-0-1.partial",
    ]
    for name in ["out", "out.4194305-0.partial", "out.2147483647-12.partial", own] + others {
      try scratch.write("half", name)
    }
    try FileManager.default.createDirectory(
      atPath: "\(scratch.path)/out.4194306-0.partial", withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: "\(scratch.path)/out.4194307-0.partial", withDestinationPath: "in.4194305-0.partial")
    let kinds = ["out.4194306-0.partial", "out.4194307-0.partial"]
    try AtomicFile.write([1], to: "\(scratch.path)/out")
    #expect(try scratch.list() == (["out", own] + others + kinds).sorted())
    AtomicFile.removeLeftovers(of: "\(scratch.path)/none/out")
  }

  /// A process in another container has another number here, but its lock is seen.
  @Test func aLockedTemporaryFileIsKept() throws {
    let path = try scratch.write("half", "out.4194305-0.partial")
    let descriptor = open(path, O_RDONLY)
    #expect(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    try AtomicFile.write([1], to: "\(scratch.path)/out")
    #expect(try scratch.list() == ["out", "out.4194305-0.partial"])
    close(descriptor)
    try AtomicFile.write([2], to: "\(scratch.path)/out")
    #expect(try scratch.list() == ["out"])
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
  func thoseOfAnotherUserAreKept() throws {
    let path = try scratch.write("half", "out.4194305-0.partial")
    try #require(chown(path, 12_345, 12_345) == 0)
    try AtomicFile.write([1], to: "\(scratch.path)/out")
    #expect(try scratch.list() == ["out", "out.4194305-0.partial"])
  }

  /// Several threads may write one file: each replaces it completely.
  @Test func writersDoNotMix() async throws {
    let path = "\(scratch.path)/out"
    try await withThrowingTaskGroup { group in
      for value in UInt8(0)..<8 {
        group.addTask { try AtomicFile.write([UInt8](repeating: value, count: 50_000), to: path) }
      }
      try await group.waitForAll()
    }
    let bytes = try FileAccess.read(path)
    #expect(bytes.count == 50_000 && Set(bytes).count == 1)
    #expect(try scratch.list() == ["out"])
  }

  @Test func followsALink() throws {
    try scratch.write("old", "target")
    try FileManager.default.createSymbolicLink(atPath: "\(scratch.path)/link", withDestinationPath: "target")
    try AtomicFile.write([1], to: "\(scratch.path)/link")
    #expect(try FileAccess.read("\(scratch.path)/target") == [1])
    #expect(try scratch.list() == ["link", "target"])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(scratch.path)/link") == "target")
  }

  @Test(arguments: [["missing"], ["second", "missing"]])
  func followsALinkToAFileThatIsNotThereYet(chain: [String]) throws {
    for (name, target) in zip(["link"] + chain, chain) {
      try FileManager.default.createSymbolicLink(atPath: "\(scratch.path)/\(name)", withDestinationPath: target)
    }
    try AtomicFile.write([1], to: "\(scratch.path)/link")
    #expect(try FileAccess.read("\(scratch.path)/missing") == [1])
    #expect(try scratch.list() == (["link"] + chain).sorted())
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(scratch.path)/link") == chain[0])
  }

  @Test func endsWhereLinksGoInACircle() throws {
    for (name, target) in [("a", "b"), ("b", "a")] {
      try FileManager.default.createSymbolicLink(atPath: "\(scratch.path)/\(name)", withDestinationPath: target)
    }
    try AtomicFile.write([1], to: "\(scratch.path)/a")
    #expect(try scratch.list().count == 2)
  }

  @Test(arguments: [mode_t(0o600), 0o640, 0o755]) func keepsTheMode(mode: mode_t) throws {
    let path = try scratch.write("old", "out")
    #expect(chmod(path, mode) == 0)
    try AtomicFile.write([1], to: path)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == mode)
  }

  /// Renaming over a device would replace it.
  @Test func writesToADeviceDirectly() throws {
    try AtomicFile.write([1, 2, 3], to: "/dev/null")
    #expect(FileAccess.kind(of: "/dev/null") == .other)
    // A link, so that a failure would replace nothing else.
    let pipe = "\(scratch.path)/pipe", link = "\(scratch.path)/link"
    #expect(mkfifo(pipe, 0o600) == 0 && symlink(pipe, link) == 0)
    for path in [pipe, link] {
      let words = "\(path): cannot be written: it is a pipe, a device or a socket; remove it"
      #expect(throws: DiffusionError(.cannotCreate, words)) { try AtomicFile.writeUnsynced([1], to: path) }
      #expect(FileAccess.kind(of: pipe) == .other)
    }
  }

  @Test("waits for a pipe's reader as long as it may, and for one that is slow")
  func pipes() async throws {
    struct Stop: Error, Equatable {}
    let path = "\(scratch.path)/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(
      throws: DiffusionError(.cannotCreate, "\(path): cannot be written: it is a pipe, and nothing reads it")
    ) { try AtomicFile.write([1], to: path) }
    var checks = 0
    #expect(throws: Stop()) {
      try AtomicFile.write([1], to: path) {
        checks += 1
        if checks == 3 { throw Stop() }
      }
    }
    #expect(checks == 3)
    // More than a pipe holds, so that the writer waits for the reader.
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    async let read = onOwnThread { try Self.readSlowly(path) }
    try await onOwnThread { try AtomicFile.write(bytes, to: path) {} }
    #expect(try await read == bytes)
  }

  private static func readSlowly(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    var all: [UInt8] = [], block = [UInt8](repeating: 0, count: 100_000)
    while case let count = read(descriptor, &block, block.count), count > 0 {
      all += block[..<count]
      usleep(1000)
    }
    return all
  }

  @Test func saysWhyAFileCannotBeWritten() throws {
    let missing = "\(scratch.path)/none/out.npy"
    #expect(
      throws: DiffusionError(.cannotCreate, "\(missing): cannot be written: No such file or directory")
    ) { try AtomicFile.write([1], to: missing) }
    #expect(throws: DiffusionError(.cannotCreate, "\(scratch.path): cannot be written: it is a folder")) {
      try AtomicFile.write([1], to: scratch.path)
    }
    #expect(throws: DiffusionError(.inputOutput, "/dev/full: cannot be written: No space left on device")) {
      try AtomicFile.write([1], to: "/dev/full")
    }
  }
}
