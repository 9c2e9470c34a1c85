import DiffusionCore

/// The prompts of this session, oldest first, each once.
package struct PromptHistory: Sendable, Equatable {
  /// The maximum number of prompts kept.
  package static let capacity = 100

  /// The prompts.
  package private(set) var prompts: [String] = []

  /// Creates an empty history.
  package init() {}

  /// Adds the prompts of a run; one that is there already becomes the latest.
  package mutating func note(_ new: [String]) {
    let new = new.filter { !$0.isEmpty }
    prompts = Array((prompts.filter { !new.contains($0) } + new).suffix(Self.capacity))
  }
}

/// The former values that the arrow keys go through while a setting is edited, with what was being typed at their end.
struct Recall: Sendable, Equatable {
  private var texts: [String]
  private var place: Int

  /// Creates a list of former values; the one that is being edited is left out.
  init(_ former: [String], editing text: String) {
    texts = former.filter { $0 != text } + [text]
    place = texts.count - 1
  }

  /// Whether there is anything to go back to.
  var isEmpty: Bool { texts.count < 2 }

  /// The value before or after the current one; nil at either end.
  mutating func move(by distance: Int, from text: String) -> String? {
    guard texts.indices.contains(place + distance) else { return nil }
    // What was changed is there again on the way back.
    texts[place] = text
    place += distance
    return texts[place]
  }
}

/// Prompts, and the settings that are of use only with one.
extension Setting {
  /// Whether only a model that takes a prompt has it.
  var needsPrompt: Bool { self != .classLabels && Setting.ofPrompts.contains(self) }

  /// Whether its value is written in sentences, of any length.
  var isProse: Bool { self == .prompt || self == .negativePrompt }

  /// Whether its value has such sentences in it.
  var hasProse: Bool { isProse || self == .promptBlend }
}

extension State {
  /// Why the focused run has no such setting; nil if it has, or if its model is not known yet.
  func reasonAgainst(_ setting: Setting) -> String? {
    guard let run = run?.description, pane.latestRequest.model == run.model else { return nil }
    if setting == .classLabels, !run.takesClass {
      return "\(run.model.name) has no classes: \(pressing(.run(.edit(.model)))) for a model that has some"
    }
    guard setting.needsPrompt, setting != .guidanceScale || !run.takesGuidance else { return nil }
    if run.takesPrompt {
      guard setting == .promptBlend, pane.latestSettings.prompts.isEmpty else { return nil }
      return "there is no prompt to blend with: \(pressing(.run(.edit(.prompt)))) to type one"
    }
    return "\(run.model.name) takes no \(setting.isProse ? setting.label : "prompt, so no \(setting.label)"): "
      + "\(pressing(.run(.edit(.model)))) for a model that does, such as \(ModelReference.promptDemoName)"
  }
}

extension RunRequest {
  /// Its prompts in quotation marks, with what they are blended with if that fits, in at most some columns; nil for a
  /// run without any.
  package func promptTitle(columns: Int) -> String? {
    let prompts = settings.prompts
    guard let first = prompts.first, columns >= 5 else { return nil }
    let more = prompts.count > 1 ? " +\(prompts.count - 1)" : ""
    if let blend = settings.promptBlend {
      let strength = NumberText.shortest(blend.strength)
      let whole = "\"\(first)\"\(more) towards \"\(blend.prompt)\" by \(strength)"
      if whole.columns <= columns { return whole }
    }
    return "\"\(first.shortened(columns: columns - 2 - more.columns))\"\(more)"
  }
}
