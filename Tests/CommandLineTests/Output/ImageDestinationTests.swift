import CommandLineKit
import Testing

@Suite struct ImageDestinationTests {
  /// Each check writes a file to the folder: no two may meet, and none may leave its own.
  @Test func checksOfOneFolderDoNotMeet() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try await withThrowingTaskGroup { group in
      for task in 0..<8 {
        group.addTask {
          for index in 0..<200 { _ = try ImageDestination(path: "\(path)/\(task)-\(index).png") }
        }
      }
      try await group.waitForAll()
    }
    #expect(try folder.contents == [])
  }
}
