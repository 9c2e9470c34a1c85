import DiffusionCore

/// What three pictures in place of one show.
package enum ThreeUpSubject: String, Sendable, CaseIterable {
  /// x_t, the predicted original and the predicted noise.
  case step
  /// The original as predicted without the prompt and with it, and their difference.
  case guidedOriginals = "guided_originals"
  /// The model's output without the prompt and with it, and their difference.
  case guidedOutputs = "guided_outputs"

  /// Whether it is the two halves of a guided prediction.
  package var isGuided: Bool { self != .step }

  /// The lines below each picture.
  var captionLines: Int { isGuided ? 3 : 1 }

  /// What follows a subject, or none of them, among those of a guided prediction; nil after the last.
  static func guided(after subject: ThreeUpSubject?) -> ThreeUpSubject? {
    switch subject {
    case nil, .step: .guidedOriginals
    case .guidedOriginals: .guidedOutputs
    case .guidedOutputs: nil
    }
  }
}

/// The two halves of a guided prediction, their difference and what guidance made of them, each of the first image of
/// the batch: `[1, channels, height, width]`.
package struct GuidanceParts {
  package let without, with, difference, guided: Tensor<Float>
  /// Whether they are embeddings, `[1, features]`, and no pictures.
  package var isEmbedding: Bool { with.shape.count == 2 }

  /// Takes the halves of a step; nil for a step without guidance.
  package init?(_ subject: ThreeUpSubject, of step: DenoisingStep) {
    guard let guidance = step.guidance else { return nil }
    let isOutput = subject == .guidedOutputs
    let half = { isOutput ? $0 : try guidance.predOriginalSample(from: $0) }
    guard let without = try? half(guidance.unconditional), let with = try? half(guidance.conditional) else {
      return nil
    }
    (self.without, self.with) = (without.firstImage, with.firstImage)
    guided = (isOutput ? step.modelOutput : step.predOriginalSample).firstImage
    let differences = zip(self.with.scalars, self.without.scalars).map { $0 - $1 }
    difference = Tensor(unchecked: self.with.shape, differences)
  }
}

extension State {
  /// The step under the cursor if it is to be shown by its halves, and has them.
  private var guidedStep: (subject: ThreeUpSubject, step: DenoisingStep)? {
    guard let subject = threeUpSubject, subject.isGuided, let run, run.history.indices.contains(position - 1) else {
      return nil
    }
    let step = run.history[position - 1].step
    return step.guidance == nil ? nil : (subject, step)
  }

  /// The halves of the step under the cursor; nil if it has none. They are computed anew.
  package var guidanceParts: GuidanceParts? { guidedStep.flatMap { GuidanceParts($0.subject, of: $0.step) } }

  /// What guides the predictions of the focused run.
  fileprivate var guide: String { run?.description.takesPrompt == false ? Setting.classLabels.label : "prompt" }

  /// Why the step under the cursor has no predictions without and with the prompt; nil if it has.
  package var reasonAgainstGuidance: String? {
    guard let run else { return absence }
    guard run.description.takesGuidance else {
      return "\(run.description.model.name) reads no prompt: one prediction a step"
    }
    if guidedStep != nil { return nil }
    let setting = guidanceSettingOfStep
    if let scale = setting.number(in: settingsOfStep), scale <= 1 {
      let edit = pressing(.run(.edit(setting)))
      return "guidance \(NumberText.shortest(scale)) takes one prediction a step: \(edit) for more"
    }
    guard position > 0 else { return "not yet: \(pressing(.playback(.stepForward))) to take the first step" }
    if let stage = run.description.stage(at: position) { return "\(stage.name) is not guided: one prediction a step" }
    return "the model reads the guidance itself: one prediction a step"
  }

  /// The setting that guides the step under the cursor: a stage of its own has one of its own.
  fileprivate var guidanceSettingOfStep: Setting {
    let stages = run?.description.stages ?? [], stage = run?.description.stage(at: position)
    // Only a prior is before the stages that the guidance is for.
    return settingsOfStep.priorGuidanceScale != nil && stage?.steps == stages.first?.steps
      ? .priorGuidanceScale : .guidanceScale
  }

  /// The settings that the step under the cursor was taken with; a branch may have changed them.
  package var settingsOfStep: RunSettings {
    let parts = try? settings.parts()
    return parts?.last { $0.firstStep < max(1, position) }?.settings ?? settings
  }

