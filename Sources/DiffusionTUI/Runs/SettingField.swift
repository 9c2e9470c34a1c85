import DiffusionCore

/// A setting that is edited in place.
public enum SettingField: String, Sendable, CaseIterable {
  case seed, steps, eta, device, noiseDevice, variation, model

  /// What the screen calls it.
  package var label: String { self == .noiseDevice ? "noise" : rawValue }

  /// What may be typed.
  package func hint(numTrainTimesteps: Int) -> String {
    switch self {
    case .seed: "a whole number from -2^63 to 2^64-1"
    case .steps: "a whole number from 1 to \(numTrainTimesteps)"
    case .eta: "a decimal from 0 (DDIM) to 1 (DDPM)"
    case .device: Device.names.joined(separator: ", ")
    case .noiseDevice: NoiseDevice.allCases.map(\.rawValue).joined(separator: ", ")
    case .variation: NoiseVariation.hint
    case .model: "a folder, a Hub id such as owner/name, or \(ModelReference.demoName)"
    }
  }

  /// The same in few columns.
  package func shortHint(numTrainTimesteps: Int) -> String {
    switch self {
    case .seed: "a whole number"
    case .steps: "1 to \(numTrainTimesteps)"
    case .eta: "0 to 1"
    case .device, .noiseDevice: "Tab"
    case .model: "folder, Hub id"
    case .variation: "7 0.35, off"
    }
  }

  /// Its value as text.
  package func text(of request: RunRequest) -> String {
    let settings = request.settings
    return switch self {
    case .seed: settings.seeds.first.map(\.description) ?? "0"
    case .steps: String(settings.steps)
    case .eta: NumberText.shortest(Double(settings.eta))
    case .device: settings.device.description
    case .noiseDevice: settings.noiseDevice.rawValue
    case .variation: settings.variation?.text ?? "off"
    case .model: request.model.name
    }
  }

  /// Sets it to what was typed.
  ///
  /// - Throws: `DiffusionError`: one line that says what was expected.
  package func assign(_ text: String, to request: inout RunRequest, numTrainTimesteps: Int) throws {
    if self == .model { return request.model = try Self.model(text) }
    try assign(text, to: &request.settings, numTrainTimesteps: numTrainTimesteps)
  }

  /// Whether there is such a model is found out when it is opened.
  private static func model(_ text: String) throws -> ModelReference {
    guard text.contains(where: { $0 != " " }) else {
      throw DiffusionError(
        .usage, "model '\(text)' is no name: expected \(Self.model.hint(numTrainTimesteps: 1))")
    }
    return ModelReference(text)
  }

  private func assign(_ text: String, to settings: inout RunSettings, numTrainTimesteps: Int) throws {
    switch self {
    case .seed: settings.seeds = [try Seed(parsing: text)]
    case .steps:
      guard let steps = Int(text), (1...max(1, numTrainTimesteps)).contains(steps) else {
        throw DiffusionError(.usage, "steps '\(text)' is not a whole number from 1 to \(numTrainTimesteps)")
      }
      settings.steps = steps
    case .eta:
      let isDecimal = text.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
      guard isDecimal, let eta = Float(text), (0...1).contains(eta) else {
        throw DiffusionError(.usage, "eta '\(text)' is not a decimal from 0 to 1, such as 0.5")
      }
      settings.eta = eta
    case .device: settings.device = try settings.device.named(text)
    case .noiseDevice: settings.noiseDevice = try NoiseDevice(parsing: text)
    case .variation: settings.variation = try text == "off" ? nil : NoiseVariation(parsing: text)
    case .model: break
    }
  }

  /// The most characters that may be typed: a path is longer than a number.
  var longestText: Int { self == .model ? 1024 : 48 }

  /// The choice, or the whole number, beside a text; the text itself where there is none.
  package func neighbour(of text: String, forward: Bool, models: [ModelReference] = []) -> String {
    switch self {
    case .seed, .steps:
      guard let number = Int(text) else { return text }
      let (result, overflow) = number.addingReportingOverflow(forward ? -1 : 1)
      return overflow ? text : String(result)
    case .eta, .variation: return text
    case .device: return neighbour(of: text, in: Device.available.map(\.description), forward)
    case .noiseDevice: return neighbour(of: text, in: NoiseDevice.allCases.map(\.rawValue), forward)
    case .model: return neighbour(of: text, in: models.map(\.name), forward)
    }
  }

  private func neighbour(of text: String, in choices: [String], _ forward: Bool) -> String {
    guard let index = choices.firstIndex(of: text) else { return choices.first ?? text }
    return choices[(index + (forward ? 1 : choices.count - 1)) % choices.count]
  }
}
