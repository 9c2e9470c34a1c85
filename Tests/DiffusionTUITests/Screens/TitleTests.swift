import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Titles of runs") struct TitleTests {
  /// Runs of 20 steps with seed 0, each with its settings as they are typed.
  struct Runs: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let requests: [RunRequest]

    init(_ name: String, _ runs: [[String]]) throws {
      testDescription = name
      requests = try runs.map { lines in
        var request = RunRequest(settings: RunSettings(seeds: [0], steps: 20, threads: 2))
        for line in lines {
          let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
          try #require(Setting.named(parts[0])).assign(text: parts[1], to: &request)
        }
        return request
      }
    }

    var state: State {
      State(
        size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor, run: requests[0],
        others: Array(requests.dropFirst()))
    }
  }

  static var all: [Runs] {
    get throws {
      try [options(), switches(), schedulers(), kinds(), branches(), devices(), lists(), prompts()]
    }
  }

  private static func options() throws -> Runs {
    let runs = [("5", "0.1", "trailing"), ("5", "0.2", "trailing"), ("5", "0.2", "leading"), ("6", "0.2", "leading")]
    return try Runs(
      "long seeds and options",
      runs.map { digit, eta, spacing in
        ["seeds 12345678901234\(digit)", "eta \(eta)", "scheduler_options timestep_spacing=\(spacing)"]
      })
  }

  private static func switches() throws -> Runs {
    try Runs(
      "options that are switches",
      [
        ["scheduler euler"], ["scheduler euler-ancestral"],
        ["scheduler dpm-multi", "scheduler_options use_karras_sigmas=true"], ["scheduler dpm-multi", "steps 21"],
        ["seeds 1234567"], ["seeds 1234568"],
      ])
  }

  private static func prompts() throws -> Runs {
    try Runs("long prompts", ["red", "blue"].map { ["prompt a photo of a \($0) heart on a plain white ground"] })
  }

  private static func schedulers() throws -> Runs {
    try Runs(
      "schedulers",
      [
        ["seeds 123456789012345678", "eta 0.12345"], ["seeds 123456789012345679", "eta 0.12346"],
        ["seeds 123456789012345678", "scheduler euler-ancestral", "eta 1"],
        [
          "seeds 123456789012345678", "scheduler dpm-multi", "steps 21",
          "scheduler_options use_karras_sigmas=true,algorithm_type=sde-dpmsolver++",
        ],
      ])
  }

  private static func kinds() throws -> Runs {
    try Runs(
      "one setting each",
      [
        ["weights bfloat16"], ["weights float16"], ["threads 1"], ["generator_device cuda", "gpu_model t4"],
        ["generator_device cuda", "gpu_model a100"], ["variation 4 x 0.25"],
        ["use_clipped_model_output true", "eta 1"], ["call 2", "eta 1"],
      ])
  }

  private static func branches() throws -> Runs {
    try Runs("branches", [[], ["branches 8,scheduler=euler"], ["branches 8,scheduler=euler,steps=40"]])
  }

  private static func devices() throws -> Runs {
    try Runs(
      "devices",
      [
        ["threads 1"], ["device cpu:portable", "threads 3"], ["device cpu:portable"],
        ["device cpu:reassociated", "threads 3"],
      ])
  }

  private static func lists() throws -> Runs {
    try Runs(
      "lists of generators",
      [
        [], ["call 2"], ["seeds 0,1", "image 1"], ["seeds 0,1", "image 2"], ["seeds 0,0", "image 2"],
      ])
  }

  @Test("have whole words, or a mark where something was cut", arguments: try all, [true, false])
  func marked(runs: Runs, isUnicode: Bool) {
    let state = runs.state, mark: Character = isUnicode ? "\u{2026}" : "~"
    for index in runs.requests.indices {
      let request = runs.requests[index], whole = Self.wholeWords(of: request, in: state.panes[index])
      for columns in 8...80 {
        let title = Self.title(of: index, in: state, columns: columns, isUnicode: isUnicode)
        let words = title.split(separator: "  ")
        let isASCII = title.allSatisfy { $0.isASCII }
        #expect(!words.isEmpty && (isUnicode || isASCII))
        for word in words where !word.contains(mark) && !word.contains("...") {
          #expect(
            Self.parts(of: String(word)).isSubset(of: whole), "'\(word)' in '\(title)' of \(columns) columns")
        }
        if words.count > 1 {
          let stubs = words.filter { $0.contains(mark) && $0.columns < 5 }
          #expect(stubs.isEmpty, "'\(title)' of \(columns) columns")
        }
      }
    }
  }

  @Test("tell every run from the others where eight are on 80 columns", arguments: try all) func telling(runs: Runs) {
    let state = runs.state
    for columns in 19...80 {
      let titles = runs.requests.indices.map { Self.title(of: $0, in: state, columns: columns) }
      #expect(Set(titles).count == titles.count, "\(titles) of \(columns) columns")
    }
  }

  @Test("name the scheduler, where it differs, before a number that tells the run as well")
  func scheduler() throws {
    let state = try Self.schedulers().state
    for columns in 19...80 {
      #expect(Self.title(of: 2, in: state, columns: columns).contains("euler-ancestral"))
      #expect(Self.title(of: 3, in: state, columns: columns).contains("dpm-multi"))
    }
  }

  @Test("keep what differs besides, and a variation says that it is one") func besides() throws {
    let kinds = try Self.kinds().state, devices = try Self.devices().state, lists = try Self.lists().state
    for columns in 19...80 {
      #expect(Self.title(of: 6, in: kinds, columns: columns).contains("eta 1"))
      #expect(Self.title(of: 5, in: kinds, columns: columns).contains(/(var 4 x|towards 4 by) 0\.25/))
      #expect(Self.title(of: 2, in: devices, columns: columns).contains(/portable  2 th/))
    }
    for columns in 24...80 { #expect(Self.title(of: 4, in: lists, columns: columns).contains(/seeds 0,0  image 2/)) }
  }

  @Test("of branches keep what changes, and mark what they leave out") func changes() throws {
    let state = try Self.branches().state
    for columns in 24...80 {
      let titles = [1, 2].map { Self.title(of: $0, in: state, columns: columns) }
      #expect(titles[0].contains("at 8: euler") && titles[1].contains("at 8: 40 steps, "), "\(titles)")
      #expect(titles[1].contains("euler") != titles[1].contains("\u{2026}"))
    }
    let long = try Runs("", [["steps 50"], ["steps 50", "branches 30,scheduler=euler,steps=40"]]).state
    #expect(Self.title(of: 1, in: long, columns: 25).hasPrefix("at 30: 40 steps, \u{2026}"))
    #expect(Self.title(of: 1, in: long, columns: 32).hasPrefix("at 30: 40 steps, euler"))
  }

  /// The parts that the words of a run's title are made of.
  private static func wholeWords(of request: RunRequest, in pane: Pane) -> Set<String> {
    let texts = Setting.all.flatMap { [$0.title(of: request), $0.text(of: request), $0.label] }
    let own = ["\(pane.position)/\(pane.stepCount)", "ref", "demo", "\(request.settings.device)", "var", "no options"]
    return (texts + own).reduce(into: []) { $0.formUnion(parts(of: $1)) }
  }

  private static func parts(of text: String) -> Set<String> {
    Set(text.split { " :,()/\"".contains($0) }.map(String.init))
  }

  /// The words of a title, without its number.
  private static func title(of index: Int, in state: State, columns: Int, isUnicode: Bool = true) -> String {
    let part = Rect(column: 0, row: 0, columns: columns, rows: 1)
    var frame = Frame(size: part.size)
    let capabilities = TerminalCapabilities(colorTier: .trueColor, unicode: isUnicode, reason: "test")
    let look = Look(theme: Theme.plain, capabilities: capabilities)
    PaneTitle(state: state, index: index).draw(into: &frame, in: part, look: look)
    let text = String(frame.text(row: 0).dropFirst(4))
    return String(text[..<(text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex)])
  }
}
