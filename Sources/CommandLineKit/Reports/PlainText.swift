/// Text of files and arguments on its way to a terminal.
enum PlainText {
  /// The text with its control characters replaced: a name in a file must not move the cursor.
  static func withoutControls(_ text: String) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}
