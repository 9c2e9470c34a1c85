import DiffusionCore
import DiffusionTUI
import Testing

/// Words that must be on the screen, and once.
@Suite("Words on the screen") struct WordsOnScreenTests {
  private var engine = SmilingEngine()

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  @Test(
    "clipped is there once, at any size and with any page", arguments: [20, 40, 80, 100, 200],
    ["", "T", "p", "v", "Tp"])
  mutating func clipped(columns: Int, keys: String) {
    for rows in [5, 8, 10, 12, 16, 20, 24, 30, 60] {
      for isPresented in keys.isEmpty ? [false, true] : [false] {
        var state = Scenes.after(3, columns, rows, steps: 8, engine: &engine)
        if isPresented { state.present() }
        for key in keys { engine.press(.character(key), on: &state) }
        let screen = text(state), count = screen.ranges(of: "clipped").count
        // Without the numbers each of three pictures has its own share; there is none of the noise.
        let most = keys.contains("T") && !screen.contains("shape") ? 2 : 1
        #expect(count <= most, "\(count) times at \(columns)x\(rows)\(isPresented ? ", presented" : "")")
      }
    }
    var state = Scenes.after(3, 80, 24, steps: 8, engine: &engine)
    #expect(text(state).ranges(of: "clipped").count == 1)
    engine.press(.character("p"), on: &state)
    #expect(text(state).ranges(of: "clipped").count == 1, "where the numbers are hidden the caption has it")
  }

