import FoundationEssentials

extension DDIMPipeline {
  /// Opens a folder in Diffusers' layout, or a Hub id that is in the Hub's cache.
  ///
  /// The scheduler of a folder whose index names `DDPMScheduler` is converted as Diffusers' `DDIMScheduler.from_config` does.
  ///
  /// - Parameters:
  ///   - name: A path, or `owner/name`; a folder of that name comes before a Hub id.
  ///   - device: Who computes; if nil, the processor with what ``Device/cpu(environment:)`` chooses.
  ///   - threads: How many threads; as many as there are processors if nil.
  ///   - weights: What to round the weights to.
  ///   - environment: Says where the Hub's cache is, and what `cpu` means; the process's own if nil.
  /// - Throws: ``DiffusionError``: `missingInput` for what is not there, `badData` for what is damaged, does not fit together or
  ///   is not supported.
  public static func fromPretrained(
    _ name: String, device: Device? = nil, threads: Int? = nil, weights: WeightPrecision = .float32,
    environment: [String: String]? = nil
  ) throws -> DDIMPipeline {
    let environment = environment ?? ProcessInfo.processInfo.environment
    return try load(
      ModelSource(resolving: name, environment: environment), device: device, threads: threads, weights: weights,
      environment: environment
    )
  }

  /// Opens a model wherever it is.
  ///
  /// - Throws: As ``fromPretrained(_:device:threads:weights:environment:)``.
  public static func load(
    _ source: ModelSource, device: Device? = nil, threads: Int? = nil, weights: WeightPrecision = .float32,
    environment: [String: String]? = nil
  ) throws -> DDIMPipeline {
    let device = try device ?? Device.cpu(environment: environment ?? ProcessInfo.processInfo.environment)
    // Refuses what is not supported.
    _ = try source.modelIndex()
    let unetConfig = try source.unetConfig()
    let config = try UNet2DModelConfig(json: unetConfig.read(), file: unetConfig.path)
    let scheduler = try DDIMScheduler(source)
    let unet = try UNet2DModel(
      config: config, parameters: source.unetParameters(), device: device, threads: threads ?? onlineProcessorCount(),
      weights: weights)
    return DDIMPipeline(unet: unet, scheduler: scheduler)
  }
}

extension DDIMScheduler {
  /// Reads a model's scheduler.
  ///
  /// - Throws: ``DiffusionError`` for a configuration that is missing or asks for what there is not.
  package init(_ source: ModelSource) throws {
    let file = try source.schedulerConfig()
    try self.init(config: DDIMSchedulerConfig(json: file.read(), file: file.path))
  }
}
