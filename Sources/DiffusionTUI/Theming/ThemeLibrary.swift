import DiffusionCore
import Themes

/// The available themes: those built in, and the user's own.
public struct ThemeLibrary: Sendable {
  /// The themes, with unique names: dark and light first, then by name.
  public let themes: [Theme]
  /// One line for each file that could not be read.
  public let notices: [String]
  /// The notices of files that are named as the theme that they would hold.
  private let broken: [String: String]

  /// Loads themes. A user's theme replaces a built-in one with the same name; an invalid one becomes a notice.
  ///
  /// - Parameters:
  ///   - builtIn: TOML by name.
  ///   - userFiles: Every `*.toml` of `$XDG_CONFIG_HOME/diffusion-tui/themes`, with its text.
  public init(builtIn: [String: String] = BuiltInThemes.all, userFiles: [(path: String, text: String)] = []) {
    self.init(builtIn: builtIn, userFiles: userFiles.map { ($0.path, .success($0.text)) })
  }

  /// Loads themes; a file that could not be read becomes a notice too.
  package init(
    builtIn: [String: String] = BuiltInThemes.all, userFiles: [(path: String, text: Result<String, any Error>)]
  ) {
    var byName: [String: Theme] = [:]
    var notices: [String] = [], broken: [String: String] = [:]
    let sorted = builtIn.sorted { $0.key < $1.key }
    for file in sorted.map({ (path: "\($0.key).toml", text: .success($0.value)) }) + userFiles {
      do {
        let theme = try ThemeParser(path: file.path).parse(file.text.get())
        byName[theme.name] = theme
      } catch {
        notices.append(String(describing: error))
        let file = file.path.split(separator: "/").last.map(String.init) ?? file.path
        broken[file.hasSuffix(".toml") ? String(file.dropLast(5)) : file] = String(describing: error)
      }
    }
    let first = ["dark", "light"]
    themes =
      first.compactMap { byName[$0] } + byName.values.filter { !first.contains($0.name) }.sorted { $0.name < $1.name }
    (self.notices, self.broken) = (notices, broken)
  }

  /// The themes that come with the program.
  public static let builtIn = ThemeLibrary()

  /// Finds a theme by name.
  ///
  /// - Throws: `DiffusionError`: `usage` that lists the available themes, or `badData` with what is wrong with the file
  ///   of that name.
  public func theme(named name: String) throws -> Theme {
    guard let theme = themes.first(where: { $0.name == name }) else {
      if let notice = broken[name] { throw DiffusionError(.badData, notice) }
      let names = themes.map(\.name)
      throw DiffusionError(
        .usage,
        "theme '\(name)' is unknown: \(NearestName.question(name, among: names))expected one of "
          + names.joined(separator: ", "))
    }
    return theme
  }
}
