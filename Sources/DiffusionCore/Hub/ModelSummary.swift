import Glibc

/// What is known of a model without reading a tensor of its weights.
public struct ModelSummary: Sendable, Equatable {
  /// The name that opens it.
  public let name: String
  /// Its commit on the Hub; nil for a model that is part of the program.
  public let commit: String?
  /// Its pipeline and its scheduler, by their classes in Diffusers; nil where its files do not tell.
  public let pipeline, scheduler: String?
  /// The height and width of its images in pixels; nil where its files do not tell.
  public let height, width: Int?
  /// The size of its files.
  public let bytes: Int
  /// Why it does not open; nil if it opens as far as its index, its configurations and the names and shapes of its
  /// tensors tell.
  public let refusal: String?

  /// Summarises a model that is part of the program.
  ///
  /// - Parameter source: The model.
  public init(_ source: ModelSource) {
    let sizes = ((try? source.files()) ?? []).map { (try? $0.contents().count) ?? 0 }
    self.init(source, name: source.name, commit: nil, bytes: sizes.reduce(0, +))
  }

  fileprivate init(_ source: ModelSource, name: String, commit: String?, bytes: Int) {
    (self.name, self.commit, self.bytes) = (name, commit, bytes)
    let found = Result { try ModelIndex(reading: source.modelIndexFile()) }, index = try? found.get()
    let schedulers = ["scheduler", "prior_scheduler", "decoder_scheduler"]
    (pipeline, scheduler) = (index?.className, schedulers.lazy.compactMap { index?.components[$0] }.first)
    let size = Self.imageSize(of: source, index)
    (height, width) = (size?.height, size?.width)
    // The index of a folder without one comes from its weights, which are not looked through again.
    if case .failure(let error) = found { refusal = "\(error)" } else { refusal = Self.refusal(of: source) }
  }

  /// The size of the images: that of the samples, times the factor of the autoencoder where there is one.
  private static func imageSize(of source: ModelSource, _ index: ModelIndex?) -> (height: Int, width: Int)? {
    func values(_ component: String) -> [String: SettingValue]? {
      guard index?.components[component] != nil, let file = try? source.config(of: component) else { return nil }
      return try? ConfigurationReader(json: file.read(), file: file.path).values
    }
    func integer(_ value: SettingValue) -> Int? {
      guard case .integer(let number) = value, (1...65536).contains(number) else { return nil }
      return Int(exactly: number)
    }
    var factor = 1
    if case .list(let blocks) = (values("vae") ?? values("vqvae"))?["block_out_channels"],
      (1...8).contains(blocks.count)
    {
      factor = 1 << (blocks.count - 1)
    }
    switch (values("unet") ?? values("transformer") ?? values("super_res_first"))?["sample_size"] {
    case .list(let sides):
      let found = sides.compactMap(integer)
      return found.count == 2 && sides.count == 2 ? (found[0] * factor, found[1] * factor) : nil
    case let side?: return integer(side).map { ($0 * factor, $0 * factor) }
    case nil: return nil
    }
  }

  /// Why a model does not open. It is opened up to its first tensor.
  private static func refusal(of source: ModelSource) -> String? {
    struct FirstTensor: Error {}
    do {
      _ = try source.files()
      _ = try DiffusionPipeline.load(source, device: .cpu, threads: 1) { _ in throw FirstTensor() }
      return nil
    } catch is FirstTensor {
      return nil
    } catch {
      return "\(error)"
    }
  }
}

extension HubCache {
  /// The models of the cache, sorted by name: for each revision that it has, one.
  public func models() -> [ModelSummary] {
    revisions().map { name, commit in
      let snapshot = snapshot(commit, of: name)
      return ModelSummary(
        ModelSource(snapshot: snapshot, of: name), name: name.description, commit: commit, bytes: size(of: snapshot))
    }
  }

  /// The names of ``models()``, those first whose pipelines are supported and whose files are there. Only the indices
  /// are read.
  public func namesToOffer() -> [String] {
    let names = revisions().map { name, commit in
      let source = ModelSource(snapshot: snapshot(commit, of: name), of: name)
      let isSupported = (try? ModelIndex(reading: source.modelIndexFile())).map { index in
        (try? PipelineClass(named: index.className, file: "").check(index, file: "")) != nil
      }
      let isThere = (try? source.files())?.allSatisfy(\.isThere) == true
      return (name: name.description, opens: isSupported == true && isThere)
    }
    return (names.filter(\.opens) + names.filter { !$0.opens }).map(\.name)
  }

  /// The names of ``models()``, of which nothing is read.
  public func names() -> [String] { revisions().map(\.name.description) }

