import DiffusionTUI
import Foundation
import Testing

@Suite struct LessonCommandTests {
  @Test func aBareCommandListsEveryLesson() throws {
    let result = try Program.run(["lesson"])
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n")
    let lessons = LessonLibrary().lessons
    #expect(lines.count == lessons.count + 1)
    for (line, lesson) in zip(lines.dropFirst(), lessons) {
      #expect(line.hasPrefix(lesson.name + " "))
      #expect(line.contains(lesson.title) && line.contains(lesson.summary))
    }
  }

  @Test(arguments: [
    ("title = ", "line 1, column 9: "), ("title = \"A\"", "runs has 0 entries: expected 1 to 8"),
    ("titel = \"A\"", "titel is unknown"),
  ])
  func aFileThatIsNotALessonIsNamed(text: String, message: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/own.toml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let result = try Program.run(["lesson", path])
    #expect(result.status == 65)
    #expect(result.error.hasPrefix("diffusion-tui: lesson \(path): \(message)"), "\(result.error)")
  }

  @Test("a lesson comes from standard input as well, and a faulty one says so")
  func standardInput() throws {
    let result = try Program.run(["lesson", "-"], input: "titel = \"A\"")
    #expect(result.status == 65)
    #expect(result.error.hasPrefix("diffusion-tui: lesson standard input: titel is unknown"), "\(result.error)")
  }

  @Test func theSecondCallOfAGeneratorIsAnotherImage() throws {
    func hash(_ arguments: String) throws -> String {
      let words = "generate --steps 2 --seed 0 \(arguments)".split(separator: " ").map(String.init)
      let lines = try Program.run(words).output.split(separator: "\n")
      return String(try #require(lines.first { $0.hasPrefix("image sha256") }))
    }
    let second = try hash("--call 2")
    #expect(try second == hash("--batch-size 2 --image 2"))
    #expect(try second != hash(""))
    #expect(try hash("--batch-size 2 --image 1") == hash(""))
  }
}
