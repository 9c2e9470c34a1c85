extension LessonCheck {
  private static let names = [
    "same-bits", "different", "same-noise", "different-noise", "same-so-far", "first-difference", "difference-below",
    "difference-above", "std-below", "std-above", "std-rises", "closer", "white-below", "white-above", "predictions",
    "guided", "sha256", "position", "timestep", "panes", "view", "link",
  ]
  private static let panes = 1...PaneLimit.panes

  /// Parses one of a step's `checks`: a table with one key.
  ///
  /// - Throws: `DiffusionError` (`badData`) that names the key.
  init(parsing table: LessonTable) throws {
    try table.refuseUnknown(but: Self.names)
    guard let name = table.keys.first, table.keys.count == 1 else {
      let prefix = LessonTable(table: table.table, prefix: "", path: table.path)
      throw prefix.error(
        String(table.prefix.dropLast()), "has \(table.keys.count) keys: expected one, such as same-bits = [1, 2]")
    }
    self = try Self.ofPanes(name, table) ?? Self.ofPredictions(name, table) ?? Self.ofNumbers(name, table)
  }

  /// Parses a claim whose value is a list of panes.
  private static func ofPanes(_ name: String, _ table: LessonTable) throws -> LessonCheck? {
    let make: (([Int]) -> LessonCheck)? =
      switch name {
      case "same-bits": LessonCheck.sameBits
      case "different": LessonCheck.different
      case "same-noise": LessonCheck.sameNoise
      case "different-noise": LessonCheck.differentNoise
      case "same-so-far": LessonCheck.sameSoFar
      case "std-rises": LessonCheck.stdRises
      default: nil
      }
    return try make.map { $0(try table.integers(name, in: panes, count: 2...PaneLimit.panes)) }
  }

  /// Parses a claim about what prompts and guidance do.
  private static func ofPredictions(_ name: String, _ table: LessonTable) throws -> LessonCheck? {
    switch name {
    case "closer":
      let inner = try table.subtable(name, such: "{ pane = 3, to = 1, than = 2 }")
      try inner.refuseUnknown(but: ["pane", "to", "than"])
      return .closer(
        try inner.integer("pane", in: panes), to: try inner.integer("to", in: panes),
        than: try inner.integer("than", in: panes))
    case "white-below", "white-above":
      let (inner, pane) = try single(name, table, and: "value")
      let share = try inner.number("value", in: 0...1)
      return name == "white-below" ? .whiteBelow(pane, share) : .whiteAbove(pane, share)
    case "predictions":
      let (inner, pane) = try single(name, table, and: "value")
      return .predictions(pane, try inner.integer("value", in: 1...2))
    case "guided":
      let inner = try table.subtable(name, such: "{ panes = [1, 2, 3], scale = 2 }")
      try inner.refuseUnknown(but: ["panes", "scale"])
      let all = try inner.integers("panes", in: panes, count: 3...3)
      return .guided(without: all[0], with: all[1], all[2], scale: try inner.number("scale", in: 0...100))
    default: return nil
    }
  }

  private static func ofNumbers(_ name: String, _ table: LessonTable) throws -> LessonCheck {
    switch name {
    case "first-difference":
      let (inner, left, right) = try pair(name, table, and: "step")
      return .firstDifference(left, right, step: try inner.integer("step", in: 0...1000))
    case "difference-below", "difference-above":
      let (inner, left, right) = try pair(name, table, and: "value")
      let value = try inner.number("value", in: 0...1000)
      return name == "difference-below" ? .differenceBelow(left, right, value) : .differenceAbove(left, right, value)
    case "std-below", "std-above":
      let (inner, pane) = try single(name, table, and: "value")
      let value = try inner.number("value", in: 0...1000)
      return name == "std-below" ? .stdBelow(pane, value) : .stdAbove(pane, value)
    case "sha256":
      let (inner, pane) = try single(name, table, and: "begins")
      return .sha256(pane, begins: try hash(inner))
    case "timestep":
      let (inner, pane) = try single(name, table, and: "value")
      return .timestep(pane, Float(try inner.integer("value", in: 0...100_000)))
    case "position":
      if table.isInteger(name) { return .position([try table.integer(name, in: 0...1000)]) }
      return .position(try table.integers(name, in: 0...1000, count: 2...PaneLimit.panes))
    case "panes": return .panes(try table.integer(name, in: panes))
    case "view":
      return .view(try table.choice(name, among: TensorView.allCases, default: nil, name: \.shortLabel) ?? .sample)
    default: return .link(try table.choice(name, among: CursorLink.allCases, default: nil, name: \.rawValue) ?? .step)
    }
  }

  private static func pair(
    _ name: String, _ table: LessonTable, and key: String
  ) throws -> (inner: LessonTable, left: Int, right: Int) {
    let inner = try table.subtable(name, such: "{ panes = [1, 2], \(key) = 1 }")
    try inner.refuseUnknown(but: ["panes", key])
    let both = try inner.integers("panes", in: panes, count: 2...2)
    return (inner, both[0], both[1])
  }

  private static func single(
    _ name: String, _ table: LessonTable, and key: String
  ) throws -> (inner: LessonTable, pane: Int) {
    let inner = try table.subtable(name, such: "{ pane = 1, \(key) = ... }")
    try inner.refuseUnknown(but: ["pane", key])
    return (inner, try inner.integer("pane", in: panes))
  }

  private static func hash(_ table: LessonTable) throws -> String {
    let text = try table.text("begins", such: "0a1b2c3d")
    guard text.count <= 64, text.allSatisfy({ "0123456789abcdef".contains($0) }) else {
      throw table.error("begins", "is \"\(text)\": expected up to 64 digits of 0 to 9 and a to f")
    }
    return text
  }
}
