import Foundation
import TestSupport
import Testing

/// The built program's memory does not grow with use. If a run were kept after a restart, its noise and its steps would
/// take 50 KiB, and 40 MiB in 800 restarts.
@Suite struct MemoryTests {
  /// In KiB: the allocator's growth for other reasons. In eleven runs of this test the growth was 64 KiB at most; 1 MiB
  /// leaves room for other allocators, and corresponds to 21 of the 800 runs.
  private static let allowance = 1024

  @Test func isFlatOverAThousandRestarts() throws {
    let conversation = try Conversation(["--plain", "--seed", "0", "--steps", "2"])
    var early = 0
    for round in 1...500 {
      try conversation.say(["restart", "seed \(round)"] + (round.isMultiple(of: 5) ? ["step 1"] : []))
      guard round == 100 || round == 500 else { continue }
      try conversation.waitForAnswers(after: round)
      let memory = try #require(ResidentMemory.kibibytes(of: conversation.process.processIdentifier))
      if round == 100 { early = memory }
      #expect(memory <= early + Self.allowance, "\(memory) KiB after \(2 * round) restarts, \(early) KiB after 200")
    }
  }
}

/// The program in `--plain`, and a client.
private final class Conversation {
  let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var heard = Data()

  init(_ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: try Program.path)
    process.arguments = arguments
    // Whether a thread gets an arena of its own, of 1 MiB, depends on what else the machine does.
    process.environment = ProcessInfo.processInfo.environment.merging(["MALLOC_ARENA_MAX": "1"]) { $1 }
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  func say(_ lines: [String]) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  /// Reads the answers, until all of them have arrived.
  func waitForAnswers(after round: Int) throws {
    let mark = "answered-\(round)"
    try say([mark])
    while heard.range(of: Data("'\(mark)'".utf8)) == nil {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw CocoaError(.fileReadUnknown) }
      heard.append(more)
    }
    heard = Data()
  }
}
