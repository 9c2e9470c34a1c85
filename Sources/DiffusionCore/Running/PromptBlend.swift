/// A second prompt whose embeddings are mixed into those of a run's prompts.
///
/// What the network attends to becomes a + w (b - a), with a the hidden states of an image's prompt, b those of this
/// one and w the strength, for every token, padding included. The prediction without the prompt stays as it is.
public struct PromptBlend: Sendable, Hashable {
  /// The other prompt.
  public var prompt: String
  /// The fraction of the way: 0 (the run's prompt, bit for bit) to 1 (the other one, bit for bit).
  public var strength: Double

  /// Creates a blend.
  ///
  /// - Parameters:
  ///   - prompt: The other prompt.
  ///   - strength: The fraction of the way to it, 0 to 1.
  public init(prompt: String, strength: Double) {
    (self.prompt, self.strength) = (prompt, strength)
  }

  /// Mixes hidden states, in the order of operations of <doc:NumericsContract>.
  ///
  /// - Parameters:
  ///   - states: Those of the run's prompts, `[batch, tokens, features]`.
  ///   - other: Those of the other prompt, of the same shape.
  package func applied(to states: Tensor<Float>, towards other: Tensor<Float>) -> Tensor<Float> {
    if strength == 0 { return states }
    if strength == 1 { return other }
    let weight = Float(strength)
    let mixed = zip(states.scalars, other.scalars).map { own, other in
      let difference = other - own, part = weight * difference
      return own + part
    }
    return Tensor(unchecked: states.shape, mixed)
  }
}

extension Setting {
  /// A second prompt whose embeddings are mixed into the run's.
  public static let promptBlend = Setting(
    "prompt_blend", \.settings.promptBlend, .promptBlend, label: "prompt-blend",
    options: [
      SettingOption(
        "blend_prompt", key: "prompt", .blendedPrompt, value: "text",
        "Mix the embeddings of the prompt with those of another one. Needs --blend-strength."),
      SettingOption(
        "blend_strength", key: "strength", .strength, value: "x",
        "How far to mix: 0 (the embeddings of --prompt) to 1 (those of --blend-prompt)."),
    ], restarts: .schedule, mayBeOmitted: true,
    title: { request in
      request.settings.promptBlend.map { "towards \"\($0.prompt)\" by \(SettingValue(number: $0.strength).text)" }
        ?? "no prompt blend"
    })
}

extension SettingForm where Value == String {
  /// The other prompt of a blend: any text, an empty one too.
  static let blendedPrompt = SettingForm({ _ in "a text" }, short: { _ in "text" }) {
    .text($0)
  } read: { value, _ in
    if case .text(let text) = value { text } else { nil }
  }.with {
    $0.parse = { line in
      let texts = TypedTexts.parsed(line)
      return .text(texts.count == 1 ? texts[0] : line)
    }
    $0.print = { TypedTexts.line([$0.text]) }
  }
}

extension SettingForm where Value == PromptBlend? {
  /// A table with a prompt and a strength; typed as `red heart x 0.35`, or `off` for none.
  static let promptBlend = SettingForm(
    { _ in "another prompt and a strength from 0 to 1, such as red heart x 0.35; or off" },
    short: { _ in "red heart x 0.35, off" }
  ) { blend in
    blend.map { .table(["prompt": .text($0.prompt), "strength": SettingValue(number: $0.strength)]) } ?? .null
  } read: { value, scope in
    if value == .null { return .some(nil) }
    guard case .table(let parts) = value, Set(parts.keys).isSubset(of: ["prompt", "strength"]) else { return nil }
    func part<Part>(_ key: String, _ form: SettingForm<Part>) throws -> Part {
      let value = parts[key] ?? .null
      guard let part = try form.read(value, scope) else {
        throw DiffusionError(value.fault("blend_\(key)", expected: form.expected(scope)))
      }
      return part
    }
    return PromptBlend(prompt: try part("prompt", .blendedPrompt), strength: try part("strength", .strength))
  }.with {
    $0.parse = { text in
      if text == "off" { return .null }
      // The strength comes last: the prompt may have an x and numbers of its own.
      guard let space = text.lastIndex(of: " ") else { return .text(text) }
      let strength = text[text.index(after: space)...], before = text[..<space]
      let prompt = before.hasSuffix(" x") ? before.dropLast(2) : before
      return .table([
        "prompt": SettingForm<String>.blendedPrompt.parse(String(prompt)),
        "strength": SettingValue(decimal: String(strength)),
      ])
    }
    $0.print = { Self.typed($0) { $0 } }
  }

  /// A blend as it is typed.
  ///
  /// - Parameter prompt: Converts the typed form of the other prompt.
  static func typed(_ value: SettingValue, prompt: (String) -> String) -> String {
    guard case .table(let parts) = value, let other = parts["prompt"], let strength = parts["strength"] else {
      return "off"
    }
    return prompt(TypedTexts.line([other.text])) + " x " + strength.text
  }
}
