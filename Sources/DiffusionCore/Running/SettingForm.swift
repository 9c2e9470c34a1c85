/// The values of a setting's type, and their formats.
package struct SettingForm<Value: Sendable>: Sendable {
  /// The context in which a value is read: the request that it is for, and the limits of numbers.
  package typealias Scope = (request: RunRequest, limits: SettingLimits)

  /// The values allowed, for error messages: "a whole number from 1 to 1000".
  let expected: @Sendable (Scope) -> String
  /// The same as a hint for input, and in a short form.
  var hint: @Sendable (Scope) -> String
  var shortHint: @Sendable (Scope) -> String
  /// The values that files may have, where people type them in another way; nil for the same.
  var expectedInFiles: String?
  /// Every possible value as text; empty if there are too many to list.
  var choices: [String] = []
  /// Further ones, which it takes time to find out.
  var moreChoices: (@Sendable () -> [String])?
  /// Every name that a value may be written with, where there are more than `choices`.
  var names: [String]?
  /// Converts a value to one for files.
  let write: @Sendable (Value) -> SettingValue
  /// Converts a value from a file; nil if it is not valid. Throws if a specific error explains more.
  let read: @Sendable (SettingValue, Scope) throws -> Value?
  /// Parses text; text that cannot be parsed stays text.
  var parse: @Sendable (String) -> SettingValue = { .text($0) }
  /// Formats a value from a file as text.
  var print: @Sendable (SettingValue) -> String = { $0.text }

  init(
    _ expected: @escaping @Sendable (Scope) -> String, short: @escaping @Sendable (Scope) -> String,
    write: @escaping @Sendable (Value) -> SettingValue,
    read: @escaping @Sendable (SettingValue, Scope) throws -> Value?
  ) {
    (self.expected, hint, shortHint) = (expected, expected, short)
    (self.write, self.read) = (write, read)
  }

  /// A copy of the form with changes.
  func with(_ change: (inout SettingForm) -> Void) -> SettingForm {
    var form = self
    change(&form)
    return form
  }
}

extension SettingForm where Value == Int {
  /// A whole number in a range whose bounds may depend on the other settings.
  static func whole(_ range: @escaping @Sendable (Scope) -> ClosedRange<Int>) -> SettingForm {
    @Sendable func text(_ scope: Scope) -> String {
      let range = range(scope)
      return range.upperBound == .max
        ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    }
    return SettingForm(
      { "a whole number \(text($0))" }, short: { "\(range($0).lowerBound) to \(range($0).upperBound)" }
    ) {
      .integer(Int128($0))
    } read: { value, scope in
      guard case .integer(let number) = value, let whole = Int(exactly: number) else { return nil }
      return range(scope).contains(whole) ? whole : nil
    }.with { $0.parse = { text in Int128(text).map { .integer($0) } ?? .text(text) } }
  }
}

extension SettingForm where Value == Double {
  /// A number in a range.
  static func decimal(_ range: ClosedRange<Double>) -> SettingForm {
    let text = "\(SettingValue(number: range.lowerBound).text) to \(SettingValue(number: range.upperBound).text)"
    return SettingForm({ _ in "a decimal from \(text)" }, short: { _ in text }) {
      SettingValue(number: $0)
    } read: { value, _ in
      switch value {
      case .number(let number) where range.contains(number): number
      case .integer(let number) where range.contains(Double(number)): Double(number)
      default: nil
      }
    }.with { $0.parse = { SettingValue(decimal: $0) } }
  }
}

extension SettingForm where Value == Float {
  /// A number in a range.
  static func decimal(_ range: ClosedRange<Double>) -> SettingForm {
    let form = SettingForm<Double>.decimal(range)
    return SettingForm(form.expected, short: form.shortHint) {
      SettingValue(number: $0)
    } read: { value, scope in
      try form.read(value, scope).map { Float($0) }
    }.with { $0.parse = form.parse }
  }
}

extension SettingForm where Value == Bool {
  /// True or false.
  static let truth = SettingForm({ _ in "true or false" }, short: { _ in "Tab" }) {
    .bool($0)
  } read: { value, _ in
    if case .bool(let isOn) = value { isOn } else { nil }
  }.with {
    $0.choices = ["true", "false"]
    $0.parse = { text in Bool(text).map { .bool($0) } ?? .text(text) }
  }
}

extension SettingForm where Value: CaseIterable & RawRepresentable<String> {
  /// One of the names of an enumeration.
  static func choice() -> SettingForm {
    .name(of: Value.allCases.map(\.rawValue), write: \.rawValue) { name, _ in Value(rawValue: name) }
  }
}

extension SettingForm {
  /// One of a list of names.
  package static func name(
    of choices: [String], write: @escaping @Sendable (Value) -> String,
    read: @escaping @Sendable (String, Scope) throws -> Value?
  ) -> SettingForm {
    let names = choices.joined(separator: ", ")
    return SettingForm({ _ in "one of \(names)" }, short: { _ in "Tab" }) {
      .text(write($0))
    } read: { value, scope in
      if case .text(let name) = value { try read(name, scope) } else { nil }
    }.with {
      $0.hint = { _ in names }
      $0.choices = choices
    }
  }

  /// Nothing, or a value of another form.
  ///
  /// - Parameter none: The text for nothing.
  package static func optional<Wrapped>(_ form: SettingForm<Wrapped>, none: String) -> SettingForm
  where Value == Wrapped? {
    SettingForm({ "\(form.expected($0)), or \(none)" }, short: { "\(form.shortHint($0)), \(none)" }) {
      $0.map(form.write) ?? .null
    } read: { value, scope in
      if value == .null || value == .text(none) { return .some(nil) }
      return try form.read(value, scope).map { .some($0) }
    }.with {
      $0.choices = form.choices.isEmpty ? [] : [none] + form.choices
      $0.names = form.names.map { [none] + $0 }
      $0.parse = { $0 == none ? .null : form.parse($0) }
      $0.print = { $0 == .null ? none : form.print($0) }
    }
  }
}

extension SettingForm where Value == [String: SettingValue] {
  /// Values by names that the setting does not know in advance, such as the options of any scheduler.
  ///
  /// - Parameter expected: The entries allowed.
  package static func entries(_ expected: String) -> SettingForm {
    SettingForm({ _ in expected }, short: { _ in "name=value" }) {
      $0.isEmpty ? .null : .table($0)
    } read: { value, _ in
      switch value {
      case .null: [:]
      case .table(let entries): entries
      default: nil
      }
    }.with {
      $0.print = { $0 == .null ? "none" : $0.text }
      $0.parse = { text in
        if text == "none" { return .null }
        var entries: [String: SettingValue] = [:]
        for word in text.splitOutsideBrackets() {
          let parts = word.split(separator: "=", maxSplits: 1).map { $0.drop { $0 == " " } }
          guard parts.count == 2, let name = parts.first, let value = parts.last else { return .text(text) }
          entries[String(name)] = SettingValue(scalar: String(value))
        }
        return entries.isEmpty ? .null : .table(entries)
      }
    }
  }
}

extension String {
  /// The parts between commas; a list in brackets is one part.
  fileprivate func splitOutsideBrackets() -> [Substring] {
    var depth = 0
    return split { character in
      depth = max(0, depth + (character == "[" ? 1 : character == "]" ? -1 : 0))
      return character == "," && depth == 0
    }
  }
}
