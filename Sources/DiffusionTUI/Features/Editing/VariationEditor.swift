import DiffusionCore

/// A variation that is being edited: another seed, which is typed, and a strength on a slider.
public struct VariationEditor: Sendable, Equatable {
  /// The other seed as typed; an empty one removes the variation.
  package private(set) var seed: String
  /// The strength, 0 to 1.
  package private(set) var strength: Double
  /// Whether the next digit replaces the seed: true until the first key press.
  package private(set) var isFresh = true
  /// Why the seed was rejected, in one line.
  package var error: String?
  /// The run with the noise of this variation; nil until the noise is drawn.
  package private(set) var preview: RunDescription?

  /// Creates an editor from the run's variation, or with the next seed and a strength of 0.
  package init(_ settings: RunSettings) {
    let next = (settings.seeds.first ?? 0).next
    seed = String((settings.variation?.seed ?? next).number)
    strength = settings.variation?.strength ?? 0
  }

  /// The variation as edited; nil for none.
  ///
  /// - Throws: `DiffusionError` (`usage`) for an invalid seed.
  package func variation() throws -> NoiseVariation? {
    seed.isEmpty ? nil : NoiseVariation(seed: try Seed(parsing: seed), strength: strength)
  }

  /// Handles a key; returns false if it changes nothing here.
  package mutating func press(_ key: Key) -> Bool {
    switch key {
    case .right: move(by: 5)
    case .left: move(by: -5)
    case .character(">"): move(by: 1)
    case .character("<"): move(by: -1)
    case .home: strength = 0
    case .end: strength = 1
    case .up: walk(by: 1)
    case .down: walk(by: -1)
    case .backspace: seed = String(seed.dropLast())
    case .delete, .control("u"): seed = ""
    case .character(let character) where character == "-" || ("0"..."9").contains(character):
      if isFresh { seed = "" }
      if seed.count < 20 { seed.append(character) }
    default: return false
    }
    isFresh = false
    error = nil
    return true
  }

  /// Shows the noise drawn for it, unless the variation has changed since.
  package mutating func show(_ description: RunDescription) {
    if let own = try? variation(), description.settings.variation == own { preview = description }
  }

  /// Moves the slider by some hundredths.
  private mutating func move(by hundredths: Double) {
    strength = min(100, max(0, (strength * 100).rounded() + hundredths)) / 100
  }

  private mutating func walk(by distance: Int128) {
    guard let number = Int128(seed), Seed.range.contains(number + distance) else { return }
    seed = String(number + distance)
  }
}

extension NoiseVariation {
  /// The expected input.
  package static let hint = "another seed and a strength from 0 to 1, such as 7 0.35; or off"

  /// The other seed and the strength, as shown on the screen.
  package var text: String { "\(seed) x \(NumberText.shortest(strength))" }

  /// Parses a seed and a strength, separated by a space or an x.
  ///
  /// - Throws: `DiffusionError` (`usage`): one line that says what was expected.
  package init(parsing text: String) throws {
    let words = text.split(separator: " ").filter { $0 != "x" }
    guard words.count == 2, let last = words.last else {
      throw DiffusionError(.usage, "variation '\(text)' is not a seed and a strength: expected \(Self.hint)")
    }
    let seed = try Seed(parsing: String(words[0]))
    let isDecimal = last.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
    guard isDecimal, let strength = Double(last), (0...1).contains(strength) else {
      throw DiffusionError(
        .usage, "variation: strength '\(last)' is not a decimal from 0 (the run's noise) to 1 (the other seed's)")
    }
    self.init(seed: seed, strength: strength)
  }
}

extension Seed {
  /// The next seed; the first one after the last.
  var next: Seed {
    guard number < Seed.range.upperBound else { return 0 }
    return number < 0 ? Seed(Int(number) + 1) : Seed(UInt64(number) + 1)
  }
}

/// Blending the noise of the focused run with another seed's.
extension State {
  /// Handles a key press while the variation is open, and requests a preview of its noise at once.
  mutating func press(_ key: Key, in editor: VariationEditor) -> [Effect] {
    if key == .enter { return apply(editor) }
    var editor = editor
    return editor.press(key) ? preview(editor) : []
  }

  /// Types text that arrived at once, and requests one preview.
  mutating func type(_ text: String, in editor: VariationEditor) -> [Effect] {
    var editor = editor
    let changes = text.reduce(false) { editor.press(.character($1)) || $0 }
    return changes ? preview(editor) : []
  }

  private mutating func preview(_ editor: VariationEditor) -> [Effect] {
    update(.variation(editor))
    var request = pane.latestRequest
    guard let variation = try? editor.variation() else { return [] }
    request.settings.variation = variation
    return [.previewNoise(request)]
  }

  /// Restarts the run with the variation; rejects an invalid seed and changes nothing.
  private mutating func apply(_ editor: VariationEditor) -> [Effect] {
    var request = pane.latestRequest
    do {
      request.settings.variation = try editor.variation()
    } catch {
      var refused = editor
      refused.error = String(describing: error)
      update(.variation(refused))
      return []
    }
    close(.variation)
    return request == pane.latestRequest ? [] : restart(request)
  }

  /// Shows the noise that was drawn for the variation being edited.
  mutating func showPreview(_ description: RunDescription) {
    guard var editor = variationEditor else { return }
    editor.show(description)
    update(.variation(editor))
  }

  /// The state to show: a focused run that is at its noise has that of the variation being edited.
  package var previewed: State {
    guard let preview = variationEditor?.preview, let run, pane.position == 0, pending == nil,
      preview.model == run.description.model
    else { return self }
    var state = self
    state.pane.run = ShownRun(number: run.number, preview)
    state.pane.comparison = nil
    state.pane.divergence = nil
    state.refreshComparisons()
    return state
  }
}
