import DiffusionCore

/// The models of the runs.
extension State {
  /// The name of the model of the focused run, for the header; its label where the runs are of several.
  public var modelName: String { modelLabel(of: focus) ?? pane.request.model.name }

  /// Whether the runs on the screen are of several models.
  package var hasSeveralModels: Bool { Set(panes.map(\.request.model)).count > 1 }

  /// What a pane's title calls its model; nil where all runs are of one.
  package func modelLabel(of index: Int) -> String? {
    guard hasSeveralModels else { return nil }
    return panes[index].request.model.label(among: panes.map(\.request.model))
  }

  /// The same in few columns: its beginning where that tells it from the others, else its end.
  package func modelLabel(of index: Int, columns: Int) -> String? {
    guard let label = modelLabel(of: index), label.columns > columns else { return modelLabel(of: index) }
    let others = Set(panes.indices.compactMap { modelLabel(of: $0) }).subtracting([label])
    let start = label.prefix(columns: columns)
    return others.contains { $0.prefix(columns: columns) == start } ? label.suffix(columns: columns) : start
  }

  /// The most steps that the focused run can be asked for: its model's `num_train_timesteps`, or what is usual before
  /// it is known.
  public var numTrainTimesteps: Int { pane.numTrainTimesteps ?? usualTrainTimesteps }

  /// Remembers a model that was opened, so that it can be chosen again.
  mutating func note(_ model: ModelReference) {
    if !models.contains(model) { models.append(model) }
  }
}

extension Pane {
  /// The `num_train_timesteps` of the model of the run that is on the screen next; nil where it is not known.
  fileprivate var numTrainTimesteps: Int? {
    guard let run, latestRequest.model == run.description.model else { return nil }
    return run.description.numTrainTimesteps
  }
}
