/// A model of the Hub by its name: `owner/name`, or a revision of it, `owner/name@revision`.
public struct HubName: Sendable, Hashable, CustomStringConvertible {
  /// The repository: `google/ddpm-cifar10-32`.
  public let repository: String
  /// A branch, a tag or a commit; nil for the usual one, `main`.
  public let revision: String?

  /// The revision, `main` if none is named.
  public var revisionOrMain: String { revision ?? "main" }
  /// Whether the revision is a commit, 40 hexadecimal digits, which never changes.
  public var isCommit: Bool { revision.map(Self.isCommit) ?? false }
  /// `owner/name`, or `owner/name@revision`.
  public var description: String { revision.map { "\(repository)@\($0)" } ?? repository }

  /// Reads a name; nil if no model of the Hub can have it.
  public init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard Self.isRepositoryID(parts[0]) else { return nil }
    repository = parts[0]
    revision = parts.count > 1 ? parts[1] : nil
    if let revision, !Self.isRevision(revision) { return nil }
  }

  private init(repository: String, revision: String) {
    (self.repository, self.revision) = (repository, revision)
  }

  /// The name of one of its commits.
  func at(_ commit: String) -> HubName { HubName(repository: repository, revision: commit) }

  /// Whether a name has the form `owner/name` of the Hub, as huggingface_hub's `validate_repo_id` has it.
  static func isRepositoryID(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && name.utf8.count <= 96 && !name.contains("--") && !name.contains("..")
      && !name.hasSuffix(".git")
      && parts.allSatisfy { part in
        guard let first = part.first, let last = part.last else { return false }
        return ![".", "-"].contains(first) && ![".", "-"].contains(last)
          && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
      }
  }

  /// Whether a text is a commit: 40 hexadecimal digits.
  static func isCommit(_ text: String) -> Bool { isDigest(text, digits: 40) }

  /// Whether a text is a number of so many hexadecimal digits, in lower case.
  static func isDigest(_ text: String, digits: Int) -> Bool {
    text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Whether a text can be the name of a branch, a tag or a commit, and of a file below `refs`.
  private static func isRevision(_ text: String) -> Bool {
    text.utf8.count <= 200 && !text.contains("..") && !text.contains("@{")
      && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty && $0.first != "." }
      && text.unicodeScalars.allSatisfy {
        $0.value > 0x20 && $0.value < 0x7F && !"~^:?*[\\".unicodeScalars.contains($0)
      }
  }
}

/// The cache of the Hub's repositories that huggingface_hub maintains, as it is read.
///
/// Reference: huggingface_hub, `constants.py` (where the cache is) and `file_download.py` (`try_to_load_from_cache`).
public struct HubCache: Sendable {
  /// The folder that holds `models--owner--name`.
  public let folder: String

  /// Creates the cache that an environment names: `HF_HUB_CACHE`, else `HUGGINGFACE_HUB_CACHE`, else `hub` in
  /// `HF_HOME`, else in `huggingface` in `XDG_CACHE_HOME` or `~/.cache`. A leading `~` is `HOME`, and `$NAME` or
  /// `${NAME}` the value of a variable.
  public init(environment: [String: String]) {
    if let cache = environment["HF_HUB_CACHE"] ?? environment["HUGGINGFACE_HUB_CACHE"] {
      folder = Self.expand(cache, environment)
    } else {
      folder = Self.home(environment) + "/hub"
    }
  }

  /// The folder of huggingface_hub's files: `HF_HOME`, else `huggingface` in `XDG_CACHE_HOME` or `~/.cache`.
  static func home(_ environment: [String: String]) -> String {
    if let home = environment["HF_HOME"] { return expand(home, environment) }
    return expand((environment["XDG_CACHE_HOME"] ?? "~/.cache") + "/huggingface", environment)
  }

  /// The folder of a repository, which need not exist.
  package func folder(of repository: String) -> String {
    "\(folder)/models--" + repository.split(separator: "/").joined(separator: "--")
  }

