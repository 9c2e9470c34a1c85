/// The location of a model's files: a folder, a file of weights beside its configuration, the Hub's cache, or the
/// program itself.
///
/// A folder with an index has one of two layouts: that of `save_pretrained` (`model_index.json`, `unet/config.json`,
/// `unet/diffusion_pytorch_model.safetensors`, `scheduler/scheduler_config.json`), or the flat one of
/// google/ddpm-cifar10-32 (`model_index.json`, `config.json`, `diffusion_pytorch_model.safetensors`,
/// `scheduler_config.json` in the same folder). Without an index, what can be told is assumed, and a warning says so.
/// Locating a model reads none of its files; each is read when needed.
public struct ModelSource: Sendable {
  private enum Location: Sendable {
    /// A folder, or a file of weights: ``ModelFolder``.
    case folder(String)
    /// The files of a model that is built into the program, by their paths relative to its folder.
    case program([String: ModelFile])
  }

  /// The name of a component that is not a model: it has a configuration and no weights.
  static let scheduler = "scheduler"
  /// The name of what makes an image encoder's input of a picture: it has a configuration and no weights.
  static let imageProcessor = "feature_extractor"
  /// The files of a tokenizer; a folder has some of them.
  static let tokenizerFiles = [
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
    "tokenizer.json",
  ]

  /// Its display name: the folder as given, the Hub id, or `ddpm-emoji-32`.
  public let name: String
  /// The name that opens the same files again: for a model of the Hub with its commit, `owner/name@commit`.
  public let identity: String
  /// The guidance scale that suits the model, where its card gives one; nil for that of its pipeline.
  let guidanceScale: Double?
  /// The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  private let variant: String?
  private let location: Location
  /// What takes the last steps of runs that name it, at most one.
  private(set) var refiners: [RefinerSource] = []

  /// Locates a model: a folder of that name, or else `owner/name` in the cache of huggingface_hub. ``Hub`` also
  /// downloads it.
  ///
  /// - Parameters:
  ///   - name: A path, in which a leading `~` is the home folder, or a Hub id.
  ///   - variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  ///   - environment: The environment of the process; `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME` and `HOME` locate the
  ///     cache.
  /// - Throws: ``DiffusionError``: `missingInput` that says where it looked and how to download the model, `badData` if
  ///   the name is that of a file.
  public init(resolving name: String, variant: String? = nil, environment: [String: String]) throws {
    let path = Self.path(name, environment: environment)
    switch FileAccess.kind(of: path) {
    case .folder:
      self.init(name: name, location: .folder(path), variant: variant)
    case .file where WeightFiles.isWeights(path):
      self.init(name: name, location: .folder(path), variant: variant)
    case .file, .other:
      throw DiffusionError(
        .badData, "\(name): a file; a model is the folder that holds model_index.json, or a Hub id such as owner/name")
    case nil:
      guard let hubName = HubName(name) else {
        throw DiffusionError(
          .missingInput,
          "\(name): no such folder; a model is a folder that holds model_index.json, or a Hub id such as owner/name")
      }
      let cache = HubCache(environment: environment)
      try self.init(snapshot: cache.snapshot(of: hubName), of: hubName, variant: variant)
    }
  }

  /// Creates a source for a model that is built into the program.
  ///
  /// - Parameters:
  ///   - name: Its display name.
  ///   - files: The files by their paths relative to the model's folder, in the layout of `save_pretrained`.
  ///   - guidanceScale: The guidance scale that suits it; nil for that of its pipeline.
  package init(name: String, files: [String: ModelFile], guidanceScale: Double? = nil) {
    self.init(name: name, location: .program(files), guidanceScale: guidanceScale)
  }

  /// Creates a source for a model of the Hub's cache.
  ///
  /// - Parameters:
  ///   - folder: The folder of its commit, `snapshots/COMMIT`.
  ///   - name: Its name.
  ///   - variant: The kind of weights that is preferred; nil for the usual one.
  init(snapshot folder: String, of name: HubName, variant: String? = nil) {
    let commit = folder.split(separator: "/").last.map(String.init) ?? ""
    self.init(
      name: name.description, location: .folder(folder),
      identity: HubName.isCommit(commit) ? name.at(commit).description : nil, variant: variant)
  }