  /// The pictures of the halves of a guided prediction and of their difference, with their numbers. If only one fits,
  /// it is that of the current view's place.
  ///
  /// - Parameters:
  ///   - columns: The columns for all of them, which determine how detailed their captions are.
  ///   - tier: The colours of the terminal, which the difference's caption explains.
  package func guidance(columns: Int, tier: ColorTier) -> ThreeUp {
    let isNarrow = columns < 3 * 19
    let negative = settingsOfStep.negativePrompt.isEmpty ? "without the \(guide)" : "with the negative prompt"
    func item(_ title: String, _ tensor: Tensor<Float>?, _ kind: String, _ content: ThreeUp.Content) -> ThreeUp.Item {
      let numbers = tensor.map { Self.numbers(of: $0, columns: (columns - 2) / 3) } ?? []
      return ThreeUp.Item(title: title, captions: numbers + [kind], content: content)
    }
    func half(_ title: String, _ tensor: Tensor<Float>?) -> ThreeUp.Item {
      guard let tensor, let run else { return item(title, nil, "", .missing) }
      guard tensor.shape.count > 2 else { return item(title, tensor, "\(tensor.count) numbers", .embedding) }
      let isOutput = threeUpSubject == .guidedOutputs
      let pictured =
        isOutput ? PicturedTensor(tensor: tensor, source: .values) : run.previewed(tensor, inspection.channel)
      let channels = inspection.channelSummary(of: tensor)
      let summary = channels.first { $0.columns < columns / 3 } ?? channels.last
      let kind = pictured.source == .linearPreview ? "linear preview" : summary
      return item(title, tensor, kind ?? "[-1, 1]", inspection.picture(of: pictured).map { .picture($0) } ?? .missing)
    }
    let parts = guidanceParts, scale = inspection.differenceScale
    let pictures = parts.flatMap { $0.isEmbedding ? nil : $0 }
    let difference = pictures.flatMap {
      DifferencePicture(of: $0.difference, channel: inspection.channel(of: $0.difference), scale: scale)
    }
    let legend = DifferenceLegend(scale: scale).text(tier: tier)
    return ThreeUp(
      items: [
        half(isNarrow ? "without" : negative, parts?.without),
        half(isNarrow ? "with" : "with the \(guide)", parts?.with),
        item(
          isNarrow ? "difference" : "with - without", parts?.difference,
          legend.columns <= columns / 3 ? legend : "colours to \(scale.label)",
          parts?.isEmbedding == true ? .embedding : difference.map { .difference($0) } ?? .missing),
      ], chosen: TensorView.allCases.firstIndex(of: view) ?? 0, region: viewport?.region, fit: fit)
  }

  /// The numbers of a tensor in two lines, with three decimals, or as many as fit.
  fileprivate static func numbers(of tensor: Tensor<Float>, columns: Int = .max) -> [String] {
    let statistics = TensorStatistics(of: tensor, histogramBins: 0)
    let words = [
      ("mean", statistics.mean), ("std", statistics.std), ("min", Double(statistics.min)),
      ("max", Double(statistics.max)),
    ]
    func lines(_ digits: Int) -> [String] {
      let texts = words.map { "\($0) \(NumberText.fixed($1, digits))" }
      return [texts.prefix(2).joined(separator: "  "), texts.suffix(2).joined(separator: "  ")]
    }
    return [3, 2].lazy.map(lines).first { $0.allSatisfy { $0.columns <= columns } } ?? lines(1)
  }
}

extension Setting {
  /// The scale of a setting of guidance; nil where the settings have none.
  fileprivate func number(in settings: RunSettings) -> Double? {
    self == .priorGuidanceScale ? settings.priorGuidanceScale : settings.guidanceScale
  }
}

/// What guidance makes of its two halves, in words and numbers.
package struct GuidancePanel {
  package let state: State

  /// Whether it takes the place of the numbers of one tensor.
  static func isShown(_ state: State) -> Bool {
    state.threeUpSubject?.isGuided == true && state.reasonAgainstGuidance == nil
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard let parts = state.guidanceParts else { return }
    for (row, line) in lines(of: parts, columns: part.columns).prefix(part.rows).enumerated() {
      frame.write(line, look[row == 0 ? .text : .dim], column: part.column, row: part.row + row, end: part.endColumn)
    }
  }

  private func lines(of parts: GuidanceParts, columns: Int) -> [String] {
    let settings = state.settingsOfStep, setting = state.guidanceSettingOfStep
    let scale = NumberText.shortest(setting.number(in: settings) ?? 1)
    let rescaled = settings.guidanceRescale > 0 ? ", rescaled by \(NumberText.shortest(settings.guidanceRescale))" : ""
    let formula = "guided = without + \(scale) (with - without)\(rescaled)\(batch.map { ", image 1 of \($0)" } ?? "")"
    let numbers = State.numbers(of: parts.guided), line = "guided: \(numbers.joined(separator: "  "))"
    let lengths = [parts.difference, parts.with].map { TensorStatistics(of: $0, histogramBins: 0).l2 }
    let ratio = NumberText.fixed(100 * lengths[0] / lengths[1], 1)
    let share = "L2 of the difference: \(ratio) % of that with the \(state.guide)"
    let what =
      state.threeUpSubject == .guidedOutputs
      ? "These are the model's outputs." : "Originals, as each alone predicts them."
    return TextWrap(formula, columns: columns).lines
      + (line.columns <= columns ? [line] : ["guided:  \(numbers[0])", "         \(numbers[1])"])
      + [share, what].flatMap { TextWrap($0, columns: columns).lines }
  }

  private var batch: Int? {
    state.run.flatMap { $0.description.initialNoise.shape.first }.flatMap { $0 > 1 ? $0 : nil }
  }
}
