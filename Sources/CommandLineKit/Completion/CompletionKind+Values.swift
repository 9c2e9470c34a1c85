import ArgumentParser
import DiffusionCore
import DiffusionTUI
import FoundationEssentials

/// What shells offer for the values of options and arguments.
extension CompletionKind {
  /// The values of a setting's option; nothing for numbers and free text.
  static func setting(_ name: String) -> CompletionKind? {
    switch name {
    case "device": return devices
    // One flag takes a picture or the number of an image.
    case "image": return pictures
    case "refiner": return models
    default: break
    }
    return choices[name].map { .list($0) }
  }

  /// The choices of settings by the names of their options; looked up for each option, often, at every start.
  private static let choices: [String: [String]] = {
    var choices: [String: [String]] = [:]
    // The devices of drivers are not asked for here.
    for setting in Setting.all where setting != .device && !setting.choices.isEmpty {
      for option in setting.options { choices[option.flagName] = setting.choices }
    }
    return choices
  }()

  /// The devices of this machine; drivers are asked for theirs.
  static let devices = candidates { _ in
    Device.available.map { CompletionCandidate("\($0)", $0.instructionSet) }
      + Device.installed.map { CompletionCandidate("\($0)", $0.instructionSet) }
  }

  /// The themes of the program and of the user.
  static let themes = candidates { _ in
    UserThemes.library(UserFolders(environment: environment), files: .system()).themes.map {
      CompletionCandidate($0.name)
    }
  }

  /// The lessons of the program, and files of lessons.
  static let lessons = candidates { word in
    LessonLibrary().lessons.map { CompletionCandidate($0.name, $0.title) } + files(word, [".toml"])
  }

  /// The models of the program and of the Hub's cache, and folders.
  static let models = candidates { word in
    ModelReference.builtInNames.map { CompletionCandidate($0, "part of the program") } + cached + files(word, [])
  }

  /// The models of the Hub's cache.
  static let cachedModels = candidates { _ in cached }

  /// The program's own picture, and PNG files.
  static let pictures = candidates { word in
    [CompletionCandidate(PictureReference.demoName, "part of the program")] + files(word, [".png"])
  }

  /// The keys of settings in a plan, by which the axes of a sweep are named.
  static let planKeys = CompletionKind.list(Setting.keys(of: Setting.all).sorted())

  /// The values of a type.
  static func cases<Value: RawRepresentable & CaseIterable>(of type: Value.Type) -> CompletionKind
  where Value.RawValue == String {
    .list(Value.allCases.map(\.rawValue))
  }

  private static var cached: [CompletionCandidate] {
    HubCache(environment: environment).names().map { CompletionCandidate($0, "in the Hub's cache") }
  }

  private static var environment: [String: String] { ProcessInfo.processInfo.environment }

  private static func files(_ word: String, _ endings: [String]) -> [CompletionCandidate] {
    CompletionCandidate.files(word, endings: endings, home: environment["HOME"])
  }

  /// Candidates that are found when a shell asks.
  ///
  /// - Parameter find: Finds those for the word typed so far; the shell drops those that do not fit.
  private static func candidates(
    _ find: @escaping @Sendable (_ word: String) -> [CompletionCandidate]
  ) -> CompletionKind {
    .custom { _, _, word in find(word).compactMap { $0.line(for: .requesting) } }
  }
}