  @Test(
    "the hash of x_t and that of the image say which they are", arguments: [(80, 24), (100, 30), (200, 60), (40, 60)])
  mutating func hashes(columns: Int, rows: Int) throws {
    var state = Scenes.after(4, columns, rows, steps: 4, engine: &engine)
    let shown = try #require(state.run?.history.last)
    let image = TensorStatistics(of: try #require(shown.images), histogramBins: 0)
    #expect(text(state).contains(/x_t sha256 +[0-9a-f]{8}/) && text(state).contains(/image sha256 +[0-9a-f]{7}/))
    #expect(text(state).contains(shown.statistics.prevSample.sha256.prefix(8)))
    #expect(text(state).contains(image.sha256.prefix(7)))
    engine.press(.left, on: &state)
    #expect(text(state).contains("x_t sha256") && !text(state).contains("image sha256"))
    engine.press(.character("v"), on: &state)
    #expect(text(state).contains("x_0 sha256"))
    engine.press(.character("G"), on: &state)
    #expect(columns < 80 || text(state).contains("x_t sha256"))
  }

  @Test(
    "a title keeps the setting that differs, whatever the width",
    arguments: [
      ["scheduler ddim", "scheduler euler"], ["eta 0", "eta 0.5"], ["device cpu", "device cpu:portable"],
      ["device cpu:portable", "device cpu:reference"], ["steps 4", "steps 6"], ["seed 1", "seed 2"],
      ["variation 9 0.5", "variation 9 0.25"], ["noise cpu", "noise cuda"],
    ])
  mutating func titles(commands: [String]) throws {
    var state = Scenes.started(80, 24, steps: 8, engine: &engine)
    engine.press(.character("c"), on: &state)
    // Both runs have one seed, so that only the setting differs.
    for (run, command) in zip(["1", "2"], commands) {
      for line in ["focus-run-\(run)", "seed 5", command] {
        for character in ":" + line { engine.press(.character(character), on: &state) }
        engine.press(.enter, on: &state)
      }
    }
    let values = commands.map { String($0.split(separator: " ").last ?? "") }
    for columns in [14, 20, 40, 100] {
      let titles = [0, 1].map { title(of: $0, in: state, columns: columns) }
      #expect(titles[0] != titles[1], "\(titles)")
      for (title, value) in zip(titles, values) {
        // A value that does not fit is shown in part, with a mark, or a device without "cpu".
        let isWhole = value.columns <= columns - 4, kind = value.split(separator: ":").last ?? ""
        let isShown = isWhole ? title.contains(value) : title.contains(kind) || title.contains("\u{2026}")
        #expect(isShown, "'\(title)' lacks \(value)")
      }
    }
  }

  @Test("titles tell every run from the others where there is room for a few words", arguments: LessonScenes.all)
  mutating func lessonTitles(lesson: Lesson) {
    var state = Scenes.started(80, 24, steps: 8, engine: &engine)
    state.lessonFiles = LessonScenes.files.filter { $0.key == lesson.name }
    engine.press(.character("L"), .enter, on: &state)
    // Eight runs on 80 columns have titles of 19.
    for columns in [19, 24, 36, 100] {
      var seen: [String: RunRequest] = [:]
      for index in state.panes.indices {
        let title = title(of: index, in: state, columns: columns), request = state.panes[index].request
        #expect(seen[title] == nil || seen[title] == request, "\(lesson.name), \(columns) columns: '\(title)'")
        seen[title] = request
      }
    }
  }

  @Test("long prompts take no time, and differ where their first words do", arguments: [24, 80])
  mutating func longPrompts(columns: Int) throws {
    let words = String(repeating: "lorem ipsum ", count: 8000)
    let requests = (0..<8).map { run in
      let prompts = Array(repeating: "pizza \(run) \(words)", count: 20)
      return RunRequest(settings: RunSettings(seeds: [0], threads: 2, prompts: prompts))
    }
    let state = State(
      size: Size(columns: columns, rows: 24), capabilities: Scenes.fullColor, run: requests[0],
      others: Array(requests.dropFirst()))
    let titles = requests.indices.map { title(of: $0, in: state, columns: columns) }
    #expect(Set(titles).count == 8, "\(titles)")
  }

  @Test("a demonstration is one at every width", arguments: [14, 20, 27, 40, 100])
  mutating func demonstration(columns: Int) throws {
    let runs = try [2, 3].map { RunSettings(seeds: [0], device: try Device(parsing: "cpu:reassociated"), threads: $0) }
    let state = Scenes.comparing(runs + [RunSettings(seeds: [0], threads: 2)], 80, 24, engine: &engine)
    #expect(title(of: 0, in: state, columns: columns).contains("demo"))
  }

  /// Runs of one seed, which differ in settings whose short forms are alike.
  private static let alike: [[RunSettings]] = [
    [("eta", 1.0), ("eta", 0.5), ("steps", 6)].map { name, value in
      var settings = RunSettings(seeds: [0], steps: 8, threads: 2), branch = RunBranch(step: 3)
      branch.changes[name] = name == "steps" ? .integer(6) : SettingValue(number: value)
      settings.branches = [branch]
      return settings
    },
    [2, 4].map { first in
      var settings = RunSettings(seeds: [0], steps: 9, threads: 2)
      settings.branches = [first, 5].map { step in
        var branch = RunBranch(step: step)
        branch.changes["eta"] = SettingValue(number: step == 5 ? 0.5 : 1)
        return branch
      }
      return settings
    },
    ["a/cat.png", "b/cat.png"].map { path in
      var settings = RunSettings(seeds: [0], steps: 8, threads: 2)
      settings.initImage = PictureReference(path)
      return settings
    },
  ]

  @Test("titles tell runs apart whose settings look alike", arguments: alike, [24, 36, 80])
  mutating func alikeTitles(runs: [RunSettings], columns: Int) {
    let state = Scenes.comparing(runs, 80, 24, engine: &engine)
    let titles = runs.indices.map { title(of: $0, in: state, columns: columns) }
    #expect(Set(titles).count == runs.count, "\(titles)")
  }

  @Test("a number in a title says what it is of, at every width", arguments: [16, 20, 30, 80])
  mutating func numbers(columns: Int) {
    let runs: [RunSettings] = [Float(0.5), 0.75].map { eta in
      var settings = RunSettings(seeds: [0], steps: 8, threads: 2)
      settings.eta = eta
      return settings
    }
    let state = Scenes.comparing(runs, 80, 24, engine: &engine)
    #expect(title(of: 0, in: state, columns: columns).contains("eta 0.5"))
  }

  /// The words of a title, without its number.
  private func title(of index: Int, in state: State, columns: Int) -> String {
    let part = Rect(column: 0, row: 0, columns: columns, rows: 1)
    var frame = Frame(size: part.size)
    let look = Look(theme: Theme.plain, capabilities: Scenes.fullColor)
    PaneTitle(state: state, index: index).draw(into: &frame, in: part, look: look)
    return String(frame.text(row: 0).dropFirst(4))
  }
}
