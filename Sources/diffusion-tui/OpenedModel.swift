import CommandLineKit
import DiffusionCore

/// A model that a command has opened.
struct OpenedModel {
  /// The location of its files.
  let source: ModelSource
  /// The model and its scheduler.
  let pipeline: DiffusionPipeline
  /// Its display name.
  var name: String { source.name }

  /// A report on its structure.
  ///
  /// - Parameter settings: Their height and width count.
  /// - Throws: ``DiffusionError`` (`usage`) for a size that the model cannot make.
  func inspectReport(of settings: RunSettings) throws -> InspectReport {
    let networks = try pipeline.model.networks(of: settings).map { network in
      InspectReport.Network(
        component: network.component, className: network.className,
        config: ConfigListing.values(of: network.configuration),
        layers: network.description.layers.map {
          LayerReport(
            name: $0.name, kind: $0.kind, outputShape: $0.outputShape, parameters: $0.parameterCount, flops: $0.flops)
        })
    }
    let scheduler = try pipeline.schedulerSource.scheduler()
    return InspectReport(
      model: name, network: networks[0], others: Array(networks.dropFirst()), scheduler: scheduler,
      choices: InspectReport.Choice.all(unsuited: pipeline.schedulerSource.unsuited))
  }
}
