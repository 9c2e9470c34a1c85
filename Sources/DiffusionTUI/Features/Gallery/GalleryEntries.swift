import DiffusionCore

/// What one image of a gallery has of its own; all other settings are the same for all.
public enum GalleryEntry: Sendable, Hashable, ExpressibleByIntegerLiteral {
  /// The seed of its noise.
  case seed(Seed)
  /// Its prompt.
  case prompt(String)
  /// Its class.
  case label(ClassLabel)

  /// Creates the entry of a seed.
  public init(integerLiteral value: Int) { self = .seed(Seed(value)) }

  /// A request for this image.
  ///
  /// - Parameter shared: The request that all images share.
  package func request(_ shared: RunRequest) -> RunRequest {
    var request = shared
    switch self {
    case .seed(let seed): request.settings.seeds = [seed]
    case .prompt(let prompt): request.settings.prompts = [prompt]
    case .label(let label): request.settings.classLabels = [label]
    }
    return request
  }

  /// The entry in a sentence: `seed 5`, `"red heart"`.
  package var title: String {
    switch self {
    case .seed(let seed): "seed \(seed)"
    case .prompt(let prompt): "\"\(prompt)\""
    case .label(let label): "class \(label)"
    }
  }

  /// The entry below its image.
  package var label: String {
    switch self {
    case .seed(let seed): String(seed.number)
    case .prompt(let prompt): prompt.isEmpty ? "\"\"" : prompt
    case .label(let label): label.description
    }
  }
}

/// The images of a gallery: many seeds, or many prompts or classes with one seed.
public enum GalleryEntries: Sendable, Hashable {
  /// Consecutive seeds.
  case seeds(SeedRange)
  /// Prompts, each once; none stands for those of the run, or of the session.
  case prompts([String])
  /// Classes, each once, at least one.
  case classes([ClassLabel])

  /// The word for the prompts of the run, or of the session.
  private static let own = "prompts"
  /// The expected input.
  package static let hint =
    "\(SeedRange.hint); or prompts between |, such as pizza | red heart; or \(own); "
    + "or classes 0-7"

  /// Parses a range of seeds; `classes` with their numbers, ranges of them or their names; prompts with a `|` or a line
  /// break between them, or as a list in JSON; or the word `prompts`.
  ///
  /// - Throws: `DiffusionError` (`usage`): one line that says what was expected.
  public init(parsing text: String) throws {
    if text == Self.own {
      self = .prompts([])
    } else if let classes = try Self.classes(in: text) {
      self = .classes(classes)
    } else if let prompts = try Self.prompts(in: text) {
      guard (1...SeedRange.maximumCount).contains(prompts.count) else {
        throw DiffusionError(
          .usage,
          "gallery has \(prompts.count) prompts: expected 1 to \(SeedRange.maximumCount), such as pizza | red heart")
      }
      self = .prompts(prompts)
    } else if text.contains(where: \.isNumber) {
      self = .seeds(try SeedRange(parsing: text))
    } else {
      throw DiffusionError(.usage, "gallery '\(text)' is no range of seeds: expected \(Self.hint)")
    }
  }

  /// The prompts of a text, each once; nil for one that is no list of prompts.
  private static func prompts(in text: String) throws -> [String]? {
    if text.hasPrefix("[\"") {
      var request = RunRequest(settings: RunSettings(threads: 1))
      try Setting.prompt.assign(text: text, to: &request)
      guard request.settings.prompts != [text] else {
        throw DiffusionError(
          .usage, "gallery: a list that begins with [\" is JSON: expected [\"pizza\", \"red heart\"]")
      }
      return unique(request.settings.prompts)
    }
    guard text.contains(where: { $0 == "|" || $0.isNewline }) else { return nil }
    let parts = text.split { $0 == "|" || $0.isNewline }.map { part in
      String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
    return unique(parts.filter { !$0.isEmpty })
  }

  /// The classes of a text, each once; nil for one that does not begin with that word.
  private static func classes(in text: String) throws -> [ClassLabel]? {
    let words = text.split(separator: " ", maxSplits: 1)
    guard words.count == 2, ["class", "classes"].contains(words[0]), !text.contains("|") else { return nil }
    var request = RunRequest(settings: RunSettings(threads: 1))
    let parts = words[1].split(separator: ",").map { $0.drop { $0 == " " } }
    let labels = try parts.flatMap { part -> [ClassLabel] in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).compactMap { Int($0) }
      if ends.count == 2, ends[0] >= 0, ends[0] <= ends[1], ends[1] - ends[0] < SeedRange.maximumCount {
        return (ends[0]...ends[1]).map(ClassLabel.number)
      }
      try Setting.classLabels.assign(text: String(part), to: &request)
      return request.settings.classLabels
    }
    guard (1...SeedRange.maximumCount).contains(labels.count) else {
      throw DiffusionError(
        .usage, "gallery has \(labels.count) classes: expected 1 to \(SeedRange.maximumCount), such as classes 0-7")
    }
    return unique(labels)
  }

