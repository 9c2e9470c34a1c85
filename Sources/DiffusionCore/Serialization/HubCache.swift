/// The cache of the Hub's repositories that huggingface_hub maintains. It is read only; nothing is downloaded.
///
/// Reference: huggingface_hub, `constants.py` (where the cache is) and `file_download.py` (`try_to_load_from_cache`).
public struct HubCache: Sendable {
  /// The folder that holds `models--owner--name`.
  public let folder: String

  /// Creates the cache that an environment names: `HF_HUB_CACHE`, else `HUGGINGFACE_HUB_CACHE`, else `hub` in
  /// `HF_HOME`, else in `huggingface` in `XDG_CACHE_HOME` or `~/.cache`. A leading `~` is `HOME`.
  public init(environment: [String: String]) {
    let home = environment["HOME"] ?? ""
    if let cache = environment["HF_HUB_CACHE"] ?? environment["HUGGINGFACE_HUB_CACHE"] {
      folder = Self.expand(cache, home: home)
    } else if let root = environment["HF_HOME"] {
      folder = Self.expand(root, home: home) + "/hub"
    } else {
      folder = Self.expand(environment["XDG_CACHE_HOME"] ?? "~/.cache", home: home) + "/huggingface/hub"
    }
  }

  /// The folder with the files of a repository's `main` revision.
  ///
  /// - Throws: ``DiffusionError`` (`missingInput`) that says where it looked and how to download the model.
  func snapshot(of id: String) throws -> String {
    let repository = "\(folder)/models--" + id.split(separator: "/").joined(separator: "--")
    let advice = "fetch it with `hf download \(id)`, or set HF_HOME to where it is"
    guard FileAccess.kind(of: repository) == .folder else {
      throw DiffusionError(
        .missingInput, "\(id): neither a folder nor in the Hugging Face cache (looked for \(repository)); \(advice)")
    }
    let reference = "\(repository)/refs/main"
    guard FileAccess.kind(of: reference) == .file else {
      throw DiffusionError(.missingInput, "\(reference): missing, so \(id) is incomplete in the cache; \(advice)")
    }
    let commit = String(decoding: try FileAccess.read(reference), as: UTF8.self).filter { !$0.isWhitespace }
    guard !commit.isEmpty, !commit.contains("/"), !commit.hasPrefix(".") else {
      throw DiffusionError(.badData, "\(reference): does not hold the name of a snapshot; \(advice)")
    }
    let snapshot = "\(repository)/snapshots/\(commit)"
    guard FileAccess.kind(of: snapshot) == .folder else {
      throw DiffusionError(.missingInput, "\(snapshot): missing, so \(id) is incomplete in the cache; \(advice)")
    }
    return snapshot
  }

  /// Whether a name has the form `owner/name` of the Hub.
  static func isRepositoryID(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && name.utf8.count <= 96 && !name.contains("--") && !name.contains("..")
      && parts.allSatisfy { part in
        guard let first = part.first, let last = part.last else { return false }
        return ![".", "-"].contains(first) && ![".", "-"].contains(last)
          && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
      }
  }

  /// Replaces a leading `~` by the home folder and drops a trailing slash.
  static func expand(_ path: String, home: String) -> String {
    var result = path == "~" || path.hasPrefix("~/") ? home + path.dropFirst() : path
    while result.count > 1, result.hasSuffix("/") { result.removeLast() }
    return result
  }
}
