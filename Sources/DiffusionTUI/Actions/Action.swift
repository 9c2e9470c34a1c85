import DiffusionCore

/// Everything that can happen to the explorer: what people ask for, and what comes back from effects.
public enum Action: Sendable, Equatable {
  // What comes from the terminal.
  case key(Key)
  case mouse(MouseEvent)
  case paste(String)
  case resize(Size)
  case hangUp

  // What people ask for. `KeyMap` gives each its key, its label in the footer and its line in help.
  case togglePlay, stepForward, stepBack, first, last
  /// Go to where the focused run has so many steps behind it.
  case scrub(to: Int)
  case restart, randomSeed
  case edit(Setting)
  case cycleView, cycleRenderer, cycleTheme
  case slower, faster
  case inspect(Inspect)
  case addPane, closePane
  case focusNext, focusPrevious
  /// Focuses the pane at a place, from 0.
  case focusPane(Int)
  case setReference, cycleLink, cyclePaneView
  /// Show the final images of many seeds.
  case gallery
  case toggleHelp
  case openPalette
  /// Open or close the list of lessons; leave the lesson that is open.
  case toggleLessons
  /// Open the menu of files that can be written.
  case openExports
  /// Show the command line of the focused run, and put it on the clipboard.
  case copyCommandLine
  /// Give the mouse back to the terminal, which selects text with it, or take it again.
  case toggleMouse
  /// Close what is open; with nothing open, stop what runs.
  case dismiss
  case suspend
  case quit

  // What comes back. `run` is the number that `Effect` gave; results of a run that is no longer shown are dropped.
  case runStarted(run: Int, RunDescription)
  /// How far the step has come that these runs take together.
  case progress(runs: [Int], ForwardProgress)
  case stepCompleted(run: Int, ShownStep)
  case runFailed(run: Int, message: String)
  case seedDrawn(Seed)
  /// What a step of a gallery's seeds came to.
  case galleryAdvanced(GalleryAdvance)
  /// The noise of a variation that is being edited.
  case noisePreviewed(RunDescription)
  /// What came of the file of that number.
  case exportEnded(number: Int, ExportResult)
  /// A run's command line, and whether the terminal took it; nil where nobody asked it to.
  case commandLine(String, isCopied: Bool?)
  /// The clock that an ``Effect/tick(after:)`` asked for.
  case tick
}
