/// The one table of keys. It feeds dispatch, the footer and help.
package struct KeyMap: Sendable {
  /// The rows, in the order of help.
  package let bindings: [KeyBinding]

  /// What a key asks for.
  package func action(for key: Key) -> Action? { bindings.first { $0.keys.contains(key) }?.action }

  /// The keys as they come.
  package static let standard = KeyMap(bindings: steps + run + compare + display + program)

  static func row(
    _ group: KeyBinding.Group, _ keys: [Key], _ keyLabel: String, _ action: Action, _ label: String, _ help: String,
    rank: Int?
  ) -> KeyBinding {
    KeyBinding(
      keys: keys, action: action, keyLabel: keyLabel, label: label, help: help, group: group, footerRank: rank)
  }

  private static let steps = [
    row(.steps, [.character(" ")], "space", .togglePlay, "play", "play and pause; at the end, replay", rank: 2),
    row(
      .steps, [.right, .character("l")], "right l", .stepForward, "step", "one step forward; repeat to queue more",
      rank: 3),
    row(.steps, [.left, .character("h")], "left h", .stepBack, "back", "one step back, or drop the queue", rank: 4),
    row(.steps, [.home], "Home", .first, "start", "to the noise; what was computed is kept", rank: 14),
    row(.steps, [.end], "End", .last, "end", "run to the last step", rank: 13),
    row(.steps, [.character("<")], "<", .slower, "slower", "slower playback, down to 1 step in 2 s", rank: 16),
    row(.steps, [.character(">")], ">", .faster, "faster", "faster playback, up to as fast as can be", rank: 17),
  ]

  private static let run = [
    row(.run, [.character("r")], "r", .restart, "restart", "start again from the same noise", rank: 9),
    row(.run, [.character("R")], "R", .randomSeed, "random", "start again with a random seed", rank: 10),
    row(.run, [.character("s")], "s", .edit(.seed), "seed", "edit the seed", rank: 5),
    row(.run, [.character("n")], "n", .edit(.steps), "steps", "edit the number of steps", rank: 6),
    row(.run, [.character("e")], "e", .edit(.eta), "eta", "edit eta: 0 is DDIM, 1 is DDPM", rank: 11),
    row(.run, [.character("d")], "d", .edit(.device), "device", "edit who computes", rank: 12),
    row(.run, [.character("g")], "g", .edit(.noiseDevice), "noise", "edit whose random numbers", rank: 15),
  ]

  private static let display = [
    row(.display, [.character("v")], "v", .cycleView, "view", "x_t, predicted original, model output", rank: 7),
    row(.display, [.character("m")], "m", .cycleRenderer, "renderer", "half blocks or ASCII ramp", rank: 18),
    row(.display, [.character("t")], "t", .cycleTheme, "theme", "the next theme", rank: 8),
  ]

  private static let program = [
    row(.program, [.character("?")], "?", .toggleHelp, "help", "open and close this help", rank: 1),
    row(.program, [.escape], "Esc", .dismiss, "close", "close what is open, or stop what runs", rank: nil),
    row(.program, [.control("z")], "Ctrl-Z", .suspend, "suspend", "suspend; fg comes back", rank: nil),
    row(.program, [.character("q"), .control("c")], "q", .quit, "quit", "quit; so does Ctrl-C", rank: 0),
  ]
}
