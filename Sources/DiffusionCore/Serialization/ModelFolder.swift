/// A model in folders as people have them: what `save_pretrained` writes, or a part of it.
///
/// A training checkpoint (`checkpoint-500` with `unet` and `unet_ema`), a network alone, a folder without its index and
/// a file of weights beside its configuration are completed from the folders around the network. A scheduler that is
/// nowhere is that of Diffusers' training script. ``notes`` says what was assumed.
struct ModelFolder {
  /// The index: a file, or a text that is assumed.
  let index: ModelFile
  /// A line about what was assumed; empty for a folder with an index.
  let notes: [String]
  /// The folder of the components that are not elsewhere.
  private let folder: String
  /// The UNet, if it is not where the index says.
  private let unet: FoundUNet?
  /// The scheduler's configuration, if it is not where the index says.
  private let scheduler: ModelFile?

  /// Finds a model.
  ///
  /// - Parameter path: A folder, or a file of weights.
  /// - Throws: ``DiffusionError``: `missingInput` that says what is missing, `badData` for what is no model.
  init(_ path: String) throws {
    if let index = Self.index(in: path) {
      self.init(index: index, folder: path)
    } else {
      try self.init(around: FoundUNet(at: path), path)
    }
  }

  private init(
    index: ModelFile, folder: String, unet: FoundUNet? = nil, scheduler: ModelFile? = nil, notes: [String] = []
  ) {
    (self.index, self.folder, self.unet, self.scheduler, self.notes) = (index, folder, unet, scheduler, notes)
  }

  /// A component's configuration: in its subfolder, or, in the flat layout, in the folder itself.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) that says where it looked.
  func config(_ name: String, of component: String) throws -> ModelFile {
    if component == "scheduler", let scheduler { return scheduler }
    if component == "unet", let unet { return ModelFile(path: "\(unet.folder)/\(name)") }
    let places = ["\(folder)/\(component)/\(name)", "\(folder)/\(name)"]
    guard let found = places.first(where: { FileAccess.kind(of: $0) != nil }) else {
      throw DiffusionError(.missingInput, "\(places[0]): missing, and so is \(places[1]); the model is incomplete")
    }
    return ModelFile(path: found)
  }

  /// A file in a component's subfolder; nil if there is none.
  func file(_ name: String, of component: String) -> ModelFile? {
    let path = "\(folder)/\(component)/\(name)"
    return FileAccess.kind(of: path) == nil ? nil : ModelFile(path: path)
  }

  /// The weights that were asked for by their file; nil for those that a component's folder has.
  func weights(of component: String) -> WeightFiles? {
    component == "unet" ? unet?.weights.map(WeightFiles.init(path:)) : nil
  }

  private static func index(in folder: String) -> ModelFile? {
    let path = "\(folder)/model_index.json"
    return FileAccess.kind(of: path) == nil ? nil : ModelFile(path: path)
  }
}

// MARK: - Without an index

extension ModelFolder {
  private init(around unet: FoundUNet, _ path: String) throws {
    for base in unet.surroundings {
      guard let index = Self.index(in: base), let classes = try? ModelIndex(reading: index).components,
        classes["unet"] == unet.className
      else { continue }
      let averages = unet.averages.map { "; \($0) is not used" } ?? ""
      self.init(
        index: index, folder: base, unet: unet,
        notes: ["\(path): opened as the unet of \(base)\(averages)"])
      return
    }
    switch unet.className {
    case "UNet2DModel": try self.init(unconditional: unet, path)
    default: try self.init(stableDiffusion: unet, path)
    }
  }

