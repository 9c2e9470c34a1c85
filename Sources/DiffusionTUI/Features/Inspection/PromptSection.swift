import DiffusionCore

/// The prompts of a run as the tokenizer cut them: how many tokens each has, its pieces, and what fell off its end.
package struct PromptSection {
  package let prompts: [TokenizedPrompt]
  package let request: RunRequest

  /// A line and its role.
  private typealias Line = (text: String, role: ThemeRole)

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard !prompts.isEmpty else {
      return frame.writeMissing("the model reads no prompt", in: part, look: look)
    }
    let cut: [Line] = prompts.indices.flatMap { self.lines(ofPrompt: $0, columns: part.columns) }
    let lines = cut + guidance
    let shown = lines.count <= part.rows ? lines : lines.filter { !$0.text.isEmpty }
    for (row, line) in shown.prefix(part.rows).enumerated() {
      frame.write(line.text, look[line.role], column: part.column, row: part.row + row, end: part.endColumn)
    }
    drawTokens(into: &frame, in: part.inset(top: min(part.rows, shown.count + 1)), look)
  }

  private func lines(ofPrompt index: Int, columns: Int) -> [Line] {
    let prompt = prompts[index], count = request.settings.prompts.count
    let name = request.settings.nameOfPrompt(index) + (count > 1 && index < count ? " \(index + 1)" : "")
    let padding = prompt.tokens.count - prompt.count
    let length = "\(name): \(prompt.count)/\(prompt.tokens.count) tokens"
    let heading = padding > 0 ? "\(length), \(padding) of padding" : length
    let pieces = TextWrap(Self.pieces(prompt.tokens.prefix(prompt.count)), columns: columns).lines
    var lines: [Line] = [(heading, prompt.dropped.isEmpty ? .text : .warning)]
    lines += pieces.map { ($0, .accent) }
    if !prompt.dropped.isEmpty {
      let tokens = prompt.dropped.count == 1 ? "1 token" : "\(prompt.dropped.count) tokens"
      let text = "fell off the end, \(tokens): \(prompt.droppedText)"
      lines += TextWrap(text, columns: columns).lines.map { ($0, .warning) }
    }
    return lines + [("", .text)]
  }

  /// The tokens as text, with a bar where the tokenizer cut a word.
  private static func pieces(_ tokens: ArraySlice<TokenizedPrompt.Token>) -> String {
    var text = ""
    for (index, token) in zip(tokens.indices, tokens) {
      let endsWord = token.text.hasSuffix("</w>") || token.text.hasPrefix("<|") || index == tokens.endIndex - 1
      text += token.plainText
      let isBeforeEnd = index < tokens.endIndex - 1 && tokens[index + 1].text.hasPrefix("<|")
      text += endsWord || isBeforeEnd ? " " : "|"
    }
    return text.hasSuffix(" ") ? String(text.dropLast()) : text
  }

  private var guidance: [Line] {
    let settings: [Setting] = [.promptBlend, .guidanceScale, .guidanceRescale, .negativePrompt]
    return settings.filter { $0 == .guidanceScale || !$0.isUsual(in: request) }.map { ($0.title(of: request), .dim) }
  }

  /// Draws the numbers of the first prompt's tokens, in as many columns as fit.
  private func drawTokens(into frame: inout Frame, in part: Rect, _ look: Look) {
    guard let prompt = prompts.first, part.rows >= 2 else { return }
    let tokens = prompt.tokens.prefix(prompt.count), width = 30
    let columns = max(1, part.columns / width)
    frame.write("no.  id     text", look[.dim], column: part.column, row: part.row, end: part.endColumn)
    let rows = min(part.rows - 1, (tokens.count + columns - 1) / columns)
    for (index, token) in tokens.enumerated() where index / max(1, rows) < columns {
      let column = part.column + index / max(1, rows) * width
      let row = part.row + 1 + index % max(1, rows)
      let end = min(part.endColumn, column + width - 1)
      frame.write("\(index + 1)", look[.dim], column: column, row: row, end: end)
      frame.write("\(token.id)", look[.text], column: column + 5, row: row, end: end)
      let isShown = token.plainText.unicodeScalars.allSatisfy { $0.value > 0x20 }
      frame.write(isShown ? token.plainText : token.text, look[.text], column: column + 12, row: row, end: end)
    }
  }
}
