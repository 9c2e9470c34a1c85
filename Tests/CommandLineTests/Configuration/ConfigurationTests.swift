import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Testing

@Suite("config.toml") struct ConfigurationTests {
  private func parse(_ text: String) throws -> Configuration {
    try ConfigurationParser(path: "/c/config.toml").parse(text)
  }

  @Test("sets keys and defaults") func everything() throws {
    let configuration = try parse(
      """
      [explorer]
      theme = "light"
      renderer = "ascii"
      color = "256"
      speed = 0.5
      mouse = false
      [keys]
      step-forward = ["f5", "ctrl-n"]
      quit = "X"
      restart = []
      """)
    #expect(configuration.appearance == Appearance(theme: "light", color: .tier(.palette256), renderer: .asciiRamp))
    #expect(configuration.speed == .halfPerSecond)
    #expect(!configuration.capturesMouse)
    #expect(configuration.keyMap.action(for: .function(5)) == .playback(.stepForward))
    #expect(configuration.keyMap.action(for: .control("n")) == .playback(.stepForward))
    #expect(configuration.keyMap.action(for: .character("X")) == .program(.quit))
    #expect(configuration.keyMap.action(for: .character("r")) == nil)
    #expect(configuration.keyMap.action(for: .character("s")) == .run(.edit(.seeds)))
  }

  @Test("changes nothing if it is empty") func empty() throws {
    #expect(try parse("") == Configuration())
    #expect(try parse("[keys]\n[explorer]\n") == Configuration())
  }

  @Test(
    "accepts speeds as numbers or max",
    arguments: [("8", PlaybackSpeed.eightPerSecond), ("1.0", .onePerSecond), ("\"max\"", .unlimited)])
  func speeds(text: String, speed: PlaybackSpeed) throws {
    #expect(try parse("explorer.speed = \(text)").speed == speed)
  }

  @Test(
    "names the file, the line or the key, what was expected and what was found",
    arguments: [
      ("[explorer]\ntheme = \n", ["line 2"]), ("[keys\n", ["line 1"]), ("a = 1\n\nb = = 2", ["line 3"]),
      ("[explorr]", ["explorr is unknown", "explorer, keys"]), ("keys = 3", ["keys is 3", "a table"]),
      ("explorer.tempo = 1", ["explorer.tempo is unknown", "theme, renderer"]),
      ("explorer.theme = 7", ["explorer.theme is 7", "a text"]),
      ("explorer.renderer = \"oil\"", ["explorer.renderer", "'oil'", "half-block"]),
      ("explorer.color = \"7\"", ["explorer.color", "'7'", "truecolor"]),
      ("explorer.color = true", ["explorer.color is true"]),
      ("explorer.speed = 3", ["explorer.speed is 3", "0.5, 1, 2, 4, 8, \"max\""]),
      ("explorer.mouse = \"no\"", ["explorer.mouse is \"no\"", "true or false"]),
      ("keys.quit = \"qq\"", ["keys.quit is \"qq\"", "a single character"]),
      ("keys.quit = 7", ["keys.quit is 7", "a key"]),
      ("keys.quit = [\"x\", 1]", ["keys.quit is 1"]), ("keys.qit = \"x\"", ["keys.qit", "did you mean quit?"]),
      ("keys.quit = \"s\"", ["keys.quit is \"s\"", "edit-seed"]),
      ("keys.restart = \"ctrl-c\"", ["keys.restart", "quit"]),
    ]) func errors(text: String, words: [String]) throws
  {
    let error = try #require(throws: DiffusionError.self) { try parse(text) }
    #expect(error.kind == .badData)
    #expect(error.message.hasPrefix("/c/config.toml: "))
    #expect(!error.message.contains("\n"))
    for word in words { #expect(error.message.contains(word), "\(error)") }
  }
}
