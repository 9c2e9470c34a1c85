import CommandLineKit
import DiffusionCore

/// A model that a command has opened.
struct OpenedModel {
  /// Where its files are.
  let source: ModelSource
  /// The model and its scheduler.
  let pipeline: DiffusionPipeline
  /// The engine, its device and its threads.
  let engine: EngineReport
  /// What people call it.
  var name: String { source.name }

  /// What it is made of.
  func inspectReport() throws -> InspectReport {
    let config = pipeline.unet.config
    // A model without a size of its own is described at the size that Diffusers' examples have.
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
