import FoundationEssentials
import TensorKernels

/// The Hub and its cache on this machine: models by their names, `owner/name[@revision]`.
///
/// Nothing is asked of a network before a name is opened or pulled.
public struct Hub: Sendable {
  /// The cache, which huggingface_hub shares.
  public let cache: HubCache
  private let environment: [String: String]
  private let transport: any HubTransport
  private let clock: HubClock

  /// The name of the index of a model.
  static let index = "model_index.json"

  /// Creates the Hub that an environment names.
  ///
  /// - Parameters:
  ///   - environment: The environment of the process, with huggingface_hub's variables.
  ///   - transport: What makes requests; libcurl if omitted.
  ///   - clock: What waits between tries; the system's if omitted.
  public init(
    environment: [String: String], transport: (any HubTransport)? = nil, clock: HubClock = .system
  ) {
    cache = HubCache(environment: environment)
    self.environment = environment
    self.transport = transport ?? CurlTransport(environment: environment)
    self.clock = clock
  }

  /// Locates a model: a folder of that name, or else one of the Hub, which is downloaded if the cache lacks it.
  ///
  /// A model that the cache has opens as it is, and nothing is asked of a network; ``pull(_:variant:progress:)`` looks
  /// for a newer one.
  ///
  /// - Parameters:
  ///   - name: A path, or `owner/name[@revision]`.
  ///   - variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  ///   - progress: Called several times a second during a download; an error it throws stops it.
  /// - Throws: ``DiffusionError``, and what `progress` throws.
  public func source(
    _ name: String, variant: String? = nil, progress: @escaping HubProgressHandler = { _ in }
  ) throws -> ModelSource {
    guard FileAccess.kind(of: ModelSource.path(name, environment: environment)) == nil, let parsed = HubName(name)
    else {
      let source = try ModelSource(resolving: name, variant: variant, environment: environment)
      if let variant, try !source.hasVariant() { throw Self.lacks(variant, name) }
      return source
    }
    if let copy = try cached(parsed, variant: variant) { return copy }
    return try pull(parsed, variant: variant, progress: progress)
  }

  /// Downloads what is missing of a model, and forgets nothing that is there.
  ///
  /// - Parameters:
  ///   - name: The name of the model.
  ///   - variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  ///   - progress: Called several times a second; an error it throws stops the download.
  /// - Returns: The model: the copy of the cache where nothing may be asked of a network (``isOffline()``).
  /// - Throws: ``DiffusionError``, and what `progress` throws.
  public func pull(
    _ name: HubName, variant: String? = nil, progress: @escaping HubProgressHandler = { _ in }
  ) throws -> ModelSource {
    let settings = try HubSettings(environment: environment)
    guard !settings.isOffline else { return try offlineCopy(of: name, variant: variant) }
    let meter = HubMeter(name, clock)
    let client = HubClient(settings: settings, transport: transport, clock: clock) { try progress(meter.progress) }
    let commit = try client.commit(of: name)
    var pull = HubPull(client: client, cache: cache, name: name, commit: commit, meter: meter)
    do {
      try pull.run(variant: variant)
    } catch {
      cache.removeEmptyFolders(of: name, at: commit)
      throw error
    }
    return ModelSource(snapshot: cache.snapshot(commit, of: name), of: name, variant: variant)
  }

  /// Whether nothing may be asked of a network: `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names a variable whose value cannot be used.
  public func isOffline() throws -> Bool { try HubSettings(environment: environment).isOffline }

  /// The cache's copy of a model, where nothing may be asked of a network.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) that says what of it is missing.
  private func offlineCopy(of name: HubName, variant: String?) throws -> ModelSource {
    func missing(_ what: String) -> DiffusionError {
      DiffusionError(
        .missingInput, "\(name): \(what), and HF_HUB_OFFLINE is set; unset it to download the model")
    }
    guard let commit = try cache.commit(of: name) else {
      throw missing("not in the cache (looked for \(cache.folder(of: name.repository)))")
    }
    let snapshot = cache.snapshot(commit, of: name)
    let source = ModelSource(snapshot: snapshot, of: name, variant: variant)
    do {
      let absent = try source.files().first { !$0.isThere }
      if let absent { throw missing("incomplete in the cache (\(absent.path) is missing)") }
    } catch let error as DiffusionError where error.kind == .missingInput && !error.message.hasPrefix("\(name): ") {
      throw missing("incomplete in the cache (\(error.message))")
    }
    if let variant, try !source.hasVariant() { throw Self.lacks(variant, "\(name)") }
    return source
  }

  /// The cache's copy of a model; nil unless it has every file that a run needs.
  private func cached(_ name: HubName, variant: String?) throws -> ModelSource? {
    guard let commit = try cache.commit(of: name) else { return nil }
    let source = ModelSource(snapshot: cache.snapshot(commit, of: name), of: name, variant: variant)
    guard let files = try? source.files(), files.allSatisfy(\.isThere),
      try source.hasVariant()
    else { return nil }
    return source
  }

  fileprivate static func lacks(_ variant: String, _ name: String) -> DiffusionError {
    DiffusionError(.missingInput, "\(name): has no weights of the variant '\(variant)'; leave out --variant")
  }
}

