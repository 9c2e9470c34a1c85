import DiffusionCore

/// The one table of keys. It feeds dispatch, the footer, help and the palette.
package struct KeyMap: Sendable, Equatable {
  /// The rows, in the order of help.
  package private(set) var bindings: [KeyBinding]

  /// What a key asks for.
  package func action(for key: Key) -> Action? { bindings.first { $0.keys.contains(key) }?.action }

  /// The row of an action's name.
  package func binding(named name: String) -> KeyBinding? { bindings.first { $0.name == name } }

  /// The keys of an action, as help names them; nil for one that is in no row.
  package func keyLabel(of action: Action) -> String? { bindings.first { $0.action == action }?.keyLabel }

  /// The lines of a chapter of help: rows that do the same in help's words are one.
  package func helpLines(of group: KeyBinding.Group) -> [(keyLabel: String, help: String)] {
    var lines: [(keys: [Key], help: String)] = []
    for binding in bindings where binding.group == group {
      if let last = lines.last, last.help == binding.help {
        lines[lines.count - 1].keys += binding.keys
      } else {
        lines.append((binding.keys, binding.help))
      }
    }
    return lines.map { (Key.label(of: $0.keys), $0.help) }
  }

  /// Gives a row other keys.
  package mutating func setKeys(_ keys: [Key], of name: String) {
    for index in bindings.indices where bindings[index].name == name { bindings[index].keys = keys }
  }

  /// The keys as they come.
  package static let standard = KeyMap(bindings: steps + run + compare + inspect + display + keep + program)

  static func row(
    _ group: KeyBinding.Group, _ keys: [Key], _ name: String, _ action: Action, _ label: String, _ help: String,
    rank: Int?
  ) -> KeyBinding {
    KeyBinding(keys: keys, name: name, action: action, label: label, help: help, group: group, footerRank: rank)
  }

  private static let steps = [
    row(
      .steps, [.character(" ")], "play-pause", .togglePlay, "play", "play and pause; at the end, replay", rank: 2),
    row(
      .steps, [.right, .character("l")], "step-forward", .stepForward, "step",
      "one step forward; repeat to queue more", rank: 3),
    row(
      .steps, [.left, .character("h")], "step-back", .stepBack, "back", "one step back, or drop the queue", rank: 4),
    row(.steps, [.home], "first-step", .first, "start", "to the noise; what was computed is kept", rank: 14),
    row(.steps, [.end], "last-step", .last, "end", "run to the last step", rank: 13),
    row(.steps, [.character("<")], "slower", .slower, "slower", "slower playback, down to 1 step in 2 s", rank: 16),
    row(.steps, [.character(">")], "faster", .faster, "faster", "faster playback, up to as fast as can be", rank: 17),
  ]

  private static let run = [
    row(.run, [.character("r")], "restart", .restart, "restart", "start again from the same noise", rank: 9),
    row(.run, [.character("R")], "random-seed", .randomSeed, "random", "start again with a random seed", rank: 10),
    row(.run, [.character("s")], "edit-seed", .edit(.seeds), "seed", "edit the seed", rank: 5),
    row(.run, [.character("n")], "edit-steps", .edit(.steps), "steps", "edit the number of steps", rank: 6),
    row(.run, [.character("e")], "edit-eta", .edit(.eta), "eta", "edit eta: 0 is DDIM, 1 is DDPM", rank: 11),
    row(.run, [.character("d")], "edit-device", .edit(.device), "device", "edit the device", rank: 12),
    row(
      .run, [.character("b")], "edit-variation", .edit(.variation), "variation", "blend with another seed's noise",
      rank: 18),
    row(
      .run, [.character("g")], "edit-noise", .edit(.generatorDevice), "noise", "edit the generator's device", rank: 15),
    row(.run, [.character("O")], "edit-model", .edit(.model), "model", "edit the model: a folder, a Hub id", rank: 19),
  ]

  private static let display = [
    row(.display, [.character("v")], "next-view", .cycleView, "view", "x_t, predicted original, model output", rank: 7),
    row(
      .display, [.character("m")], "next-renderer", .cycleRenderer, "renderer",
      "the next way to draw that this screen has", rank: 18),
    row(.display, [.character("t")], "next-theme", .cycleTheme, "theme", "the next theme", rank: 8),
  ]

  private static let program = [
    row(.program, [.character("?")], "toggle-help", .toggleHelp, "help", "open and close this help", rank: 1),
    row(
      .program, [.character("L")], "lessons", .toggleLessons, "lessons",
      "open the lessons, or leave the one that is open",
      rank: 20),
    row(
      .program, [.character(":")], "command-palette", .openPalette, "commands", "type a command: any action or setting",
      rank: 19),
    row(
      .program, [.character("M")], "toggle-mouse", .toggleMouse, "mouse", "let go of the mouse, to select text with it",
      rank: nil),
    row(.program, [.escape], "close", .dismiss, "close", "close what is open, or stop what runs", rank: nil),
    row(.program, [.control("z")], "suspend", .suspend, "suspend", "suspend; fg comes back", rank: nil),
    row(.program, [.character("q")], "quit", .quit, "quit", "quit; so does Ctrl-C", rank: 0),
  ]
}
