import DiffusionCore

/// The models of the runs.
extension State {
  /// What a pane's run starts from, in words; "noise" before there is a run.
  package func startName(of index: Int) -> String { panes[index].run?.description.startName ?? "noise" }

  /// The name of the focused run's model, for the header; its label if the runs use several.
  public var modelName: String { modelLabel(of: focus) ?? pane.request.model.name }

  /// Whether the runs on the screen use several models.
  package var hasSeveralModels: Bool { Set(panes.map(\.request.model)).count > 1 }

  /// The label of a pane's model in its title; nil if all runs use the same one.
  package func modelLabel(of index: Int) -> String? {
    guard hasSeveralModels else { return nil }
    return panes[index].request.model.label(among: panes.map(\.request.model))
  }

  /// The label shortened to some columns: its beginning if that distinguishes it from the others, otherwise its end.
  package func modelLabel(of index: Int, columns: Int) -> String? {
    guard let label = modelLabel(of: index), label.columns > columns else { return modelLabel(of: index) }
    let others = Set(panes.indices.compactMap { modelLabel(of: $0) }).subtracting([label])
    let start = label.prefix(columns: columns)
    return others.contains { $0.prefix(columns: columns) == start } ? label.suffix(columns: columns) : start
  }

  /// The maximum number of steps for the focused run: its model's `num_train_timesteps`, or the default until that is
  /// known.
  public var numTrainTimesteps: Int { pane.numTrainTimesteps ?? usualTrainTimesteps }

  /// Offers models that are at hand, as values of `:model` and of its editor.
  package mutating func offer(_ names: [String]) {
    for name in names { note(ModelReference(name)) }
  }

  /// Remembers an opened model, so that it can be chosen again.
  mutating func note(_ model: ModelReference) {
    if !models.contains(model) { models.append(model) }
  }
}

extension Pane {
  /// The `num_train_timesteps` of the next run's model; nil if it is not known.
  fileprivate var numTrainTimesteps: Int? {
    guard let run, latestRequest.model == run.description.model else { return nil }
    return run.description.numTrainTimesteps
  }
}
