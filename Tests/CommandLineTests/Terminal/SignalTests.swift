import DiffusionCore
import Foundation
import Glibc
import Testing

/// Whatever ends the explorer, the terminal is as it was.
@Suite(.serialized) struct SignalTests {
  /// All signals that end a process by default. glibc keeps 32 and 33: posix_spawn has 32 ignored, and its own handler
  /// ignores 33.
  private static let deadly: [Int32] = {
    let others = [SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGPIPE, 32, 33]
    return (1...64).filter { !others.contains($0) }
  }()

  private static func start(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> TerminalProgram {
    let program = try TerminalProgram(["--seed", "3", "--steps", "4"] + arguments, environment: environment)
    try #require(program.read(until: "quit"))
    return program
  }

  @Test func everySignalGivesTheTerminalBack() throws {
    for part in stride(from: 0, to: Self.deadly.count, by: 8) {
      let signals = Self.deadly[part..<min(part + 8, Self.deadly.count)]
      let programs = try signals.map { ($0, try Self.start(["--no-session"])) }
      for (signal, program) in programs {
        kill(program.process, signal)
        #expect(program.end(within: .seconds(20))?.signal == signal, "signal \(signal)")
        program.readTheRest()
        #expect(program.leftovers == [], "signal \(signal)")
      }
    }
  }

  /// A program that has saved its first step, and whose terminal takes no more.
  private static func frozen() throws -> TerminalProgram {
    let program = try start()
    program.type("\u{1B}[C")
    try #require(program.read(until: { isSaved(program) }))
    try #require(program.fillTheTerminal())
    program.isFrozen = true
    return program
  }

  private static func isSaved(_ program: TerminalProgram) -> Bool {
    let path = program.home.path + "/.local/state/diffusion-tui/session.json"
    return (try? String(contentsOfFile: path, encoding: .utf8))?.contains("\"position\" : 1") == true
  }

  /// As with a frozen ssh connection: the terminal takes no more, and write(2) does not return.
  @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGUSR1])
  func aTerminalThatIsNotReadIsNoObstacle(signal: Int32) throws {
    let program = try Self.frozen()
    kill(program.process, signal)
    // A third of a second where the machine has time.
    #expect(program.end(within: .seconds(4))?.signal == signal)
    #expect(program.hasFormerModes)
    program.isFrozen = false
    program.readTheRest()
    #expect(program.leftovers == [])
    #expect(Self.isSaved(program))
  }

  /// A key cannot be read by a program that waits in write(2): the terminal itself makes a signal of it.
  @Test func controlCEndsOneThatIsNotRead() throws {
    let program = try Self.frozen()
    program.type("\u{03}")
    #expect(program.end(within: .seconds(4))?.signal == SIGINT)
    #expect(program.hasFormerModes)
    program.isFrozen = false
    program.readTheRest()
    #expect(program.leftovers == [])
    #expect(Self.isSaved(program))
  }

  @Test("Ctrl-C after the terminal was read again is a key") func controlCIsAKeyAgain() throws {
    let program = try Self.start(["--no-session"])
    try #require(program.fillTheTerminal())
    program.readTheRest()
    program.type("\u{03}")
    let end = try #require(program.end(within: .seconds(20)))
    #expect(end.signal == 0 && end.status == 0)
    program.readTheRest()
    #expect(program.leftovers == [])
  }

  /// The key is read, since nothing is being drawn; what closes the screen is not.
  @Test(arguments: ["\u{03}", "q"]) func closingWaitsForNoReader(key: String) throws {
    let program = try Self.start(["--no-session"])
    program.readTheRest()
    try #require(program.blockTheTerminal())
    program.isFrozen = true
    program.type(key)
    let end = try #require(program.end(within: .seconds(6)))
    #expect(end.signal == 0 && end.status == 0)
    #expect(program.hasFormerModes)
    program.isFrozen = false
    program.readTheRest()
    #expect(program.leftovers == [])
  }

  /// What handlers write is put together of the terminal's own strings.
  @Test(arguments: [4_000, 15_000, 60_000]) func stringsOfATerminalMayBeLong(length: Int) throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "\u{1B}[0m", count: length / 4)
    for (name, sgr0, rmcup) in [("sgr0", long, "\u{1B}[?1049l"), ("both", long, "\u{1B}[?1049l" + long)] {
      try CompiledTerminal(name: name, sgr0: sgr0, rmcup: rmcup).write(to: folder.path)
      let program = try TerminalProgram(
        ["--no-session", "--seed", "3"],
        environment: ["TERM": name, "TERMINFO": folder.path, "COLORTERM": "", "TERMINFO_DIRS": folder.path])
      guard length <= 15_000 else {
        // ncurses reads no entry of more than 32 KiB.
        let end = try #require(program.end(within: .seconds(20)))
        #expect(end.signal == 0 && end.status == 69)
        continue
      }
      try #require(program.read(until: "quit"))
      kill(program.process, SIGQUIT)
      #expect(program.end(within: .seconds(20))?.signal == SIGQUIT)
      program.readTheRest()
      #expect(program.hasFormerModes)
      #expect(String(decoding: program.output.suffix(2 * length + 600), as: UTF8.self).contains("\u{1B}[?1049l"))
    }
  }
}

/// An entry of terminfo in its compiled form.
private struct CompiledTerminal {
  let name: String
  let sgr0: String
  let rmcup: String

  /// The strings by their numbers in term.h.
  private var strings: [Int: String] {
    [
      5: "\u{1B}[H\u{1B}[2J", 10: "\u{1B}[%i%p1%d;%p2%dH", 13: "\u{1B}[?25l", 16: "\u{1B}[?25h",
      28: "\u{1B}[?1049h", 39: sgr0, 40: rmcup,
      355: "\u{1B}[M",
    ]
  }

  func write(to folder: String) throws {
    var table: [UInt8] = []
    let offsets = (0...355).map { number -> UInt16 in
      guard let text = strings[number] else { return 0xFFFF }
      defer { table += Array(text.utf8) + [0] }
      return UInt16(truncatingIfNeeded: table.count)
    }
    let names = Array(name.utf8) + [0]
    let numbers: [UInt16] = [80, 8, 24]
    let header: [UInt16] = [
      0o432, UInt16(names.count), 0, UInt16(numbers.count), UInt16(offsets.count),
      UInt16(truncatingIfNeeded: table.count),
    ]
    func bytes(_ words: [UInt16]) -> [UInt8] { words.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } }
    let padding: [UInt8] = names.count.isMultiple(of: 2) ? [] : [0]
    let place = "\(folder)/\(name.prefix(1))"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try Data(bytes(header) + names + padding + bytes(numbers) + bytes(offsets) + table)
      .write(to: URL(fileURLWithPath: "\(place)/\(name)"))
  }
}
