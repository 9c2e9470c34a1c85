/// A guided tour that drives the real engine: what runs, and what to read and to press, step by step.
public struct Lesson: Sendable, Equatable {
  /// What `diffusion-tui lesson` calls it: the file's name without its ending.
  public let name: String
  /// Its heading.
  public let title: String
  /// What it shows, in one line.
  public let summary: String
  /// Its place in the list; equal ones by name.
  public let order: Int
  /// What stands side by side, 1 to ``State/maximumPanes``.
  package let runs: [LessonRun]
  /// How the cursors are linked at the start.
  package let link: CursorLink
  /// What is read and pressed, in order; at least one step, and only the last without a key.
  package let steps: [LessonStep]
}

/// One text of a lesson, and what leads to the next.
package struct LessonStep: Sendable, Equatable {
  /// What is read; short, in plain words.
  package let paragraphs: [String]
  /// What is pressed to go on, as the keys come (``KeyMap/standard``); none in the last step.
  package let keys: [Key]
  /// What the text claims of what the engine has made. Holds when the step is reached by the lesson's own keys.
  package let checks: [LessonCheck]
}
