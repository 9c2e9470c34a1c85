// What the stages of a run have beside the settings of its main one.

extension Setting {
  /// The number of inference steps of the prior.
  public static let priorSteps = Setting(
    "prior_steps", \.settings.priorSteps, .optional(.whole { 1...max(1, $0.limits.steps) }, none: "own"),
    label: "prior-steps",
    options: [
      SettingOption(
        value: "n",
        "The number of inference steps of unCLIP's prior, which makes an image embedding of the prompt. If omitted, "
          + "25. --steps is that of its decoder.")
    ], restarts: .schedule, mayBeOmitted: true,
    title: { request in request.settings.priorSteps.map { "\($0) prior steps" } ?? "own prior steps" })

  /// The number of inference steps of the super-resolution.
  public static let superResSteps = Setting(
    "super_res_steps", \.settings.superResSteps, .optional(.whole { 1...max(1, $0.limits.steps) }, none: "own"),
    label: "super-res-steps",
    options: [
      SettingOption(
        value: "n", "The number of inference steps of unCLIP's super-resolution. If omitted, 7.")
    ], restarts: .schedule, mayBeOmitted: true,
    title: { request in
      request.settings.superResSteps.map { "\($0) super-resolution steps" } ?? "own super-resolution steps"
    })

  /// How far the prior's prediction goes towards the prompt.
  public static let priorGuidanceScale = Setting(
    "prior_guidance_scale", \.settings.priorGuidanceScale, .optional(.decimal(0...100), none: "own"),
    label: "prior-guidance",
    options: [
      SettingOption(
        value: "x",
        "How closely the embedding that unCLIP's prior makes follows the prompt. If omitted, 4. --guidance-scale is "
          + "that of its decoder.")
    ], restarts: .schedule, mayBeOmitted: true)

  /// The settings that only a model with stages has a use for.
  package static let ofStages = [priorSteps, superResSteps, priorGuidanceScale]
}

extension RunSettings {
  /// Refuses the settings of stages for a model that has none.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the setting.
  func refuseStages() throws {
    let request = RunRequest(settings: self)
    guard let found = Setting.ofStages.first(where: { !$0.isUsual(in: request) }) else { return }
    throw DiffusionError(
      SettingFault(
        found.name,
        refusal: "the model has one stage: it is for unCLIP, which has a prior and a super-resolution"))
  }
}
