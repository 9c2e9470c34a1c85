import DiffusionCore
import DiffusionTUI
import Testing

/// Every lesson that comes with the program, taken to its end on its model.
@Suite("Lessons tell the truth") struct LessonTruthTests {
  @Test(
    "every claim of every step holds in the engine, and its opposite does not",
    arguments: LessonScenes.all)
  func claims(lesson: Lesson) throws {
    var player = try LessonPlayer(lesson)
    for (index, step) in lesson.steps.enumerated() {
      #expect(player.state.lesson?.index == index)
      #expect(!player.state.isBusy)
      for check in step.checks {
        let finding = check.finding(in: player.state)
        #expect(finding.holds, "\(lesson.name), step \(index + 1): \(check): \(finding.text ?? "")")
        let wrong = check.opposite
        #expect(!wrong.finding(in: player.state).holds, "\(lesson.name), step \(index + 1): \(wrong)")
      }
      expectDisplay(of: player.state)
      try press(step.keys, of: lesson, &player)
    }
    #expect(player.state.lesson?.isLast == true)
  }

  /// Expects that the display is as the page takes it to be, and that the page says so where it is not.
  private func expectDisplay(of state: State) {
    guard let lesson = state.lesson else { return }
    let page = "\(lesson.lesson.name), step \(lesson.index + 1)"
    #expect(state.lessonFindings.allSatisfy(\.holds) && !state.lessonFindings.isEmpty, "\(page)")
    for key in ["T", "v"] + (state.isComparing ? ["D", "]", "C"] : []) {
      var other = state
      _ = reduce(&other, .key(.character(Character(key))))
      // A key that the page asks for leads on, and the scale is that of differences.
      guard other.lesson?.index == lesson.index, other.lesson?.pressed == 0, !other.isBusy,
        key != "]" || state.compare.view == .difference
      else { continue }
      #expect(other.lessonFindings.contains { !$0.holds }, "\(page): \(key)")
    }
  }

  @Test("where a device is missing, another stands in, the page says so, and every claim holds")
  func standIn() throws {
    let lesson = try #require(LessonScenes.all.first { $0.name == "cuda" })
    let text = try #require(LessonScenes.files["cuda"]).replacing(#""opencl""#, with: #""opencl:99""#)
    var player = try LessonPlayer(lesson, text: text), told = ""
    #expect(player.state.panes.last?.request.settings.device.description == "cpu:portable")
    for (index, step) in lesson.steps.enumerated() {
      #expect(player.state.lesson?.index == index)
      let page = try #require(player.state.lesson?.step)
      told += page.paragraphs.joined(separator: " ")
      expect(page, isSeenIn: player.state)
      for check in step.checks {
        #expect(check.finding(in: player.state).holds, "step \(index + 1): \(check)")
      }
      try press(step.keys, of: lesson, &player)
    }
    #expect(told.contains("this machine has no such device") && told.contains("doctor"))
  }

  @Test(
    "with a device, that is what computes",
    .enabled(
      if: Device.installed.contains { $0.description == "opencl" }, "no OpenCL device: install pocl-opencl-icd"))
  func device() throws {
    let lesson = try #require(LessonScenes.all.first { $0.name == "cuda" }), player = try LessonPlayer(lesson)
    #expect(player.state.panes.last?.request.settings.device.description == "opencl")
    #expect(player.state.lesson?.steps == lesson.steps)
  }

  /// Presses keys, each of which must be awaited and have a meaning when it is pressed.
  private func press(_ keys: [Key], of lesson: Lesson, _ player: inout LessonPlayer) throws {
    for key in keys {
      let state = player.state
      #expect(state.isAwaited(key), "\(lesson.name): \(key)")
      #expect(state.editor != nil || state.keyMap.action(for: key) != nil, "\(lesson.name): \(key)")
      try player.press(key)
    }
  }

  @Test("every text is shown whole, with the runs above or beside it", arguments: LessonScenes.all)
  func fits(lesson: Lesson) throws {
    var player = try LessonPlayer(lesson)
    for step in lesson.steps {
      for size in [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40)] {
        var state = player.state
        state.size = size
        expect(step, isSeenIn: state)
      }
      try press(step.keys, of: lesson, &player)
    }
  }

  private func expect(_ step: LessonStep, isSeenIn state: State) {
    let words = FrameText(view(state)).text.split { !$0.isLetter && !$0.isNumber }
    for paragraph in step.paragraphs {
      let missing = paragraph.split { !$0.isLetter && !$0.isNumber }.filter { !words.contains($0) }
      #expect(missing == [], "\(state.lesson?.lesson.name ?? "")")
    }
    #expect(LessonPanel.maximumScroll(state) == 0)
    #expect(LessonLayout(state).canvas.rows >= 17, "a picture of 32 rows is seen whole")
  }

  @Test("the lessons form one tour: Enter goes on to the next") func tour() throws {
    let files = LessonLibrary(files: LessonScenes.files)
    #expect(files.notices == [])
    #expect(files.lessons.count == LessonScenes.files.count)
    #expect(files.lessons.allSatisfy { $0.summary.count <= 75 && $0.title.count <= 34 }, "what the list has room for")
    var engine = SmilingEngine()
    var state = Scenes.started(engine: &engine)
    engine.press(.character("L"), .enter, on: &state)
    for lesson in files.lessons {
      #expect(state.lesson?.lesson == lesson)
      for key in lesson.steps.flatMap(\.keys) + [.enter] { engine.press(key, on: &state) }
    }
    #expect(state.lesson?.isLast == true)
    #expect(engine.runs.count == 1 + state.panes.count, "runs of lessons that were left are forgotten")
  }
}
