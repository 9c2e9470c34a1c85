import Glibc
import GPUKernels

/// Compiled kernels in `diffusion-tui` in `XDG_CACHE_HOME` or `~/.cache`: a file for each device, driver and source,
/// which holds its own digest. A file that is damaged counts as none.
package struct KernelCache: BinaryCache {
  /// The folder; nil where the environment names none.
  let folder: String?

  /// Creates the cache that an environment names. Paths that are not absolute count as none, as the XDG Base Directory
  /// Specification says.
  package init(environment: [String: String]) {
    func absolute(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    let caches = absolute("XDG_CACHE_HOME"), home = absolute("HOME").map { "\($0)/.cache" }
    folder = (caches ?? home).map { "\($0)/diffusion-tui" }
  }

  /// `kernels-nvidia-h200-nvidia-cuda-550.54-3f2a....bin`.
  package func path(for key: BinaryKey) -> String? {
    let digest = Self.sha256(Array("\(key.device)\n\(key.driver)\n\(key.source)".utf8)).prefix(32)
    return folder.map { "\($0)/kernels-\(Self.slug(key.device))-\(Self.slug(key.driver))-\(digest).bin" }
  }

  package func binary(for key: BinaryKey) -> [UInt8]? {
    guard let path = path(for: key), FileAccess.kind(of: path) == .file, let bytes = try? FileAccess.read(path),
      bytes.count > Self.digestLength
    else { return nil }
    let binary = Array(bytes.dropFirst(Self.digestLength))
    return Self.sha256(binary).utf8.elementsEqual(bytes.prefix(Self.digestLength)) ? binary : nil
  }

  /// A cache that cannot be written to costs time, and nothing else.
  package func keep(_ binary: [UInt8], for key: BinaryKey) {
    guard let folder, let path = path(for: key) else { return }
    for place in [FileAccess.parent(of: folder), folder] { _ = mkdir(place, 0o777) }
    try? AtomicFile.write(Array(Self.sha256(binary).utf8) + binary, to: path)
  }

  /// The digits of a SHA-256.
  private static let digestLength = 64

  private static func sha256(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { ContentHash.sha256($0) } }

  /// A name as part of a file's name: at most 40 lower-case letters, digits and dots, joined by hyphens.
  private static func slug(_ name: String) -> String {
    func isKept(_ character: Character) -> Bool {
      character.isASCII && (character.isLetter || character.isNumber || character == ".")
    }
    return String(name.lowercased().split { !isKept($0) }.joined(separator: "-").prefix(40))
  }
}