  /// A pipeline of a UNet alone. Its scheduler may be beside the UNet, or in the model's or the training's folder.
  private init(unconditional unet: FoundUNet, _ path: String) throws {
    let places =
      ["\(unet.folder)/scheduler_config.json"] + unet.surroundings.map { "\($0)/scheduler/scheduler_config.json" }
    let found = places.first { FileAccess.kind(of: $0) == .file }.map(ModelFile.init(path:))
    let file =
      try found
      ?? ModelFile(
        assumed: .table(["_class_name": .text("DDPMScheduler")]),
        path: "\(unet.folder)/scheduler_config.json (assumed)")
    let scheduler = try Self.text("_class_name", of: file) ?? "DDPMScheduler"
    let origin = found.map { "the scheduler in \($0.path)" } ?? "DDPMScheduler with its defaults"
    let averages = unet.averages.map { "; \($0) is not used" } ?? ""
    self.init(
      index: try Self.assumedIndex(
        "DDPMPipeline", ["unet": ("diffusers", unet.className), "scheduler": ("diffusers", scheduler)], unet),
      folder: unet.surroundings[1], unet: unet, scheduler: file,
      notes: ["\(path): no model_index.json: opened as a DDPMPipeline of \(unet.folder) and \(origin)\(averages)"])
  }

  /// A pipeline of a UNet that takes prompts, with everything else in the folders beside it.
  private init(stableDiffusion unet: FoundUNet, _ path: String) throws {
    let folder = unet.surroundings[1]
    let files = [
      "text_encoder": "text_encoder/config.json", "vae": "vae/config.json",
      "scheduler": "scheduler/scheduler_config.json", "tokenizer": "tokenizer",
    ]
    let missing = files.filter { FileAccess.kind(of: "\(folder)/\($0.value)") == nil }.keys.sorted()
    guard missing.isEmpty else {
      throw DiffusionError(
        .missingInput,
        "\(path): a UNet2DConditionModel without \(missing.joined(separator: ", ")): put it in place of the unet of "
          + "the model that its training began with, and open that")
    }
    func named(_ key: String, _ component: String, or usual: String) throws -> String {
      try Self.text(key, of: ModelFile(path: "\(folder)/\(files[component] ?? component)")) ?? usual
    }
    let isConsistent = try Self.values(of: ModelFile(path: "\(unet.folder)/config.json"))["time_cond_proj_dim"]
    let className =
      isConsistent.map { $0 == .null } ?? true ? "StableDiffusionPipeline" : "LatentConsistencyModelPipeline"
    let components = [
      "unet": ("diffusers", unet.className), "vae": ("diffusers", try named("_class_name", "vae", or: "AutoencoderKL")),
      "text_encoder": ("transformers", try named("architectures", "text_encoder", or: "CLIPTextModel")),
      "tokenizer": ("transformers", "CLIPTokenizer"),
      "scheduler": ("diffusers", try named("_class_name", "scheduler", or: "")),
    ]
    let averages = unet.averages.map { "; \($0) is not used" } ?? ""
    self.init(
      index: try Self.assumedIndex(className, components, unet), folder: folder, unet: unet,
      notes: ["\(path): no model_index.json: opened as a \(className) of the folders beside \(unet.folder)\(averages)"])
  }

  private static func assumedIndex(
    _ className: String, _ components: [String: (library: String, className: String)], _ unet: FoundUNet
  ) throws -> ModelFile {
    var values = components.mapValues { SettingValue.list([.text($0.library), .text($0.className)]) }
    values["_class_name"] = .text(className)
    return try ModelFile(assumed: .table(values), path: "\(unet.surroundings[1])/model_index.json (assumed)")
  }

  fileprivate static func values(of file: ModelFile) throws -> [String: SettingValue] {
    try ConfigurationReader(json: file.read(), file: file.path).values
  }

  /// The text of a key of a configuration, or the first text of its list.
  fileprivate static func text(_ key: String, of file: ModelFile) throws -> String? {
    switch try values(of: file)[key] {
    case .text(let text): text
    case .list(let list): list.first.flatMap { if case .text(let text) = $0 { text } else { nil } }
    default: nil
    }
  }
}

/// A UNet in a folder that has no index.
private struct FoundUNet {
  /// The folder of its configuration.
  let folder: String
  /// The file that was asked for; nil for the one that the folder has.
  var weights: String?
  /// `UNet2DModel` or `UNet2DConditionModel`.
  let className: String
  /// The folder of its averages (EMA), where a checkpoint has both.
  var averages: String?

