/// A file that is being written.
package struct ExportTask: Sendable, Equatable {
  /// Its number; the answer has it too.
  let number: Int
  /// What is being written.
  let kind: ExportKind
  /// Its name, as it was given.
  let name: String
  /// Whether quitting was asked for meanwhile.
  var isQuitAsked = false
}
