import DiffusionCore
import Foundation
import Testing

extension RunRequest {
  /// Entries stored in the model's name, to test a setting that no run has.
  fileprivate var entries: [String: SettingValue] {
    get {
      let words = (model.path ?? "").split(separator: ";").map { $0.split(separator: "=").map(String.init) }
      return Dictionary(uniqueKeysWithValues: words.map { ($0[0], SettingValue(scalar: $0[1])) })
    }
    set { model = ModelReference(newValue.map { "\($0.key)=\($0.value.text)" }.joined(separator: ";")) }
  }

  /// A name stored in the model's name.
  fileprivate var optionalName: String? {
    get { model.path }
    set { model = ModelReference(newValue) }
  }
}

@Suite("Settings that are optional, or given several times")
struct SettingFormTests {
  private static let entries = Setting(
    "entries", \RunRequest.entries, .entries("name=value, such as spacing=linspace"),
    options: [SettingOption(entries: "entry", value: "name=value", "An entry.")], restarts: .schedule,
    mayBeOmitted: true)

  private static let name = Setting(
    "name", \RunRequest.optionalName,
    .optional(
      .name(of: ["euler", "ddim"], write: { $0 }, read: { name, _ in ["euler", "ddim"].first { $0 == name } }),
      none: "auto"),
    options: [SettingOption(value: "name", "A name.")], restarts: .schedule, mayBeOmitted: true)

  @Test("an option that is repeated gives one entry each time")
  func repeated() throws {
    let given = ["entry": ["karras=true", "order=2", "rho=0.5", "spacing=linspace", "order=3"]]
    let values = try SettingValues(options: given, among: [Self.entries])
    var request = RunRequest(settings: RunSettings(threads: 1))
    try values.assign(to: &request, among: [Self.entries])
    let expected: [String: SettingValue] = [
      "karras": .bool(true), "order": .integer(3), "rho": .number(0.5), "spacing": .text("linspace"),
    ]
    #expect(request.entries == expected)
    #expect(Self.entries.text(of: request) == "karras=true, order=3, rho=0.5, spacing=linspace")
    let words = ["--entry", "karras=true", "--entry", "order=3", "--entry", "rho=0.5", "--entry", "spacing=linspace"]
    #expect(Self.entries.arguments(.table(expected)) == words)
    #expect(Self.entries.arguments(.null) == [])
    var typed = RunRequest(settings: RunSettings(threads: 1))
    try Self.entries.assign(text: Self.entries.text(of: request), to: &typed)
    #expect(typed.entries == expected)
    try Self.entries.assign(text: "", to: &typed)
    #expect(typed.entries == [:])
  }

  @Test("a file has the entries as a table, and omits an empty one")
  func table() throws {
    var request = RunRequest(settings: RunSettings(threads: 1)), values = SettingValues()
    #expect(SettingValues(of: request, [Self.entries]).isEmpty)
    #expect(try values.add(.table(["order": .integer(2)]), under: "entries", among: [Self.entries]))
    try values.assign(to: &request, among: [Self.entries])
    #expect(request.entries == ["order": .integer(2)])
    #expect(SettingValues(of: request, [Self.entries]) == values)
  }

  @Test("an invalid entry is refused", arguments: ["karras", "=1", "a=", "a=1,b"])
  func noEntry(text: String) throws {
    var request = RunRequest(settings: RunSettings(threads: 1))
    let error = try #require(throws: DiffusionError.self) {
      try SettingValues(options: ["entry": [text]], among: [Self.entries]).assign(to: &request, among: [Self.entries])
    }
    #expect(error.message == "entry '\(text)' is not name=value, such as spacing=linspace")
  }

  @Test("an optional setting is nothing, or one of its choices")
  func optional() throws {
    var request = RunRequest(settings: RunSettings(threads: 1))
    #expect(Self.name.choices == ["auto", "euler", "ddim"])
    #expect(Self.name.value(of: request) == .null && Self.name.text(of: request) == "auto")
    #expect(Self.name.arguments(.null) == [])
    try Self.name.assign(text: "euler", to: &request)
    #expect(request.optionalName == "euler" && Self.name.arguments(.text("euler")) == ["--name", "euler"])
    var values = SettingValues()
    #expect(try values.add(.text("ddim"), under: "name", among: [Self.name]))
    try values.assign(to: &request, among: [Self.name])
    #expect(request.optionalName == "ddim")
    try SettingValues().assign(to: &request, among: [Self.name], absence: .usual)
    #expect(request.optionalName == nil)
    try Self.name.assign(text: "auto", to: &request)
    #expect(request.optionalName == nil)
    #expect(throws: DiffusionError.self) { try Self.name.assign(text: "?", to: &request) }
  }

  @Test("scalars are parsed by their form")
  func scalars() {
    let texts = [
      "true", "false", "7", "-1", "0.5", "1e-05", "2.0", "linspace", "nan", "0x1", "", "1.2.3", "[0.5, 1]", "[]",
    ]
    let values: [SettingValue] = [
      .bool(true), .bool(false), .integer(7), .integer(-1), .number(0.5), .number(1e-5), .integer(2), .text("linspace"),
      .text("nan"), .text("0x1"), .text(""), .text("1.2.3"),
      .list([.number(0.5), .integer(1)]), .list([]),
    ]
    #expect(texts.map { SettingValue(scalar: $0) } == values)
  }

  @Test(
    "JSON preserves them, and numbers beyond 64 bits as nearly as it can",
    arguments: [
      (SettingValue.integer(Int128(UInt64.max)), SettingValue.integer(Int128(UInt64.max))),
      (.integer(Int128(Int64.min)), .integer(Int128(Int64.min))), (.number(0.1), .number(0.1)),
      (SettingValue(number: 2.0), .integer(2)), (SettingValue(number: 1e30), SettingValue(number: 1e30)),
      (.list([.null, .bool(true), .text("a")]), .list([.null, .bool(true), .text("a")])),
    ])
  func json(value: SettingValue, expected: SettingValue) throws {
    #expect(try JSONDecoder().decode(SettingValue.self, from: JSONEncoder().encode(value)) == expected)
  }

  @Test("every binary32 number from 0 to 1 survives a round trip")
  func floats() throws {
    var request = RunRequest(settings: RunSettings(threads: 1))
    var pattern: UInt32 = 1
    while pattern <= Float(1).bitPattern {
      let eta = Float(bitPattern: pattern)
      request.settings.eta = eta
      let value = Setting.eta.value(of: request), text = Setting.eta.text(of: request)
      try Setting.eta.assign(value, to: &request)
      #expect(request.settings.eta == eta)
      try Setting.eta.assign(text: text, to: &request)
      #expect(request.settings.eta == eta)
      pattern += 9973 * 41
    }
  }

  @Test("brackets of any depth are read, and close what they open") func brackets() throws {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    #expect(SettingValue(scalar: deep) == .list([.text(String(deep.dropFirst().dropLast()))]))
    var request = RunRequest(settings: RunSettings(threads: 1))
    try Setting.schedulerOptions.assign(text: "a=x], b=2, c=[1,2], d=3", to: &request)
    #expect(
      request.settings.schedulerOptions
        == ["a": .text("x]"), "b": .integer(2), "c": .list([.integer(1), .integer(2)]), "d": .integer(3)])
  }
}
