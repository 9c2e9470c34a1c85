import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import Glibc
import Testing

/// Files that cannot be written to their end, and what is left of programs that were killed.
@Suite struct FullDiskTests {
  /// In `sh`, a unit of `ulimit -f` is 512 bytes: the table fits, the array does not.
  @Test(arguments: ["--output", "--trace", "--contact-sheet"]) func aLimitOnFilesIsAnError(option: String) throws {
    let folder = try TemporaryFolder()
    let target = folder.path + (option == "--output" ? "/a.npy" : option == "--trace" ? "/t" : "/a.png")
    let scale = option == "--contact-sheet" ? ["--scale", "8"] : []
    let arguments = ["generate", "--seed", "0", "--steps", "1", option, target] + scale
    let result = try Program.run(arguments, limits: "ulimit -f 8")
    #expect(!result.wasSignalled && result.status == 74, "\(result.error)")
    #expect(result.error.hasPrefix("diffusion-tui: \(folder.path)/") && result.error.contains("File too large"))
    #expect(result.error.filter { $0 == "\n" }.count == 1)
    #expect(try folder.contents == [])
  }

  @Test func aLimitOnStandardOutputIsAnError() throws {
    let result = try Program.run(["inspect"], limits: "ulimit -f 1")
    #expect(!result.wasSignalled && result.status == 74)
    #expect(result.error.contains("standard output: cannot be written: File too large"))
  }

  @Test func aFullDiskIsAnError() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/a.npy", withDestinationPath: "/dev/full")
    let result = try Program.run(["randn", "--shape", "4,4", "--seed", "0", "--output", folder.path + "/a.npy"])
    #expect(result.status == 74 && result.error.contains("No space left on device"))
    #expect(result.error.filter { $0 == "\n" }.count == 1)
    #expect(try folder.contents == ["a.npy"])
  }

  /// A program that is killed in the middle of a write, and the next one that writes there.
  @Test func theNextRunRemovesWhatAKilledOneLeft() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/a.npy"
    let arguments = ["randn", "--shape", "1024,4096", "--seed", "0", "--output", target]
    var leftover = false
    for _ in 0..<20 where !leftover {
      _ = try Program.run(arguments) { process in
        while process.isRunning, try folder.contents.filter({ $0.hasSuffix(".partial") }).isEmpty { usleep(100) }
        kill(process.processIdentifier, SIGKILL)
      }
      leftover = try folder.contents.contains { $0.hasSuffix(".partial") }
    }
    #expect(leftover)
    #expect(try Program.run(["randn", "--shape", "4,4", "--seed", "0", "--output", target]).status == 0)
    #expect(try folder.contents == ["a.npy"])
  }

  @Test func theNextTraceRemovesWhatAKilledOneLeft() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/t"
    // The system kills it after a second of processor time, however late this test's own thread comes.
    let arguments = ["generate", "--seed", "0", "--steps", "1000", "--trace", target]
    let killed = try Program.run(arguments, limits: "ulimit -t 1")
    #expect(killed.wasSignalled && killed.status == SIGKILL)
    let left = try folder.contents
    #expect(left.count == 1 && left[0].hasSuffix(".partial"))
    // As version 0.1.0 left it, and a folder with a file that is not of a trace.
    for name in ["t.partial-4194305", "t.4194305-0.partial", "t.partial-notes"] {
      try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
      try Data().write(to: URL(fileURLWithPath: "\(folder.path)/\(name)/sample_0.npy"))
    }
    try Data().write(to: URL(fileURLWithPath: "\(folder.path)/t.4194305-0.partial/mine.txt"))
    #expect(try Program.run(["generate", "--seed", "0", "--steps", "1", "--trace", target]).status == 0)
    #expect(try folder.contents == ["t", "t.4194305-0.partial", "t.partial-notes"])
  }

  /// A pipe that nobody reads, as a terminal that is stopped with Ctrl-S.
  @Test func aBlockedSignalEndsTheWaitForAReader() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    var set = sigset_t(), former = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &set, &former)
    pthread_kill(pthread_self(), SIGTERM)
    defer {
      var number: Int32 = 0
      sigwait(&set, &number)
      pthread_sigmask(SIG_SETMASK, &former, nil)
    }
    let stream = DescriptorStream(descriptor: ends[1], name: "a pipe")
    let text = PrintedText(lines: String(repeating: "x", count: 1 << 20))
    #expect(throws: CancellationError.self) { try stream.write(text) }
  }
}
