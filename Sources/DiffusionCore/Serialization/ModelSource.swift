/// Where a model's files are: a folder, the Hub's cache, or the program itself.
///
/// A folder has one of two layouts: that of `save_pretrained` (`model_index.json`, `unet/config.json`,
/// `unet/diffusion_pytorch_model.safetensors`, `scheduler/scheduler_config.json`), or the flat one of
/// google/ddpm-cifar10-32 (`model_index.json`, `config.json`, `diffusion_pytorch_model.safetensors`,
/// `scheduler_config.json` side by side). Finding a model reads none of them; each is read when it is asked for.
public struct ModelSource: Sendable {
  /// The files of a model that is part of the program.
  private struct Resident: Sendable {
    let modelIndex, unetConfig, schedulerConfig, unetParameters: ModelFile
  }

  private enum Location: Sendable {
    case folder(String)
    case program(Resident)
  }

  /// What people call it: the folder as it was given, the Hub id, or `ddpm-emoji-32`.
  public let name: String
  private let location: Location

  /// Finds a model: a folder of that name, else `owner/name` in the cache of huggingface_hub.
  ///
  /// - Parameters:
  ///   - name: A path, in which a leading `~` is the home folder, or a Hub id.
  ///   - environment: The process's environment; `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME` and `HOME` say where the
  ///     cache is.
  /// - Throws: ``DiffusionError``: `missingInput` that says where it looked and how to fetch the model, `badData` if the
  ///   name is that of a file.
  public init(resolving name: String, environment: [String: String]) throws {
    let path = HubCache.expand(name, home: environment["HOME"] ?? "")
    switch FileAccess.kind(of: path) {
    case .folder:
      self.init(name: name, location: .folder(path))
    case .file, .other:
      throw DiffusionError(
        .badData, "\(name): a file; a model is the folder that holds model_index.json, or a Hub id such as owner/name")
    case nil:
      guard HubCache.isRepositoryID(name) else {
        throw DiffusionError(
          .missingInput,
          "\(name): no such folder; a model is a folder that holds model_index.json, or a Hub id such as owner/name")
      }
      let snapshot = try HubCache(environment: environment).snapshot(of: name)
      self.init(name: name, location: .folder(snapshot))
    }
  }

  /// A model that is part of the program.
  package init(
    name: String, modelIndex: ModelFile, unetConfig: ModelFile, schedulerConfig: ModelFile, unetParameters: ModelFile
  ) {
    let files = Resident(
      modelIndex: modelIndex, unetConfig: unetConfig, schedulerConfig: schedulerConfig, unetParameters: unetParameters)
    self.init(name: name, location: .program(files))
  }

  private init(name: String, location: Location) {
    self.name = name
    self.location = location
  }

  /// The UNet's `config.json`.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) that says where it looked.
  public func unetConfig() throws -> ModelFile {
    try component("config.json", in: "unet") { $0.unetConfig }
  }

  /// The scheduler's `scheduler_config.json`.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) that says where it looked.
  public func schedulerConfig() throws -> ModelFile {
    try component("scheduler_config.json", in: "scheduler") { $0.schedulerConfig }
  }

  /// The UNet's weights, under the attention names of today.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` if there are none in safetensors, `badData` if a file is damaged.
  public func unetParameters() throws -> ParameterStore {
    switch location {
    case .program(let files):
      let weights = files.unetParameters
      let file = try SafeTensorsFile(bytes: weights.contents(), path: weights.path)
      return try ParameterStore(files: [file], path: weights.path).withCurrentAttentionNames()
    case .folder:
      return try unetWeights().open().withCurrentAttentionNames()
    }
  }

  /// Every file that the model is made of: the index, the configurations, then the weights.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) if one is missing.
  public func files() throws -> [ModelFile] {
    let descriptions = [try modelIndexFile(), try unetConfig(), try schedulerConfig()]
    switch location {
    case .program(let files): return descriptions + [files.unetParameters]
    case .folder: return descriptions + (try unetWeights().paths().map(ModelFile.init(path:)))
    }
  }

  /// `model_index.json`.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) if there is none.
  func modelIndexFile() throws -> ModelFile {
    switch location {
    case .program(let files): return files.modelIndex
    case .folder(let folder):
      let path = "\(folder)/model_index.json"
      guard FileAccess.kind(of: path) != nil else {
        throw DiffusionError(
          .missingInput, "\(path): missing; a model is a folder as Diffusers' DDIMPipeline.save_pretrained writes it")
      }
      return ModelFile(path: path)
    }
  }

  /// A file in its own subfolder, or, in the flat layout, in the folder itself.
  private func component(
    _ file: String, in subfolder: String, _ resident: (Resident) -> ModelFile
  ) throws -> ModelFile {
    switch location {
    case .program(let files): return resident(files)
    case .folder(let folder):
      for path in ["\(folder)/\(subfolder)/\(file)", "\(folder)/\(file)"] where FileAccess.kind(of: path) != nil {
        return ModelFile(path: path)
      }
      throw DiffusionError(
        .missingInput, "\(folder)/\(subfolder)/\(file): missing, and so is \(folder)/\(file); the model is incomplete")
    }
  }

  /// The weights lie beside the configuration.
  private func unetWeights() throws -> WeightFiles {
    try WeightFiles(in: FileAccess.parent(of: unetConfig().path))
  }
}
