import DiffusionCore

/// What a line of the palette, or of `--plain`, asks for.
package enum CommandRequest: Sendable, Equatable {
  /// What a key would ask for.
  case action(Action)
  /// Go so many steps forward, or back if negative.
  case move(by: Int)
  /// Go to where so many steps are done.
  case go(to: Int)
  /// Start again with another setting; the text was checked.
  case set(Setting, String)
  case view(TensorView)
  case renderer(ImageRendererKind)
  /// A theme, by its name.
  case theme(String)
  case speed(PlaybackSpeed)
  /// The final images of some seeds.
  case gallery(SeedRange)
  /// Begin a lesson, by its name.
  case lesson(String)
  /// Write a file, under a name that is proposed if there is none.
  case export(ExportKind, String?)
  /// Capture the mouse, or let go of it.
  case mouse(Bool)
}
