import DiffusionCore
import TestSupport
import Testing

@Suite("The class of a run's images") struct ClassSettingsTests {
  private static let texts: [(String, [ClassLabel])] = [
    ("default", []), ("", []), ("207", [.number(207)]), ("golden retriever", [.name("golden retriever")]),
    (" 3 , fish,0", [.number(3), .name("fish"), .number(0)]), ("0,0", [.number(0), .number(0)]),
    ("jack-o'-lantern", [.name("jack-o'-lantern")]),
  ]

  @Test("is a number, a name or a list, and its text reads back", arguments: texts)
  func typed(text: String, labels: [ClassLabel]) throws {
    var request = RunRequest.plain
    try Setting.classLabels.assign(text: text, to: &request)
    #expect(request.settings.classLabels == labels)
    #expect(request.settings.batchSize == max(1, labels.count))
    var read = RunRequest.plain
    try Setting.classLabels.assign(text: Setting.classLabels.text(of: request), to: &read)
    #expect(read.settings.classLabels == labels)
  }

  @Test(
    "is refused in one line that names it",
    arguments: ["-1", "?!", "1,,2", "1,-2", "a;b", "99999999999999999999", "1.5", "[fish]"])
  func refused(text: String) throws {
    var request = RunRequest.plain
    let error = try #require(throws: DiffusionError.self) {
      try Setting.classLabels.assign(text: text, to: &request)
    }
    #expect(error.kind == .usage && error.message.hasPrefix("class_label "), "\(error.message)")
    #expect(request == .plain)
  }

  @Test("files have one as a value, several as a list, and none not at all") func stored() throws {
    var request = RunRequest.plain
    #expect(Setting.classLabels.value(of: request) == .null && Setting.classLabels.isUsual(in: request))
    request.settings.classLabels = [.number(3)]
    #expect(Setting.classLabels.value(of: request) == .integer(3))
    request.settings.classLabels.append(.name("fish"))
    #expect(Setting.classLabels.value(of: request) == .list([.integer(3), .text("fish")]))
    #expect(Setting.classLabels.title(of: request) == "classes 3,fish")
    #expect(Setting.classLabels.title(of: .plain) == "class 0")
    var read = RunRequest.plain
    try Setting.classLabels.assign(.list([.integer(207), .text("fish")]), to: &read)
    #expect(read.settings.classLabels == [.number(207), .name("fish")])
  }

  @Test("several are one for each image") func batch() throws {
    let labels = (0..<3).map(ClassLabel.number)
    #expect(try RunSettings(threads: 1, classLabels: labels).resolved().batchSize == 3)
    let error = try #require(throws: DiffusionError.self) {
      try RunSettings(batchSize: 2, threads: 1, classLabels: labels).resolved()
    }
    #expect(error.message == "there are 3 classes for 2 images: expected 1, or one for each")
    #expect(throws: DiffusionError.self) { try RunSettings(seeds: [1, 2], threads: 1, classLabels: labels).resolved() }
    #expect(throws: DiffusionError.self) {
      try RunSettings(threads: 1, prompts: ["a", "b"], classLabels: labels).resolved()
    }
  }

  @Test("a branch with classes is read back from its text") func branch() throws {
    var request = RunRequest.plain
    request.settings.batchSize = 2
    request.settings.branches = [
      RunBranch(step: 2, changes: ["class_label": .list([.integer(3), .text("golden retriever")])]),
      RunBranch(step: 3, changes: ["class_label": .integer(1), "eta": .integer(1)]),
      RunBranch(step: 4, changes: ["class_label": .null]),
    ]
    let line = Setting.branches.text(of: request)
    var read = RunRequest.plain
    read.settings.batchSize = 2
    try Setting.branches.assign(text: line, to: &read)
    #expect(try read.settings.parts().map(\.settings.classLabels.count) == [0, 2, 1, 0], "\(line)")
    #expect(try read.settings.parts()[1].settings.classLabels == [.number(3), .name("golden retriever")])
  }
}