extension PretrainedPipeline {
  /// Opens a folder in Diffusers' layout, or a model of the Hub, which is downloaded if the Hub's cache lacks it.
  ///
  /// - Parameters:
  ///   - name: A path, or `owner/name[@revision]`; a folder of that name takes precedence.
  ///   - variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  ///   - device: The device to compute on; if nil, the processor as ``Device/cpu(environment:)`` selects it.
  ///   - threads: The number of threads; if nil, the number of processors.
  ///   - weights: The precision that the weights are rounded to.
  ///   - environment: Locates the Hub and its cache, and selects the instruction set of `cpu`; if nil, that of the
  ///     process.
  /// - Throws: ``DiffusionError``: `missingInput` for a file that is missing, `badData` for one that is damaged,
  ///   inconsistent or not supported, and what a download throws.
  public static func fromPretrained(
    _ name: String, variant: String? = nil, device: Device? = nil, threads: Int? = nil,
    weights: WeightPrecision = .float32, environment: [String: String]? = nil
  ) throws -> DiffusionPipeline {
    let environment = environment ?? ProcessInfo.processInfo.environment
    return try load(
      Hub(environment: environment).source(name, variant: variant), device: device, threads: threads,
      weights: weights, environment: environment)
  }
}

/// The download of one commit of a model.
private struct HubPull {
  let client: HubClient
  let cache: HubCache
  let name: HubName
  let commit: String
  let meter: HubMeter
  private var sizes: [String: Int] = [:]

  init(client: HubClient, cache: HubCache, name: HubName, commit: String, meter: HubMeter) {
    (self.client, self.cache, self.name, self.commit, self.meter) = (client, cache, name, commit, meter)
  }

  mutating func run(variant: String?) throws {
    let list = try cache.files(of: name, at: commit) ?? client.files(of: name, at: commit)
    sizes = Dictionary(list.map { ($0.path, $0.size) }, uniquingKeysWith: { first, _ in first })
    let files = HubFiles(list, variant: variant)
    let index = try fetchIndex()
    let needed = files.needed(for: index)
    if let variant, !needed.contains(where: { WeightFiles.variant(of: $0) == variant }) {
      throw Hub.lacks(variant, "\(name)")
    }
    guard index != nil || needed.contains(where: { $0.hasSuffix("config.json") }) else {
      throw DiffusionError(
        .badData, "\(name): has no model_index.json: it is no model in Diffusers' layout; name another one")
    }
    meter.expect(needed.map { sizes[$0] ?? 0 })
    // Small files first: the indices among them name the shards.
    var shards: [String] = []
    for file in needed.sorted(by: { (sizes[$0] ?? 0, $0) < (sizes[$1] ?? 0, $1) }) {
      let path = try fetch(file)
      let found = try files.shards(of: file, at: path)
      meter.expect(found.map { sizes[$0] ?? 0 })
      shards += found
    }
    for shard in shards { _ = try fetch(shard) }
    // A revision is remembered only where its files are those of a model.
    _ = try ModelSource(snapshot: cache.snapshot(commit, of: name), of: name, variant: variant).files()
    try cache.remember(commit, of: name)
  }

  /// Downloads the index, and refuses a pipeline that is not supported before anything large is downloaded.
  private func fetchIndex() throws -> ModelIndex? {
    guard sizes[Hub.index] != nil else {
      // Asked for all the same, so that the cache says what huggingface_hub would have found.
      if try client.metadata(of: Hub.index, name, at: commit) == nil {
        cache.rememberMissing(Hub.index, name, at: commit)
      }
      return nil
    }
    meter.expect([sizes[Hub.index] ?? 0])
    let path = try fetch(Hub.index), index = try ModelIndex(reading: ModelFile(path: path))
    try PipelineClass(named: index.className, file: "\(name)").check(index, file: "\(name)/\(Hub.index)")
    return index
  }

  /// Downloads a file unless it is there, and returns its path.
  private func fetch(_ file: String) throws -> String {
    let path = try cache.path(of: file, name, at: commit)
    // A file of another length than the Hub's list says was cut by a full disk or a crash, and comes again.
    if let found = FileAccess.size(of: path), sizes[file].map({ $0 == found }) ?? true {
      meter.skip(sizes[file] ?? 0)
      return path
    }
    meter.begin(file)
    guard let metadata = try client.metadata(of: file, name, at: commit) else {
      cache.rememberMissing(file, name, at: commit)
      throw DiffusionError(.missingInput, "\(name): has no \(file), which the Hub lists; try again later")
    }
    guard let size = metadata.size ?? sizes[file], HubClient.fileSizes.contains(size) else {
      throw DiffusionError(.inputOutput, "\(name): the Hub does not say how large \(file) is; try again later")
    }
    try cache.prepare(for: path, of: name)
    try cache.locked(metadata.etag, of: name, clock: client.clock, check: client.check) {
      if FileAccess.size(of: cache.blob(metadata.etag, of: name)) == size {
        meter.skip(size)
      } else {
        try HubDownload(
          client: client, cache: cache, name: name, file: file, metadata: metadata, size: size, count: meter.count
        ).run()
      }
      try cache.link(path, to: metadata.etag, of: name)
    }
    return path
  }
}

/// Measures a download.
final class HubMeter {
  private(set) var progress: HubProgress
  private let clock: HubClock
  private var start: Double?
  /// The bytes that came through the network.
  private var transferred = 0

  init(_ name: HubName, _ clock: HubClock) {
    progress = HubProgress(name: name.description, file: Hub.index, bytes: 0, totalBytes: 0)
    self.clock = clock
  }

  func expect(_ sizes: [Int]) { progress.totalBytes = .sum(of: [progress.totalBytes] + sizes) }

  func begin(_ file: String) { progress.file = file }

  /// Counts bytes that are there already.
  func skip(_ count: Int) { progress.bytes = .sum(of: [progress.bytes, count]) }

  /// Counts bytes that came; negative where they are to come again.
  func count(_ count: Int) {
    let begin = start ?? clock.now()
    start = begin
    transferred += count
    progress.bytes += count
    let seconds = clock.now() - begin
    guard seconds >= 0.5, transferred > 0 else { return }
    let rate = Double(transferred) / seconds
    progress.rate = rate
    progress.secondsLeft = Double(max(0, progress.totalBytes - progress.bytes)) / rate
  }
}
