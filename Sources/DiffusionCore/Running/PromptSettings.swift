// What the images of a run should show, and how closely they follow it.

extension Setting {
  /// The prompt of all images, or one for each.
  public static let prompt = Setting(
    "prompt", \.settings.promptList, .prompts,
    options: [
      SettingOption(
        each: "prompt", value: "text",
        "What the images should show, for a model that takes a prompt: \"red heart\". May be given several times, "
          + "once for each image.", parse: TypedTexts.list)
    ], restarts: .schedule, mayBeOmitted: true,
    title: { request in
      let prompts = request.settings.prompts
      return prompts.isEmpty ? "no prompt" : prompts.map { "\"\($0)\"" }.joined(separator: ", ")
    })

  /// What the images should not show.
  public static let negativePrompt = Setting(
    "negative_prompt", \.settings.negativePrompt, .prompt, label: "negative-prompt",
    options: [
      SettingOption(
        value: "text", "What the images should not show. It needs a guidance scale above 1.")
    ], restarts: .schedule, mayBeOmitted: true,
    title: { request in
      let prompt = request.settings.negativePrompt
      return prompt.isEmpty ? "no negative prompt" : "not \"\(prompt)\""
    })

  /// How far the prediction goes towards the prompt.
  public static let guidanceScale = Setting(
    "guidance_scale", \.settings.guidanceScale, .optional(.decimal(0...100), none: "own"), label: "guidance",
    options: [
      SettingOption(
        value: "x",
        "How closely the images follow the prompt, usually 1 (the prompt alone) to 10. If omitted, the model's own.")
    ], restarts: .schedule, mayBeOmitted: true)

  /// How far the guided prediction is scaled back.
  public static let guidanceRescale = Setting(
    "guidance_rescale", \.settings.guidanceRescale, .decimal(0...1), label: "guidance-rescale",
    options: [
      SettingOption(
        value: "x", "How far to scale a guided prediction back to its deviation without guidance, 0 to 1.")
    ], statesDefault: true, restarts: .schedule, mayBeOmitted: true)
}

extension Setting {
  /// The settings that only a model that takes a prompt, or a class, has a use for.
  package static let ofPrompts = [prompt, negativePrompt, guidanceScale, guidanceRescale, promptBlend, classLabels]
}

extension RunSettings {
  /// What a text of ``SteppableRun/tokenizedPrompts`` is: one of the prompts, that of the blend or the negative one.
  package func nameOfPrompt(_ index: Int) -> String {
    let count = max(1, prompts.count)
    return index < count ? "prompt" : index == count && promptBlend != nil ? "blend prompt" : "negative prompt"
  }

  /// The prompts; several also set the batch size.
  var promptList: [String] {
    get { prompts }
    set {
      prompts = newValue
      if prompts.count > 1 { batchSize = prompts.count }
    }
  }
}

extension SettingForm where Value == String {
  /// Any text, an empty one too.
  static let prompt = SettingForm({ _ in "a text" }, short: { _ in "text" }) {
    $0.isEmpty ? .null : .text($0)
  } read: { value, _ in
    switch value {
    case .null: ""
    case .text(let text): text
    default: nil
    }
  }.with {
    $0.parse = { line in
      let texts = TypedTexts.parsed(line)
      return .text(texts.count == 1 ? texts[0] : line)
    }
    $0.print = { $0.text.isEmpty ? "" : TypedTexts.line([$0.text]) }
  }
}

extension SettingForm where Value == [String] {
  /// A text for all images, or a list of one for each.
  static let prompts = SettingForm({ _ in "a text, or a list of texts" }, short: { _ in "text" }) {
    $0.isEmpty ? .null : .list($0.map(SettingValue.text))
  } read: { value, _ in
    switch value {
    case .null: return []
    case .text(let text): return [text]
    case .list(let values):
      let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
      return texts.count == values.count ? texts : nil
    default: return nil
    }
  }.with {
    // An option has its text even if that is empty; in an editor, nothing is no prompt.
    $0.parse = { $0.isEmpty ? .null : TypedTexts.list($0) }
    $0.print = { value in
      guard case .list(let texts) = value else { return "" }
      return TypedTexts.line(texts.map(\.text))
    }
  }
}

/// Texts as they are typed: one as it is, several as a list in JSON.
enum TypedTexts {
  /// The texts that a line stands for.
  static func parsed(_ line: String) -> [String] {
    guard line.hasPrefix("[\""), case .list(let values)? = try? JSONText.parse(Array(line.utf8), source: "").value
    else { return [line] }
    let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
    return texts.count == values.count && !texts.isEmpty ? texts : [line]
  }

  /// The same as a value of a setting.
  static let list: @Sendable (String) -> SettingValue = { .list(parsed($0).map(SettingValue.text)) }

  /// The line that stands for texts; nothing for none.
  static func line(_ texts: [String]) -> String {
    if let only = texts.first, texts.count == 1, !only.isEmpty, parsed(only) == [only] { return only }
    return "[" + texts.map(quoted).joined(separator: ", ") + "]"
  }

  /// A line without the characters that separate the parts of a branch.
  static func withoutSeparators(_ line: String) -> String {
    let separators: Set<Character> = [",", ";", "=", "[", "]"]
    guard line.contains(where: separators.contains) else { return line }
    let texts = parsed(line).map { text in
      quoted(text).reduce(into: "") { result, character in
        guard separators.contains(character), let byte = character.asciiValue else { return result.append(character) }
        result += "\\u00" + String(byte, radix: 16)
      }
    }
    return "[" + texts.joined(separator: ", ") + "]"
  }

  private static func quoted(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "\"") { result, scalar in
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case ..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    } + "\""
  }
}