  private static let classes = ["UNet2DModel", "UNet2DConditionModel"]

  /// Its folder and the two around it: those of the model, or of a checkpoint and its training.
  var surroundings: [String] {
    let outer = Self.parent(of: folder)
    return [folder, outer, Self.parent(of: outer)]
  }

  /// Finds the UNet that a path stands for: a file of weights, its folder, or the folder around that.
  init(at path: String) throws {
    guard FileAccess.kind(of: path) == .folder else {
      let folder = FileAccess.parent(of: path)
      guard let found = try Self.className(in: folder) else { throw Self.withoutConfiguration(path) }
      (self.folder, weights, className) = (folder, path, found)
      return
    }
    for name in ["", "/unet", "/unet_ema"] {
      guard let found = try Self.className(in: path + name) else { continue }
      (folder, className) = (path + name, found)
      if name == "/unet", FileAccess.kind(of: "\(path)/unet_ema") == .folder { averages = "\(path)/unet_ema" }
      return
    }
    throw Self.refusal(of: path)
  }

  /// The class of the network in a folder; nil if there is no configuration that names one.
  private static func className(in folder: String) throws -> String? {
    let file = ModelFile(path: "\(folder)/config.json")
    guard FileAccess.kind(of: file.path) == .file, let found = try ModelFolder.text("_class_name", of: file) else {
      return nil
    }
    guard classes.contains(found) else {
      try ModelIndex.refuseOneDimension(found, "_class_name", file: file.path)
      throw DiffusionError(
        .badData,
        "\(file.path): _class_name is \(SettingValue.text(found)): without a model_index.json beside it, expected "
          + classes.joined(separator: " or "))
    }
    return found
  }

  /// Why a folder without a network is no model.
  private static func refusal(of folder: String) -> DiffusionError {
    let names = FileAccess.names(in: folder), weights = names.first(where: WeightFiles.isWeights)
    let other = weights.map { withoutConfiguration("\(folder)/\($0)") }
    if let other, other.kind == .badData { return other }
    let checkpoints = names.filter { $0.hasPrefix("checkpoint-") }
    // The last one of the training, by its number.
    let last = checkpoints.max { Int($0.dropFirst(11)) ?? -1 < Int($1.dropFirst(11)) ?? -1 }
    if let last {
      return DiffusionError(
        .missingInput, "\(folder)/model_index.json: missing; open a checkpoint, such as \(folder)/\(last)")
    }
    return other
      ?? DiffusionError(
        .missingInput,
        "\(folder)/model_index.json: missing; a model is a folder as Diffusers' DDIMPipeline.save_pretrained writes it"
      )
  }

  /// Why weights without a configuration are no model: what they are, if their names tell.
  private static func withoutConfiguration(_ path: String) -> DiffusionError {
    do {
      let store = try WeightFiles(path: path).open()
      if let other = ForeignWeights(names: store.names) { return other.error(path) }
    } catch let error as DiffusionError {
      return error
    } catch {}
    let file = ModelFile(path: "\(FileAccess.parent(of: path))/config.json")
    if FileAccess.kind(of: file.path) == .file, let name = (try? ModelFolder.text("architectures", of: file)) ?? nil {
      return DiffusionError(
        .badData,
        "\(file.path): architectures is \(SettingValue.text(name)): without a model_index.json beside it, expected a "
          + "_class_name of \(classes.joined(separator: " or "))")
    }
    return DiffusionError(
      .missingInput,
      "\(path): weights without their configuration: expected \(FileAccess.parent(of: path))/config.json, which "
        + "names a UNet, as save_pretrained writes it beside them")
  }

  /// The folder around a folder in the file system, whatever links lead there, so that all spellings of a folder are
  /// one model.
  private static func parent(of folder: String) -> String {
    let real = FileAccess.parent(of: FileAccess.realPath(of: folder)), near = FileAccess.parent(of: folder)
    return FileAccess.realPath(of: near) == real ? near : real
  }
}
