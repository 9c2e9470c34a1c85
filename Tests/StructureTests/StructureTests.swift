import Testing

@Suite("How the sources are laid out") struct StructureTests {
  /// The targets, each after those that it may import.
  private static let order = [
    "CNCurses", "CPNG", "CCurl", "CGPU", "CTensorKernels", "CDemoModel", "TensorKernels", "GPUKernels",
    "DiffusionCore", "DemoModel", "Themes", "Lessons", "DiffusionTUI", "CommandLineKit", "diffusion-tui",
  ]

  /// Arrows that close a cycle of folders, by target. None may be added, and one that closes none any more must go.
  private static let knownCycles: [String: Set<String>] = [:]

  @Test("no target imports one that comes after it", arguments: try SourceTree.folders(in: "Sources"))
  func imports(target: String) throws {
    let place = try #require(Self.order.firstIndex(of: target), "say where \(target) stands among the targets")
    let later = Set(Self.order[place...])
    for file in try SourceTree.files(in: "Sources/\(target)", endings: ["swift"]) {
      for line in file.text.split(separator: "\n") {
        let words = line.split(separator: " ").drop { $0.hasPrefix("@") || $0 == "public" || $0 == "package" }
        guard words.first == "import", let module = words.dropFirst().first else { continue }
        #expect(!later.contains(String(module)), "\(target)/\(file.path): \(line)")
      }
    }
  }

  @Test("the folders of a target form no cycle", arguments: try SourceTree.folders(in: "Sources"))
  func cycles(target: String) throws {
    let graph = FolderGraph(try SourceTree.files(in: "Sources/\(target)", endings: ["swift"]))
    let known = Self.knownCycles[target, default: []]
    let excepted = Set(graph.arrows.keys.filter { known.contains($0.description) })
    for arrow in graph.cycles(without: excepted) {
      let names = graph.arrows[arrow, default: []].sorted().joined(separator: ", ")
      Issue.record("\(target): \(arrow) closes a cycle, for \(names)")
    }
    for arrow in known.subtracting(graph.cycles().map(\.description)).sorted() {
      Issue.record("\(target): \(arrow) closes no cycle any more: take it off the list")
    }
  }

  @Test(
    "no line has more than 120 columns",
    arguments: try ["Sources", "Tests"].flatMap { parent in
      try SourceTree.folders(in: parent).map { "\(parent)/\($0)" }
    } + ["themes", "lessons"])
  func lines(folder: String) throws {
    var found: [String] = []
    for file in try SourceTree.files(in: folder, endings: ["swift", "c", "h", "inc", "toml"]) {
      for (index, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      where line.utf8.count > 120 && line.count > 120 {
        found.append("\(folder)/\(file.path):\(index + 1) has \(line.count) columns")
      }
    }
    #expect(found == [])
  }
}

@Suite("The search for cycles between folders") struct FolderGraphTests {
  private static func cycles(_ files: [(path: String, text: String)]) -> [String] {
    FolderGraph(files).cycles().map(\.description)
  }

  @Test("sees types, functions and members of extensions") func kinds() {
    let low = (
      path: "Low/A.swift",
      text:
        "struct A { let b: Int }\nfunc start() {}\nextension Int { var twice: Int { 2 * self } }"
    )
    #expect(Self.cycles([low, ("High/B.swift", "struct B { let a: A }")]).isEmpty)
    for use in ["B", "B.self", "[B]", "\"\\(B.self)\""] {
      let file = (path: "Low/C.swift", text: "struct C { let b = \(use) }")
      #expect(
        Self.cycles([low, file, ("High/B.swift", "struct B { let a: A }")]) == [
          "High -> Low", "Low -> High",
        ])
    }
    let up = (path: "Low/C.swift", text: "let c: [B] = []")
    for use in ["start()", "1.twice"] {
      #expect(Self.cycles([low, up, ("High/B.swift", "struct B { let a = \(use) }")]).count == 2)
    }
  }

  @Test("sees cycles of three") func three() {
    let files = [
      ("A/A.swift", "struct A { let b: B }"), ("B/B.swift", "struct B { let c: [C] }"),
      ("C/C.swift", "enum C { case a(A) }"),
    ]
    #expect(Self.cycles(files) == ["A -> B", "B -> C", "C -> A"])
  }

  @Test("leaves alone comments, strings, private and nested types, members of that name")
  func mentions() {
    let high = (
      path: "High/B.swift", text: "struct B { let a: A }\nprivate struct D {}\nfunc view() {}"
    )
    for text in [
      "// B\n/* B */", "let text = \"B\"", "let text = #\"\\(B)\"#",
      "let text = \"\"\"\n  B \"B\"\n  \"\"\"",
      "let d: D", "struct Own { struct B {}\n let b: B }", "let b = Other.B()",
      "let view = other.view()",
    ] {
      #expect(Self.cycles([("Low/A.swift", "struct A {}\n" + text), high]).isEmpty, "\(text)")
    }
  }
}
