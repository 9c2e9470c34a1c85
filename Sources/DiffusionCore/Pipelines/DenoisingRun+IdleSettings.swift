/// Settings that change nothing.
extension DenoisingRun {
  /// A line for each setting that was given and changes nothing in this run, as Diffusers takes it without a word: an
  /// eta for a scheduler without it, a negative prompt without guidance, a seed for steps that draw no noise.
  public var idleSettings: [String] {
    let all = formerParts + [part] + laterParts
    return Self.schedulerSettings.compactMap { idle($0, in: all) } + idleGuidance(in: all) + idleSeeds(in: all)
  }

  /// The settings that a scheduler's step may take, and whether one is given.
  private static let schedulerSettings: [(setting: Setting, isGiven: @Sendable (RunSettings) -> Bool)] = [
    (.eta, { $0.eta != 0 }), (.useClippedModelOutput, \.useClippedModelOutput),
  ]

  private func idle(
    _ given: (setting: Setting, isGiven: @Sendable (RunSettings) -> Bool), in parts: [RunPart]
  ) -> String? {
    let own = parts.filter { given.isGiven($0.settings) }, name = given.setting.name
    guard let first = own.first else { return nil }
    func takes(_ part: RunPart) -> Bool {
      type(of: part.scheduler).stepOptions.contains { $0.name == name && $0.isSetting }
    }
    guard !own.contains(where: takes) else { return nil }
    let value = given.setting.text(of: RunRequest(settings: first.settings))
    return "\(given.setting.label) \(value) has no effect: \(type(of: first.scheduler).shortName) takes none"
  }

  /// What is for guidance, in a run that takes one prediction. A stage behind the first is not told yet whether it
  /// takes two.
  private func idleGuidance(in parts: [RunPart]) -> [String] {
    guard !tokenizedPrompts.isEmpty, !parts.contains(where: { $0.stage != nil || $0.conditioning.guidance != nil })
    else { return [] }
    var given: [Setting] = settings.negativePrompt.isEmpty ? [] : [.negativePrompt]
    if settings.guidanceRescale > 0 { given.append(.guidanceRescale) }
    return given.map {
      "\($0.label) has no effect: without guidance (\(Setting.guidanceScale.label) 1 or less) one prediction is taken"
    }
  }

  /// What decides about noise alone, at branches behind which none is drawn.
  private func idleSeeds(in parts: [RunPart]) -> [String] {
    let deciding: [Setting] = [.seeds, .generatorDevice, .gpuModel, .multiprocessors, .threadsPerMultiprocessor]
    return zip(parts, parts.dropFirst()).compactMap { former, branch in
      let changed = Set(RunBranch.changes(from: former.settings, to: branch.settings).keys)
      guard branch.isBranch, !changed.isEmpty, changed.isSubset(of: deciding.map(\.name)),
        schedule[branch.begins...].allSatisfy({ $0.sigma == 0 }),
        parts.allSatisfy({ $0.begins < branch.begins || $0.stage?.continuesSample != false })
      else { return nil }
      let names = deciding.filter { changed.contains($0.name) }.map(\.label).joined(separator: ", ")
      return "branch at step \(branch.begins): \(names) has no effect: the steps behind it draw no noise"
    }
  }
}
