import DiffusionCore
import Themes

/// The available themes: those built in, and the user's own.
public struct ThemeLibrary: Sendable {
  /// The themes, with unique names: dark and light first, then by name.
  public let themes: [Theme]
  /// One line for each file that could not be read.
  public let notices: [String]

  /// Loads themes. A user's theme replaces a built-in one with the same name; an invalid one becomes a notice.
  ///
  /// - Parameters:
  ///   - builtIn: TOML by name.
  ///   - userFiles: Every `*.toml` of `$XDG_CONFIG_HOME/diffusion-tui/themes`, with its text.
  public init(builtIn: [String: String] = BuiltInThemes.all, userFiles: [(path: String, text: String)] = []) {
    var byName: [String: Theme] = [:]
    var notices: [String] = []
    let files = builtIn.sorted { $0.key < $1.key }.map { (path: "\($0.key).toml", text: $0.value) } + userFiles
    for file in files {
      do {
        let theme = try ThemeParser(path: file.path).parse(file.text)
        byName[theme.name] = theme
      } catch {
        notices.append(String(describing: error))
      }
    }
    let first = ["dark", "light"]
    themes =
      first.compactMap { byName[$0] } + byName.values.filter { !first.contains($0.name) }.sorted { $0.name < $1.name }
    self.notices = notices
  }

  /// The themes that come with the program.
  public static let builtIn = ThemeLibrary()

  /// Finds a theme by name.
  ///
  /// - Throws: `DiffusionError` (`usage`) that lists the available themes.
  public func theme(named name: String) throws -> Theme {
    guard let theme = themes.first(where: { $0.name == name }) else {
      throw DiffusionError(
        .usage, "theme '\(name)' is unknown: expected one of \(themes.map(\.name).joined(separator: ", "))")
    }
    return theme
  }
}