  /// The path that a name stands for, in which a leading `~` is the home folder.
  static func path(_ name: String, environment: [String: String]) -> String {
    let home = environment["HOME"] ?? ""
    var path = name == "~" || name.hasPrefix("~/") ? home + name.dropFirst() : name
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  private init(
    name: String, location: Location, guidanceScale: Double? = nil, identity: String? = nil, variant: String? = nil
  ) {
    self.name = name
    self.variant = variant
    self.identity = identity ?? name
    self.location = location
    self.guidanceScale = guidanceScale
  }

  /// The model with a refiner in the place of any other.
  func refined(by refiner: RefinerSource) -> ModelSource {
    var refined = self
    refined.refiners = [refiner]
    return refined
  }

  /// What tells it from other models: its path without links, the same for every spelling, or the name of a model that
  /// is part of the program.
  public var key: String {
    guard case .folder(let path) = location else { return name }
    return FileAccess.realPath(of: path)
  }

  /// The configuration of a component, by its name in `model_index.json`: `unet/config.json`,
  /// `scheduler/scheduler_config.json`.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) that says where it looked.
  public func config(of component: String) throws -> ModelFile {
    try file(Self.configuration(of: component), of: component)
  }

  /// The weights of a component, with current attention names.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` if there are none, `badData` if a file is damaged.
  public func parameters(of component: String) throws -> ParameterStore {
    switch location {
    case .program:
      let weights = try embeddedWeights(of: component)
      let file = try SafeTensorsFile(bytes: weights.contents(), path: weights.path)
      return try ParameterStore(files: [file], path: weights.path).withCurrentAttentionNames()
    case .folder:
      return try weights(of: component).open().withCurrentAttentionNames()
    }
  }

  /// Every file of the model that its runs depend on: the index, the configurations, the tokenizers', then the weights.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) if one is missing.
  public func files() throws -> [ModelFile] {
    let index = try modelIndexFile()
    // A damaged index is hashed too; the other files are then those of an unconditional model.
    let components = (try? ModelIndex(reading: index))?.used ?? ["unet"], models = components.filter(Self.hasWeights)
    let stages = components.filter { Self.isScheduler($0) && $0 != Self.scheduler }
    let processors = components.filter { $0 == Self.imageProcessor }
    let configs = try (models + processors + (stages.isEmpty ? [Self.scheduler] : stages)).map(config(of:))
    let tokenizers = components.filter(Self.isTokenizer).flatMap(tokenizerFiles(of:))
    let parameters = try models.flatMap { model -> [ModelFile] in
      if case .program = location { return [try embeddedWeights(of: model)] }
      return try weights(of: model).paths().map(ModelFile.init(path:))
    }
    return [index] + configs + tokenizers + parameters
  }

  /// Whether some of its weights are of the kind that is preferred.
  func hasVariant() throws -> Bool {
    try variant == nil || files().contains { WeightFiles.variant(of: $0.path) == variant }
  }

  /// The files of a tokenizer that are there.
  func tokenizerFiles(of component: String) -> [ModelFile] {
    Self.tokenizerFiles.compactMap { tokenizerFile($0, of: component) }
  }

  /// A file of a tokenizer, `vocab.json`; nil if there is none.
  func tokenizerFile(_ name: String, of component: String) -> ModelFile? {
    switch location {
    case .program(let files): return files["\(component)/\(name)"]
    case .folder(let path): return try? ModelFolder(path).file(name, of: component)
    }
  }

  /// Whether a component is a scheduler: `scheduler`, or that of a stage, `prior_scheduler`.
  static func isScheduler(_ component: String) -> Bool {
    component == scheduler || component.hasSuffix("_\(scheduler)")
  }

  /// The name of a component's configuration.
  static func configuration(of component: String) -> String {
    if isScheduler(component) { return "scheduler_config.json" }
    return component == imageProcessor ? "preprocessor_config.json" : "config.json"
  }

  /// Whether a component is a network.
  static func hasWeights(_ component: String) -> Bool {
    !isScheduler(component) && !isTokenizer(component) && component != imageProcessor
  }

  private static func isTokenizer(_ component: String) -> Bool { component.hasPrefix("tokenizer") }

  /// A line for each key that occurs again in the index, or in the configurations and the weights' indices of some
  /// components.
  func warnings(of components: [String]) throws -> [String] {
    let index = try modelIndexFile()
    let tokenizers = ((try? ModelIndex(reading: index))?.used ?? []).filter(Self.isTokenizer)
    var files = [index] + (try components.map(config(of:)))
    files += tokenizers.flatMap { tokenizer in
      // The vocabulary and tokenizer.json are large: the tokenizer keeps what it finds as it reads them.
      Self.tokenizerFiles.prefix(3).compactMap { tokenizerFile($0, of: tokenizer) }
    }
    guard case .folder(let path) = location else {
      return try files.flatMap { JSONText.warnings(about: try $0.read(), source: $0.path) }
    }
    files += try components.compactMap { try weights(of: $0).index }
    return try ModelFolder(path).notes + files.flatMap { JSONText.warnings(about: try $0.read(), source: $0.path) }
  }

  /// `model_index.json`.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) if there is none.
  func modelIndexFile() throws -> ModelFile {
    switch location {
    case .program(let files): return try Self.file("model_index.json", of: files, name)
    case .folder(let path): return try ModelFolder(path).index
    }
  }

  /// A file in its component's subfolder, or, in the flat layout, in the folder itself.
  private func file(_ file: String, of component: String) throws -> ModelFile {
    switch location {
    case .program(let files): try Self.file("\(component)/\(file)", of: files, name)
    case .folder(let path): try ModelFolder(path).config(file, of: component)
    }
  }

  private static func file(_ path: String, of files: [String: ModelFile], _ name: String) throws -> ModelFile {
    guard let found = files[path] else {
      throw DiffusionError(.missingInput, "\(name)/\(path): missing; the model is incomplete")
    }
    return found
  }

  /// The weight files, which are in the folder of the configuration.
  private func weights(of component: String) throws -> WeightFiles {
    if case .folder(let path) = location, let file = try ModelFolder(path).weights(of: component) { return file }
    let index = try? ModelIndex(reading: modelIndexFile())
    return try WeightFiles(
      in: FileAccess.parent(of: config(of: component).path), of: Self.library(of: component, index), variant: variant)
  }

  /// The weights of a component that is part of the program.
  private func embeddedWeights(of component: String) throws -> ModelFile {
    let library = Self.library(of: component, try? ModelIndex(reading: modelIndexFile()))
    return try file("\(library.stem).safetensors", of: component)
  }

  private static func library(of component: String, _ index: ModelIndex?) -> WeightFiles.Library {
    index?.transformers.contains(component) == true ? .transformers : .diffusers
  }
}
