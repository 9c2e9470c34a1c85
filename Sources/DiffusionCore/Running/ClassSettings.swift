// The classes of a run's images.

/// A class of images as it is asked for: its number, or one of its names where the model has names.
public enum ClassLabel: Sendable, Hashable {
  /// Its number, from 0.
  case number(Int)
  /// A name.
  case name(String)
}

extension ClassLabel: LosslessStringConvertible {
  /// The class that a text means: digits are a number, anything with a letter is a name; nil for any other text.
  public init?(_ text: String) {
    let value = Int128(text).map { SettingValue.integer($0) } ?? .text(text)
    guard let label = SettingForm<[ClassLabel]>.label(value) else { return nil }
    self = label
  }

  /// The number or the name.
  public var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .name(let name): name
    }
  }
}

/// The class that a model makes an image of.
public struct ImageClass: Sendable, Hashable {
  /// Its number, from 0.
  public let number: Int
  /// Its names, separated by commas; nil where the model has none.
  public let name: String?
  /// Whether it is the class of a run that names none.
  public let isDefault: Bool

  /// Creates a class.
  public init(number: Int, name: String? = nil, isDefault: Bool = false) {
    (self.number, self.name, self.isDefault) = (number, name, isDefault)
  }
}

extension ImageClass: CustomStringConvertible {
  /// `207 golden retriever`; `0 tench, by default`.
  public var description: String { "\(number)\(name.map { " \($0)" } ?? "")\(isDefault ? ", by default" : "")" }
}

/// The classes that a model can make images of.
package struct ModelClasses: Sendable, Equatable {
  /// The numbers of the classes.
  let numbers: ClosedRange<Int>
  /// The names of the classes.
  let names: ClassNames

  /// Creates a set of classes, 0 and the others.
  package init(_ numbers: ClosedRange<Int>, names: ClassNames = ClassNames()) {
    (self.numbers, self.names) = (numbers, names)
  }

  /// The number of a class.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a number or a name that is none of the model's.
  func number(of label: ClassLabel) throws -> Int {
    let range = "a whole number from \(numbers.lowerBound) to \(numbers.upperBound)"
    switch label {
    case .number(let number) where numbers.contains(number): return number
    case .number(let number):
      throw DiffusionError(
        SettingFault(Setting.classLabels.name, found: "\(number)", expected: "\(range), the model's classes"))
    case .name(let name):
      if let number = names.numbers[name] { return number }
      let expected = names.numbers.isEmpty ? "\(range): the model has no names of classes" : "\(range), or a name"
      throw DiffusionError(
        SettingFault(Setting.classLabels.name, found: name, isText: true, expected: expected)
          .suggesting(among: names.numbers.keys.sorted()))
    }
  }
}

extension Setting {
  /// The class of all images, or one for each.
  public static let classLabels = Setting(
    "class_label", \.settings.classList, .classLabels, label: "class",
    options: [
      SettingOption(
        value: "c,c,...",
        "What the images should show, for a model of classes: the number of a class, or its name where the model has "
          + "names, as in 'golden retriever'; a list has one for each image. If omitted, class 0.")
    ], restarts: .schedule, mayBeOmitted: true,
    title: { request in
      let labels = request.settings.classLabels
      return labels.isEmpty
        ? "class 0" : (labels.count > 1 ? "classes " : "class ") + labels.map(\.description).joined(separator: ",")
    })
}

extension RunSettings {
  /// The classes; several also set the batch size.
  fileprivate var classList: [ClassLabel] {
    get { classLabels }
    set {
      classLabels = newValue
      if classLabels.count > 1 { batchSize = classLabels.count }
    }
  }

  /// The settings with the number of each class in the place of its name.
  ///
  /// - Parameter classes: The model's; nil for a model without classes.
  /// - Throws: ``DiffusionError`` (`usage`) for a class that the model does not have.
  func resolving(_ classes: ModelClasses?) throws -> RunSettings {
    guard !classLabels.isEmpty else { return self }
    guard let classes else {
      throw DiffusionError(
        SettingFault(
          Setting.classLabels.name, refusal: "the model has no classes: leave it out, or open a model that has some"))
    }
    var settings = self
    settings.classLabels = try classLabels.map { .number(try classes.number(of: $0)) }
    return settings
  }

  /// The class of each image that runs; class 0 where none is named.
  ///
  /// - Parameter classes: The model's.
  /// - Throws: As ``resolving(_:)``.
  func imageClasses(of classes: ModelClasses) throws -> [ImageClass] {
    let images = selection.image.map { $0 - 1..<$0 } ?? 0..<batchSize
    return try images.map { image in
      let label = classLabels.isEmpty ? .number(0) : classLabels[min(image, classLabels.count - 1)]
      let number = try classes.number(of: label)
      return ImageClass(number: number, name: classes.names.texts[number], isDefault: classLabels.isEmpty)
    }
  }
}

extension SettingForm where Value == [ClassLabel] {
  /// The text for no class.
  private static var none: String { "default" }
  /// Characters that separate classes, or parts of a branch.
  private static var separators: Set<Character> { [",", ";", "=", "[", "]", "|"] }

  /// A class, or a list of one for each image; typed with commas between them.
  static let classLabels = SettingForm(
    { _ in "a whole number from 0, the name of a class, a list of them, or \(none)" },
    short: { _ in "number, name, \(none)" }
  ) { labels in
    let values = labels.map { label -> SettingValue in
      switch label {
      case .number(let number): .integer(Int128(number))
      case .name(let name): .text(name)
      }
    }
    return values.count > 1 ? .list(values) : values.first ?? .null
  } read: { value, scope in
    guard case .list(let values) = value else { return value == .null ? [] : Self.label(value).map { [$0] } }
    let labels = values.compactMap(Self.label)
    return labels.count == values.count && labels.count <= scope.limits.images ? labels : nil
  }.with {
    $0.parse = { text in
      if text.isEmpty || text == Self.none { return .null }
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
        let part = String(part).trimmingSpaces
        return Int128(part).map { SettingValue.integer($0) } ?? .text(part)
      }
      return parts.count > 1 ? .list(parts) : parts.first ?? .null
    }
    $0.print = { $0 == .null ? Self.none : $0.text }
  }

  /// A name has a letter: what has none is a mistyped number.
  fileprivate static func label(_ value: SettingValue) -> ClassLabel? {
    switch value {
    case .integer(let number): return Int(exactly: number).flatMap { $0 >= 0 ? .number($0) : nil }
    case .text(let text):
      let name = text.trimmingSpaces
      let isName = name.contains(where: \.isLetter) && !name.contains { separators.contains($0) || $0.isNewline }
      return isName ? .name(name) : nil
    default: return nil
    }
  }
}