  private func revisions() -> [(name: HubName, commit: String)] {
    repositories().flatMap { name in
      let references = references(of: name)
      return snapshots(of: name).map { commit in
        let revisions = references.filter { $0.value == commit }.keys.sorted()
        let revision = revisions.contains("main") ? nil : revisions.first ?? commit
        return (HubName(revision.map { "\(name)@\($0)" } ?? "\(name)") ?? name, commit)
      }
    }
  }

  /// Removes a model, or one revision of it with what no other revision needs.
  ///
  /// A reference goes before the files that it leads to, so that nothing is left that is named as whole. Content that
  /// huggingface_hub keeps for several repositories (`blobs` beside them) goes with the last one that uses it.
  ///
  /// - Parameter name: The model.
  /// - Returns: The bytes that became free.
  /// - Throws: ``DiffusionError``: `missingInput` if the cache has no such model, `cannotCreate` if a file cannot be
  ///   removed.
  public func remove(_ name: HubName) throws -> Int {
    let repository = folder(of: name.repository)
    guard FileAccess.kind(of: repository) == .folder else {
      throw DiffusionError(.missingInput, "\(name): not in the cache (looked for \(repository))")
    }
    guard name.revision != nil else { return try removeAll(of: name) }
    guard let commit = try commit(of: name) else {
      throw DiffusionError(.missingInput, "\(name): not in the cache (\(repository) has no such revision)")
    }
    guard snapshots(of: name) != [commit] else { return try removeAll(of: name) }
    for (reference, target) in references(of: name) where target == commit {
      try Self.removeTree("\(repository)/refs/\(reference)")
    }
    for part in ["snapshots/\(commit)", ".no_exist/\(commit)", "trees/\(commit).json"] {
      try Self.removeTree("\(repository)/\(part)")
    }
    let needed = Set(
      Self.tree("\(repository)/snapshots").compactMap {
        FileAccess.destination(ofLink: $0).flatMap { $0.split(separator: "/").last.map(String.init) }
      })
    let blobs = FileAccess.names(in: "\(repository)/blobs").filter { !needed.contains($0) }
      .map { "\(repository)/blobs/\($0)" }
    let shared = sharedBlobs(of: blobs)
    return try blobs.reduce(0) { try $0 + Self.removeTree($1) } + sweep(shared)
  }

  private func removeAll(of name: HubName) throws -> Int {
    let repository = folder(of: name.repository)
    let shared = sharedBlobs(of: FileAccess.names(in: "\(repository)/blobs").map { "\(repository)/blobs/\($0)" })
    var bytes = 0
    for part in ["refs", "snapshots"] { bytes += try Self.removeTree("\(repository)/\(part)") }
    bytes += try Self.removeTree(repository)
    try Self.removeTree("\(folder)/.locks/\(repository.split(separator: "/").last ?? "")")
    return bytes + sweep(shared)
  }

  /// The names of the models, without their revisions.
  private func repositories() -> [HubName] {
    FileAccess.names(in: folder, prefix: "models--").compactMap { entry in
      let parts = entry.dropFirst("models--".count).split(separator: "-", omittingEmptySubsequences: false)
      guard let gap = parts.firstIndex(of: "") else { return nil }
      return HubName(parts[..<gap].joined(separator: "-") + "/" + parts[(gap + 1)...].joined(separator: "-"))
    }
  }

  private func snapshots(of name: HubName) -> [String] {
    let folder = "\(folder(of: name.repository))/snapshots"
    return FileAccess.names(in: folder).filter { Self.isFolder("\(folder)/\($0)") }
  }

  /// The commits of the branches and tags that the cache knows.
  private func references(of name: HubName) -> [String: String] {
    let folder = "\(folder(of: name.repository))/refs"
    return Dictionary(
      Self.tree(folder).compactMap { path in
        let reference = String(path.dropFirst(folder.count + 1))
        guard let named = HubName("\(name)@\(reference)"), let commit = try? commit(of: named) else { return nil }
        return (reference, commit)
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The size of the files of a commit, each content once.
  private func size(of snapshot: String) -> Int {
    var sizes: [String: Int] = [:]
    for path in Self.tree(snapshot) {
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      sizes["\(status.st_dev) \(status.st_ino)"] = Int(status.st_size)
    }
    return sizes.values.reduce(0, +)
  }

  /// The files below a folder, links not followed.
  private static func tree(_ folder: String) -> [String] {
    FileAccess.names(in: folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      return isFolder(path) ? tree(path) : [path]
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Removes a file, or a folder with what is in it; links are not followed. Returns the bytes of its files.
  @discardableResult
  private static func removeTree(_ path: String) throws -> Int {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      guard unlink(path) == 0 || errno == ENOENT else { throw failure(path, "cannot be removed") }
      return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
    }
    let bytes = try FileAccess.names(in: path).reduce(0) { try $0 + removeTree("\(path)/\($1)") }
    guard rmdir(path) == 0 || errno == ENOENT else { throw failure(path, "cannot be removed") }
    return bytes
  }
}
