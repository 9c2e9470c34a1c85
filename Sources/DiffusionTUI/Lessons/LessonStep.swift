/// One text of a lesson, and what leads to the next.
package struct LessonStep: Sendable, Equatable {
  /// What is read; short, in plain words.
  package let paragraphs: [String]
  /// What is pressed to go on, as the keys come (``KeyMap/standard``); none in the last step.
  package let keys: [Key]
  /// What the text claims of what the engine has made. Holds when the step is reached by the lesson's own keys.
  package let checks: [LessonCheck]
}
