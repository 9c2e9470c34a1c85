import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

/// What is no regular file is refused in one line, and never waited for.
@Suite("A pipe or a device") struct SpecialFileTests {
  private func pipe() throws -> String {
    let path = NSTemporaryDirectory() + "diffusion-tui-\(UUID().uuidString)"
    try #require(mkfifo(path, 0o600) == 0)
    return path
  }

  @Test("in place of a session is named in a notice") func session() throws {
    let path = try pipe()
    defer { unlink(path) }
    for (file, kind) in [(path, "pipe"), ("/dev/zero", "device")] {
      let loaded = SessionStore(path: file, files: .system()).load(model: "demo")
      #expect(loaded.session == nil)
      let message = "\(file): not a regular file but a \(kind)"
      #expect(loaded.notice == "the last session is not resumed: \(message)")
      #expect(throws: DiffusionError(.badData, message)) { try FileSystem.system().write([], file) }
    }
  }

  @Test("in place of a file of the explorer is an error") func files() throws {
    let path = try pipe()
    defer { unlink(path) }
    #expect(throws: DiffusionError(.badData, "\(path): not a regular file but a pipe")) {
      try FileSystem.system().read(path)
    }
  }
}
