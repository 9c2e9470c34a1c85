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
  func inspectReport() throws -> InspectReport {
    let config = pipeline.unet.config
    // A model without a size of its own is described at the size that Diffusers' examples use.
    let description = try pipeline.unet.describe(height: config.sampleHeight ?? 32, width: config.sampleWidth ?? 32)
    return InspectReport(
      model: name, unet: ConfigListing.values(of: config),
      scheduler: try pipeline.schedulerSource.scheduler(),
      layers: description.layers.map {
        LayerReport(
          name: $0.name, kind: $0.kind, outputShape: $0.outputShape, parameters: $0.parameterCount, flops: $0.flops)
      })
  }
}
