/// What `model_index.json` says a model is made of: the classes, in Diffusers' names.
public struct ModelIndex: Sendable, Equatable {
  /// `DDIMPipeline` or `DDPMPipeline`; both run as DDIM here.
  public let pipelineClass: String
  /// `UNet2DModel`.
  public let unetClass: String
  /// `DDIMScheduler` or `DDPMScheduler`; the latter's configuration is converted as `DDIMScheduler.from_config` does.
  public let schedulerClass: String

  /// The JSON: `_class_name`, and for every component a library and a class.
  private struct Fields: Decodable {
    let className: String
    let unet: [String?]?
    let scheduler: [String?]?

    enum CodingKeys: String, CodingKey {
      case className = "_class_name"
      case unet, scheduler
    }
  }

  /// Names the classes of a model.
  package init(pipelineClass: String, unetClass: String, schedulerClass: String) {
    self.pipelineClass = pipelineClass
    self.unetClass = unetClass
    self.schedulerClass = schedulerClass
  }

  /// Reads the index of an unconditional pipeline.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the file if it is not JSON, or describes a pipeline, a UNet or a
  ///   scheduler that is not supported.
  init(reading file: ModelFile) throws {
    // The class alone first: another pipeline's components may have any form.
    struct ClassName: Decodable {
      let value: String
      enum CodingKeys: String, CodingKey { case value = "_class_name" }
    }
    let bytes = try file.read()
    let pipeline = try JSONText.decode(ClassName.self, from: bytes, source: file.path).value
    try Self.check("pipeline", pipeline, among: ["DDIMPipeline", "DDPMPipeline"], file)
    let fields = try JSONText.decode(Fields.self, from: bytes, source: file.path)
    pipelineClass = pipeline
    unetClass = try Self.component("unet", fields.unet, among: ["UNet2DModel"], file)
    schedulerClass = try Self.component(
      "scheduler", fields.scheduler, among: ["DDIMScheduler", "DDPMScheduler"], file)
  }

  private static func component(
    _ name: String, _ value: [String?]?, among supported: [String], _ file: ModelFile
  ) throws -> String {
    guard let value, value.count == 2, let found = value[1] else {
      throw DiffusionError(
        .badData, "\(file.path): \"\(name)\" is missing; expected [\"diffusers\", \"\(supported[0])\"]")
    }
    try check(name, found, among: supported, file)
    return found
  }

  private static func check(
    _ what: String, _ found: String, among supported: [String], _ file: ModelFile
  ) throws {
    guard supported.contains(found) else {
      throw DiffusionError(
        .badData, "\(file.path): the \(what) is \(found); supported: \(supported.joined(separator: ", "))")
    }
  }
}
