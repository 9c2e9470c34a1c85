import DiffusionCore

/// One row of the ``KeyMap``: keys, what they ask for, and what the footer and help say of them.
package struct KeyBinding: Sendable, Equatable {
  /// A chapter of help.
  package enum Group: String, Sendable, CaseIterable {
    case steps = "Steps"
    case run = "Run"
    case compare = "Compare"
    case see = "See more"
    case display = "Display"
    case keep = "Keep"
    case program = "Program"
  }

  /// The keys, any of which will do; none where they were taken away.
  package var keys: [Key]
  /// What the palette and config.toml call the action: words in small letters, joined by hyphens.
  package let name: String
  /// What they ask for.
  package let action: Action
  /// The word in the footer.
  package let label: String
  /// The line in help.
  package let help: String
  /// The chapter of help.
  package let group: Group
  /// When the footer gives it up for lack of room: the highest first; nil keeps it out of the footer.
  package let footerRank: Int?

  /// The keys as help names them.
  package var keyLabel: String { Key.label(of: keys) }

  /// The first key in as few columns as can be, for the footer: an arrow, or the letter beside it where there are no
  /// arrows.
  package func shortKeyLabel(unicode: Bool) -> String {
    guard let first = keys.first else { return "" }
    guard let arrow = first.arrow else { return first.label }
    if unicode { return String(arrow) }
    return keys.first { $0.arrow == nil }?.label ?? first.label
  }
}

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
    row(.run, [.character("S")], "edit-scheduler", .edit(.scheduler), "scheduler", "edit the scheduler", rank: 20),
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

/// Runs side by side.
extension KeyMap {
  static let compare =
    [
      row(
        .compare, [.character("c")], "another-run", .addPane, "compare", "one run more, with the next seed", rank: 10),
      row(.compare, [.character("C")], "close-run", .closePane, "close", "close the focused run", rank: 12),
      row(
        .compare, [.character("G")], "gallery", .gallery, "gallery", "the final images of many seeds", rank: 12),
      row(.compare, [.tab], "next-run", .focusNext, "next", "to the next run", rank: 3),
      row(.compare, [.backTab], "previous-run", .focusPrevious, "previous", "to the run before", rank: nil),
    ] + digits + [
      row(
        .compare, [.character("=")], "make-reference", .setReference, "reference", "compare with the focused run",
        rank: 7),
      row(
        .compare, [.character("u")], "next-link", .cycleLink, "link", "link the cursors by step, by timestep, or not",
        rank: 6),
      row(
        .compare, [.character("D")], "show-difference", .cyclePaneView, "difference",
        "pictures, or differences to the reference", rank: 5),
    ]

  private static let digits = (1...PaneLimit.panes).map { number in
    row(
      .compare, [.character(Character("\(number)"))], "focus-run-\(number)", .focusPane(number - 1), "run \(number)",
      "to the run of that number", rank: nil)
  }
}

/// Looking closer at pictures and their numbers.
extension KeyMap {
  static let inspect =
    [
      row(
        .see, [.character("T")], "three-up", .inspect(.threeUp), "three",
        "x_t, predicted original and noise beside each other", rank: 9),
      row(
        .see, [.character("p")], "next-plot", .inspect(.nextPage), "plots",
        "numbers, or plots: over steps, values, schedule, update", rank: 7),
      row(
        .see, [.character("P")], "previous-plot", .inspect(.previousPage), "plot before", "the plot before", rank: nil),
      row(
        .see, [.character("z"), .character("+")], "zoom-in", .inspect(.zoomIn), "zoom",
        "zoom in, down to single pixels; Esc leaves", rank: 9),
      row(
        .see, [.character("Z"), .character("-")], "zoom-out", .inspect(.zoomOut), "wider", "zoom out", rank: nil),
    ] + pixels + [
      row(
        .see, [.character("o")], "mark-clipping", .inspect(.clipping), "clipping",
        "mark clipped pixels: orange above 1, blue below -1", rank: nil),
      row(
        .see, [.character("]")], "finer-scale", .inspect(.finerScale), "finer",
        "differences on a scale ten times finer", rank: nil),
      row(
        .see, [.character("[")], "coarser-scale", .inspect(.coarserScale), "coarser", "or ten times coarser",
        rank: nil),
    ]

  private static let pixels = [
    (Key.shiftLeft, "left", Inspect.pixelLeft), (.shiftRight, "right", .pixelRight), (.shiftUp, "up", .pixelUp),
    (.shiftDown, "down", .pixelDown),
  ].map { key, name, action in
    row(
      .see, [key], "pixel-\(name)", .inspect(action), name,
      "Shift and an arrow: point at a pixel; zoomed in, the arrows alone", rank: nil)
  }
}

/// What is kept of runs.
extension KeyMap {
  static let keep = [
    row(
      .keep, [.character("x")], "open-exports", .openExports, "export",
      "write a receipt, pictures, numbers, the screen", rank: 12),
    row(
      .keep, [.character("y")], "copy-command", .copyCommandLine, "copy",
      "show the command line of this run; copy it", rank: 18),
  ]
}
