import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing
import Themes

@Suite("Themes") struct ThemeTests {
  @Test("every .toml file is listed and embedded unchanged") func embedded() throws {
    let folder = Fixtures.folder + "/../../themes"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".toml") }
    #expect(Set(files) == Set(BuiltInThemes.all.keys.map { $0 + ".toml" }))
    for (name, text) in BuiltInThemes.all {
      #expect(try String(contentsOfFile: "\(folder)/\(name).toml", encoding: .utf8) == text, "\(name)")
    }
  }

  @Test("all are present, the usual ones first, and none is broken") func complete() {
    let library = ThemeLibrary.builtIn, names = library.themes.map(\.name)
    #expect(names.prefix(3) == ["dark", "light", "high-contrast"])
    #expect(names.dropFirst(3) == names.dropFirst(3).sorted()[...])
    #expect(Set(names) == Set(BuiltInThemes.all.keys) && names.count == BuiltInThemes.all.count)
    #expect(library.notices == [])
  }

  @Test("text has a contrast of 4.5:1, or 7:1 in high contrast (WCAG 2.1)", arguments: ThemeLibrary.builtIn.themes)
  func contrast(theme: Theme) {
    let least = theme.name == "high-contrast" ? 7.0 : 4.5
    for role in ThemeRole.readable + [.barText] {
      let style = theme.style(role)
      guard let front = style.foreground, let behind = style.background else {
        #expect(theme.name == "mono", "\(role) has no colour")
        continue
      }
      #expect(Contrast.ratio(front, behind) >= least, "\(theme.name) \(role)")
    }
  }

  @Test(
    "an error names the file, the key, the value and what is accepted",
    arguments: [
      ("\ntext = \"#d8dee4\"", "\ntext = \"blue\"", "roles.text is \"blue\": expected \"#rrggbb\""),
      ("\ntext = \"#d8dee4\"", "\ntext = 7", "roles.text is no text"),
      ("\ntext = \"#d8dee4\"", "", "roles.text is missing"),
      ("\ntext = \"#d8dee4\"", "\ntext = \"#d8dee4\"\nink = \"#000000\"", "roles.ink is unknown: expected background"),
      ("bold = true", "bold = 1", "roles.accent.bold is not true or false"),
      ("bold = true", "blink = true", "roles.accent.blink is unknown"),
      ("name = \"dark\"", "name = 3", "name is no text: expected"), ("name = \"dark\"", "name = \"\"", "name is empty"),
      ("name = \"dark\"", "", "name is missing"), ("[roles]", "[rolls]", "rolls is unknown"),
      ("name = \"dark\"", "name = ", "line 2"), ("#d8dee4", "#+12345", "expected \"#rrggbb\""),
    ])
  func errors(old: String, new: String, message: String) throws {
    let text = try #require(BuiltInThemes.all["dark"]).replacingOccurrences(of: old, with: new)
    let error = #expect(throws: DiffusionError.self) { try ThemeParser(path: "my.toml").parse(text) }
    #expect(error?.message.hasPrefix("theme my.toml: ") == true)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  @Test("a user's theme is added or replaces one; a broken one gives a notice") func userThemes() throws {
    let dark = try #require(BuiltInThemes.all["dark"])
    let mine = dark.replacingOccurrences(of: "name = \"dark\"", with: "name = \"mine\"")
    let whiter = dark.replacingOccurrences(of: "text = \"#d8dee4\"", with: "text = \"#ffffff\"")
    let library = ThemeLibrary(userFiles: [("mine.toml", mine), ("dark.toml", whiter), ("bad.toml", "x")])
    #expect(library.themes.count == BuiltInThemes.all.count + 1)
    #expect(try library.theme(named: "dark").style(.text).foreground == RGB(255, 255, 255))
    #expect(library.notices.count == 1)
    #expect(library.notices.first?.contains("bad.toml") == true)
    #expect(throws: DiffusionError.self) { try library.theme(named: "nope") }
    // Broken is not unknown.
    let error = #expect(throws: DiffusionError.self) { try library.theme(named: "bad") }
    #expect(error?.kind == .badData && error?.message == library.notices.first)
  }
}

/// The contrast ratio of WCAG 2.1.
enum Contrast {
  static func ratio(_ left: RGB, _ right: RGB) -> Double {
    let (first, second) = (luminance(left), luminance(right))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }

  private static func luminance(_ color: RGB) -> Double {
    let linear = [color.red, color.green, color.blue].map { component in
      let share = Double(component) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }
}
