import DiffusionCore

extension NoiseVariation {
  /// What may be typed.
  package static let hint = "another seed and a strength from 0 to 1, such as 7 0.35; or off"

  /// As the screen shows it: the other seed and the strength.
  package var text: String { "\(seed) x \(NumberText.shortest(strength))" }

  /// Reads a seed and a strength, with a space or an x between them.
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