  /// The folder of a commit, which need not exist.
  func snapshot(_ commit: String, of name: HubName) -> String {
    "\(folder(of: name.repository))/snapshots/\(commit)"
  }

  /// The commit that a revision had when it was last downloaded; nil if the cache does not know.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if the file that should name it names no commit.
  func commit(of name: HubName) throws -> String? {
    let repository = folder(of: name.repository), revision = name.revisionOrMain
    if name.isCommit { return FileAccess.kind(of: "\(repository)/snapshots/\(revision)") == .folder ? revision : nil }
    let reference = "\(repository)/refs/\(revision)"
    guard FileAccess.kind(of: reference) == .file else { return nil }
    let commit = String(decoding: try FileAccess.readText(reference), as: UTF8.self).filter { !$0.isWhitespace }
    guard !commit.isEmpty, !commit.contains("/"), !commit.hasPrefix(".") else {
      throw DiffusionError(.badData, "\(reference): does not hold the name of a snapshot; \(Self.advice(name))")
    }
    return commit
  }

  /// The folder with the files of a revision.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) that says where it looked and how to download the model.
  func snapshot(of name: HubName) throws -> String {
    let repository = folder(of: name.repository), advice = Self.advice(name)
    guard FileAccess.kind(of: repository) == .folder else {
      throw DiffusionError(
        .missingInput, "\(name): neither a folder nor in the Hugging Face cache (looked for \(repository)); \(advice)")
    }
    guard let commit = try commit(of: name) else {
      let missing = name.isCommit ? "snapshots" : "refs"
      throw DiffusionError(
        .missingInput,
        "\(repository)/\(missing)/\(name.revisionOrMain): missing, so \(name) is incomplete in the cache; \(advice)")
    }
    let snapshot = snapshot(commit, of: name)
    guard FileAccess.kind(of: snapshot) == .folder else {
      throw DiffusionError(.missingInput, "\(snapshot): missing, so \(name) is incomplete in the cache; \(advice)")
    }
    return snapshot
  }

  private static func advice(_ name: HubName) -> String {
    let revision = name.revision.map { " --revision \($0)" } ?? ""
    return "fetch it with `hf download \(name.repository)\(revision)`, or set HF_HOME to where it is"
  }

  /// The name of the commit of a model of the Hub that the cache has, `owner/name@commit`, which opens the same files
  /// as long as they are there; nil for anything else, and for a folder of that name.
  ///
  /// - Parameter name: A name of a model.
  public func pinned(_ name: String) -> String? {
    guard FileAccess.kind(of: name) == nil, let parsed = HubName(name),
      let commit = (try? commit(of: parsed)).flatMap({ $0 }), HubName.isCommit(commit)
    else { return nil }
    return parsed.at(commit).description
  }

  /// Replaces a leading `~` by the home folder, then variables by their values, and drops trailing slashes.
  static func expand(_ path: String, _ environment: [String: String]) -> String {
    let home = environment["HOME"] ?? ""
    var result = path == "~" || path.hasPrefix("~/") ? home + path.dropFirst() : path
    result = variables(in: result, environment)
    while result.count > 1, result.hasSuffix("/") { result.removeLast() }
    return result
  }

  /// Replaces `$NAME` and `${NAME}` by their values, as Python's `expandvars` does: an unknown one stays as it is.
  private static func variables(in text: String, _ environment: [String: String]) -> String {
    var result = "", rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      let after = rest[rest.index(after: dollar)...]
      let isBraced = after.first == "{"
      let name =
        isBraced
        ? after.dropFirst().prefix { $0 != "}" }
        : after.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
      let end = isBraced && name.endIndex < after.endIndex ? after.index(after: name.endIndex) : name.endIndex
      let isComplete = !isBraced || name.endIndex < after.endIndex
      result += (isComplete ? environment[String(name)] : nil) ?? String(rest[dollar..<end])
      rest = rest[end...]
    }
    return result + rest
  }
}
