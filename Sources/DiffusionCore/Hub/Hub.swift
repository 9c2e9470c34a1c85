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
  /// The Hub is asked for the commit of a branch, as Diffusers does; if it cannot be, the cache's copy opens. A commit
  /// that the cache has, and any model while `HF_HUB_OFFLINE` is set, opens without a network.
  ///
  /// - Parameters:
  ///   - name: A path, or `owner/name[@revision]`.
  ///   - check: Called several times a second during a download; an error it throws stops it.
  ///   - progress: Called as a download goes on.
  /// - Throws: ``DiffusionError``, and what `check` throws.
  public func source(
    _ name: String, check: @escaping () throws -> Void = {}, progress: @escaping HubProgressHandler = { _ in }
  ) throws -> ModelSource {
    guard FileAccess.kind(of: ModelSource.path(name, environment: environment)) == nil, let parsed = HubName(name)
    else {
      return try ModelSource(resolving: name, environment: environment)
    }
    let settings = try HubSettings(environment: environment)
    let copy = try completeCopy(of: parsed)
    if let copy, parsed.isCommit || settings.isOffline { return copy.source }
    guard !settings.isOffline else {
      throw DiffusionError(
        .missingInput,
        "\(name): not in the cache (\(cache.folder(of: parsed.repository))), and HF_HUB_OFFLINE is set; unset it to "
          + "download the model")
    }
    let client = HubClient(settings: settings, transport: transport, clock: clock, check: check)
    guard let copy else { return try pull(parsed, with: client, progress: progress) }
    do {
      guard try client.commit(of: parsed, patience: .none) != copy.commit else { return copy.source }
      return try pull(parsed, with: client, progress: progress)
    } catch is DiffusionError {
      return copy.source
    }
  }

  /// Downloads what is missing of a model, and forgets nothing that is there.
  ///
  /// - Parameters:
  ///   - name: The name of the model.
  ///   - variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  ///   - check: Called several times a second; an error it throws stops the download.
  ///   - progress: Called as the download goes on.
  /// - Returns: The model.
  /// - Throws: ``DiffusionError``, and what `check` throws.
  public func pull(
    _ name: HubName, variant: String? = nil, check: @escaping () throws -> Void = {},
    progress: @escaping HubProgressHandler = { _ in }
  ) throws -> ModelSource {
    let settings = try HubSettings(environment: environment)
    guard !settings.isOffline else {
      throw DiffusionError(.unavailable, "\(name): HF_HUB_OFFLINE is set; unset it to download the model")
    }
    let client = HubClient(settings: settings, transport: transport, clock: clock, check: check)
    return try pull(name, variant: variant, with: client, progress: progress)
  }

  private func pull(
    _ name: HubName, variant: String? = nil, with client: HubClient, progress: @escaping HubProgressHandler
  ) throws -> ModelSource {
    let commit = try client.commit(of: name, patience: .usual)
    var pull = HubPull(
      client: client, cache: cache, name: name, commit: commit, meter: HubMeter(name, clock, progress))
    do {
      try pull.run(variant: variant)
    } catch {
      cache.removeEmptyFolders(of: name, at: commit)
      throw error
    }
    return ModelSource(snapshot: "\(cache.folder(of: name.repository))/snapshots/\(commit)", of: name)
  }

  /// The cache's copy of a model, if it has every file that a run needs.
  private func completeCopy(of name: HubName) throws -> (source: ModelSource, commit: String)? {
    guard let commit = try cache.commit(of: name) else { return nil }
    let source = ModelSource(snapshot: "\(cache.folder(of: name.repository))/snapshots/\(commit)", of: name)
    guard let files = try? source.files(), files.allSatisfy({ FileAccess.kind(of: $0.path) == .file }) else {
      return nil
    }
    return (source, commit)
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
    let list = try client.files(of: name, at: commit)
    sizes = Dictionary(list.map { ($0.path, $0.size) }, uniquingKeysWith: { first, _ in first })
    let files = HubFiles(list, variant: variant)
    let index = try fetchIndex()
    let needed = files.needed(for: index)
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
    if FileAccess.kind(of: path) == .file {
      meter.skip(sizes[file] ?? 0)
      return path
    }
    meter.begin(file)
    guard let metadata = try client.metadata(of: file, name, at: commit) else {
      cache.rememberMissing(file, name, at: commit)
      throw DiffusionError(.missingInput, "\(name): has no \(file), which the Hub lists; try again later")
    }
    guard let size = metadata.size ?? sizes[file], size >= 0 else {
      throw DiffusionError(.inputOutput, "\(name): the Hub does not say how large \(file) is; try again later")
    }
    try cache.prepare(for: path, of: name)
    try cache.locked(metadata.etag, of: name, clock: client.clock, check: client.check) {
      if FileAccess.kind(of: cache.blob(metadata.etag, of: name)) == .file {
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
private final class HubMeter {
  private var progress: HubProgress
  private let clock: HubClock
  private let report: HubProgressHandler
  private var start: Double?
  /// The bytes that came through the network.
  private var transferred = 0

  init(_ name: HubName, _ clock: HubClock, _ report: @escaping HubProgressHandler) {
    progress = HubProgress(name: name.description, file: Hub.index, bytes: 0, totalBytes: 0)
    (self.clock, self.report) = (clock, report)
  }

  func expect(_ sizes: [Int]) { progress.totalBytes += sizes.reduce(0, +) }

  func begin(_ file: String) { progress.file = file }

  /// Counts bytes that are there already.
  func skip(_ count: Int) { progress.bytes += count }

  /// Counts bytes that came.
  func count(_ count: Int) {
    let begin = start ?? clock.now()
    start = begin
    transferred += count
    progress.bytes += count
    let seconds = clock.now() - begin
    if seconds >= 0.5, transferred > 0 {
      let rate = Double(transferred) / seconds
      progress.rate = rate
      progress.secondsLeft = Double(max(0, progress.totalBytes - progress.bytes)) / rate
    }
    report(progress)
  }
}