  /// The entries without those that came before.
  package static func unique<Entry: Hashable>(_ texts: [Entry]) -> [Entry] {
    var seen: Set<Entry> = []
    return texts.filter { seen.insert($0).inserted }
  }

  /// The text that ``init(parsing:)`` reads them from.
  package var text: String {
    switch self {
    case .seeds(let range): return range.text
    case .prompts(let prompts):
      if let plain = try? GalleryEntries(parsing: Self.joined(prompts)), plain == self { return Self.joined(prompts) }
      return Setting.prompt.text(of: RunRequest(settings: RunSettings(threads: 1, prompts: prompts)))
    case .classes(let labels):
      return "classes " + (Self.range(of: labels) ?? labels.map(\.description).joined(separator: ","))
    }
  }

  /// Consecutive numbers as a range; nil for other classes.
  private static func range(of labels: [ClassLabel]) -> String? {
    guard case .number(let first)? = labels.first, labels.count > 1,
      labels == (0..<labels.count).map({ .number(first + $0) })
    else { return nil }
    return "\(first)-\(first + labels.count - 1)"
  }

  private static func joined(_ prompts: [String]) -> String {
    prompts.joined(separator: " | ") + (prompts.count == 1 ? " |" : "")
  }
}

extension GalleryEntries {
  /// The number of images.
  public var count: Int {
    switch self {
    case .seeds(let range): range.count
    case .prompts(let prompts): prompts.count
    case .classes(let labels): labels.count
    }
  }

  /// The entry at an index; the last one beyond the end.
  package subscript(index: Int) -> GalleryEntry {
    switch self {
    case .seeds(let range):
      let number = range.first.number + Int128(min(max(0, index), range.count - 1))
      return .seed(number < 0 ? Seed(Int(number)) : Seed(UInt64(number)))
    case .prompts(let prompts):
      return .prompt(prompts.isEmpty ? "" : prompts[min(max(0, index), prompts.count - 1)])
    case .classes(let labels):
      return .label(labels.isEmpty ? .number(0) : labels[min(max(0, index), labels.count - 1)])
    }
  }

  /// Every entry, in order.
  package var all: [GalleryEntry] {
    switch self {
    case .seeds(let range): range.seeds.map(GalleryEntry.seed)
    case .prompts(let prompts): prompts.map(GalleryEntry.prompt)
    case .classes(let labels): labels.map(GalleryEntry.label)
    }
  }

  /// The index of an entry; nil if it is none of them.
  package func index(of entry: GalleryEntry) -> Int? {
    switch (self, entry) {
    case (.seeds(let range), .seed(let seed)): range.index(of: seed)
    case (.prompts(let prompts), .prompt(let prompt)): prompts.firstIndex(of: prompt)
    case (.classes(let labels), .label(let label)): labels.firstIndex(of: label)
    default: nil
    }
  }

  /// Whether they are prompts.
  package var arePrompts: Bool { if case .prompts = self { true } else { false } }

  /// Whether they share one seed.
  package var haveOneSeed: Bool { if case .seeds = self { false } else { true } }

  /// Whether they are prompts, and not those of a run or of the session.
  package var namesPrompts: Bool { arePrompts && count > 0 }

  /// What they are called, one or several.
  package func noun(_ count: Int) -> String {
    switch self {
    case .seeds: count == 1 ? "seed" : "seeds"
    case .prompts: count == 1 ? "prompt" : "prompts"
    case .classes: count == 1 ? "class" : "classes"
    }
  }

  /// What they are, for headings: `seeds 0 to 63`, `3 prompts`.
  package var label: String {
    switch self {
    case .seeds(let range): range.label
    case .prompts(let prompts): "\(prompts.count) \(noun(prompts.count))"
    case .classes(let labels): "\(labels.count) \(noun(labels.count))"
    }
  }

  /// The request that all images share, made of a run's: for one image of any entry.
  package func shared(_ run: RunRequest) -> RunRequest {
    var request = run
    request.settings.batchSize = 1
    switch self {
    case .seeds:
      request.settings.seeds = [0]
      request.settings.prompts = Array(request.settings.prompts.prefix(1))
      request.settings.classLabels = Array(request.settings.classLabels.prefix(1))
    case .prompts:
      request.settings.seeds = Array(request.settings.seeds.prefix(1))
      request.settings.prompts = []
      request.settings.classLabels = Array(request.settings.classLabels.prefix(1))
    case .classes:
      request.settings.seeds = Array(request.settings.seeds.prefix(1))
      request.settings.prompts = Array(request.settings.prompts.prefix(1))
      request.settings.classLabels = []
    }
    return request
  }

  /// The entry of a run.
  package func entry(of run: RunRequest) -> GalleryEntry {
    switch self {
    case .seeds: .seed(run.settings.seeds.first ?? 0)
    case .prompts: .prompt(run.settings.prompts.first ?? "")
    case .classes: .label(run.settings.classLabels.first ?? .number(0))
    }
  }
}
