import Crypto
import Glibc

/// How far a download is.
public struct HubProgress: Sendable, Equatable {
  /// The model.
  public let name: String
  /// The file that is being downloaded, by its path in the repository.
  public var file: String
  /// The bytes that are here, and those of all files as far as they are known: 0 before the first answer.
  public var bytes, totalBytes: Int
  /// Bytes a second, and the seconds that are left; nil before the first of them.
  public var rate, secondsLeft: Double?

  /// Creates a progress whose rate is not known yet.
  public init(name: String, file: String, bytes: Int, totalBytes: Int) {
    (self.name, self.file, self.bytes, self.totalBytes) = (name, file, bytes, totalBytes)
  }
}

extension OpeningProgress {
  /// Creates the progress of a download.
  public init(_ download: HubProgress) {
    self.init(
      bytes: download.bytes, totalBytes: download.totalBytes,
      stage: .downloading(rate: download.rate, secondsLeft: download.secondsLeft))
  }
}

/// Called several times a second during a download, also while nothing comes; an error it throws stops the download.
public typealias HubProgressHandler = (_ progress: HubProgress) throws -> Void

/// One file on its way into the cache: written beside its place, checked, then renamed.
struct HubDownload {
  let client: HubClient
  let cache: HubCache
  let name: HubName
  let file: String
  let metadata: HubClient.Metadata
  /// Its length.
  let size: Int
  /// Takes the number of bytes that came, negative where they are to come again.
  let count: (Int) -> Void

  /// Fewer new bytes than this do not make a try count as a success.
  private static let goodPart = 1 << 20

  /// Downloads the content to its place in the cache.
  ///
  /// - Throws: ``DiffusionError``, and what the client's check throws; nothing is left then.
  func run() throws {
    let blob = cache.blob(metadata.etag, of: name)
    try requireSpace(beside: blob)
    var partial = try PartialBlob(of: blob, etag: metadata.etag, size: size)
    defer { partial.discard() }
    try fetch(into: &partial)
    try partial.finish(as: blob) { found in
      DiffusionError(
        .inputOutput, "\(name): \(file) was changed on its way: its digest is \(found), not \(metadata.etag); try again"
      )
    }
  }

  private func requireSpace(beside blob: String) throws {
    var space = statvfs()
    guard statvfs(FileAccess.parent(of: blob), &space) == 0 else { return }
    let free = Int(
      clamping: UInt64(space.f_bavail).multipliedReportingOverflow(by: UInt64(space.f_frsize)).partialValue)
    guard free < size else { return }
    throw DiffusionError(
      .cannotCreate,
      "\(name): \(file) needs \(size / 1_000_000 + 1) MB, \(cache.folder) has \(free / 1_000_000) MB left; free some "
        + "space, or set HF_HOME to another disk")
  }

  /// Gets the content, from where it was cut if that happens.
  private func fetch(into partial: inout PartialBlob) throws {
    var attempt = 1, reported = 0
    // The address that the Hub gave first; it may be signed and end soon, so any other request asks the Hub again.
    var signed: HubURL? = metadata.location
    while true {
      let start = partial.count
      var failure: HubFailure?, response: HubResponse?
      do {
        let url = try signed ?? address()
        signed = nil
        response = try get(url, into: &partial, reported: &reported)
      } catch let found as HubFailure {
        failure = found
      }
      if failure == nil, let status = response?.status, (200..<300).contains(status) {
        guard partial.count != size else { return }
        failure = HubFailure(.cut, "\(partial.count) of \(size) bytes came")
      }
      if let response, failure == nil, response.status != 416, !HubClient.isTemporary(response.status) {
        throw HubRefusal(response).error(reading: file, of: name, at: metadata.location)
      }
      if response?.status == 416 { try restart(&partial, &reported) }
      if partial.count - start >= Self.goodPart { attempt = 0 }
      guard attempt < HubClient.tries, failure?.reason != .insecure else {
        throw failure.map { self.error($0) }
          ?? HubRefusal(response ?? HubResponse(status: 0, headers: [:])).error(
            reading: file, of: name, at: metadata.location)
      }
      attempt += 1
      try client.wait(after: max(1, attempt - 1), response, metadata.location)
    }
  }

  private func address() throws -> HubURL { try client.address(of: file, name, at: metadata.commit) }

  private func error(_ failure: HubFailure) -> DiffusionError {
    let error = failure.error(
      "\(name): \(file)", metadata.location, limit: "HF_HUB_DOWNLOAD_TIMEOUT")
    return failure.reason == .unreachable
      ? DiffusionError(
        .inputOutput,
        "\(name): \(file): \(metadata.location.authority) cannot be reached (\(failure.detail)); check the network")
      : error
  }

  private func restart(_ partial: inout PartialBlob, _ reported: inout Int) throws {
    try partial.restart()
    count(-reported)
    reported = 0
  }

  /// One request, for what is missing.
  private func get(
    _ url: HubURL, into partial: inout PartialBlob, reported: inout Int
  ) throws -> HubResponse {
    let writer = Writer(partial, reported: reported)
    defer { (partial, reported) = (writer.partial, writer.reported) }
    var request = HubRequest(url, timeout: client.settings.downloadTimeout)
    let start = writer.partial.count
    if start > 0 { request.headers["Range"] = "bytes=\(start)-" }
    return try client.get(request) { response, bytes in
      guard (200..<300).contains(response.status) else { return }
      if !writer.isBegun {
        writer.isBegun = true
        if try !isRest(response, from: start), start > 0 { try restart(&writer.partial, &writer.reported) }
      }
      guard writer.partial.count + bytes.count <= size else { throw wrongLength("more") }
      try writer.partial.append(bytes)
      writer.reported += bytes.count
      count(bytes.count)
    }
  }

  /// Whether an answer has what was asked for, the bytes from `start` on; otherwise it has the whole file.
  ///
  /// - Throws: ``DiffusionError`` (`inputOutput`) for another part of the file, and for an answer that announces
  ///   another length than the Hub did.
  private func isRest(_ response: HubResponse, from start: Int) throws -> Bool {
    let length = response["content-encoding"] == nil ? response.contentLength : nil
    let range = response.status == 206 ? response["content-range"] : nil
    // Servers that ignore the range but say 206 send everything.
    let isRest = range?.hasPrefix("bytes \(start)-") == true
    if let range, !isRest && !range.hasPrefix("bytes 0-") || isRest && length.map({ $0 != size - start }) == true {
      let sent = length.map { " and \($0) bytes" } ?? ""
      throw DiffusionError(
        .inputOutput,
        "\(name): asked for \(file) from byte \(start) of \(size) on, \(metadata.location.authority) sends the range "
          + "'\(range.prefix(100))'\(sent); try again")
    }
    if let length, !isRest, length != size { throw wrongLength("\(length)") }
    return isRest
  }

  private func wrongLength(_ found: String) -> DiffusionError {
    DiffusionError(
      .inputOutput, "\(name): \(file) has \(size) bytes, but \(metadata.location.authority) sends \(found); try again")
  }
}

/// What a request's closure changes.
private final class Writer {
  var partial: PartialBlob
  var reported: Int
  var isBegun = false

  init(_ partial: PartialBlob, reported: Int) { (self.partial, self.reported) = (partial, reported) }
}

/// A blob that is not whole yet, `ETAG.RANDOM.incomplete`, of this process alone, with the digest of what it has.
private struct PartialBlob {
  private enum Digest {
    /// SHA-256 of the content, for large files.
    case sha256(SHA256)
    /// Git's name of a blob, SHA-1 of a line and the content.
    case git(Insecure.SHA1)

    init(of etag: String, size: Int) {
      guard etag.utf8.count == 40 else {
        self = .sha256(SHA256())
        return
      }
      var hash = Insecure.SHA1()
      hash.update(data: Array("blob \(size)\0".utf8))
      self = .git(hash)
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
      switch self {
      case .sha256(var hash):
        self = .sha256(SHA256())
        hash.update(bufferPointer: bytes)
        self = .sha256(hash)
      case .git(var hash):
        self = .git(Insecure.SHA1())
        hash.update(bufferPointer: bytes)
        self = .git(hash)
      }
    }

    var text: String {
      switch self {
      case .sha256(let hash): ContentHash.hexadecimal(hash.finalize())
      case .git(let hash): ContentHash.hexadecimal(hash.finalize())
      }
    }
  }

  private let etag: String
  private let size: Int
  private let path: String
  private var descriptor: Int32
  private var digest: Digest
  /// The bytes that it has.
  private(set) var count = 0

  init(of blob: String, etag: String, size: Int) throws {
    (self.etag, self.size) = (etag, size)
    digest = Digest(of: etag, size: size)
    for _ in 0..<100 {
      let digits = String(UInt32.random(in: .min ... .max), radix: 16)
      let path = "\(blob).\(String(repeating: "0", count: 8 - digits.count))\(digits).incomplete"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 {
        (self.path, self.descriptor) = (path, descriptor)
        return
      }
      guard errno == EEXIST else { break }
    }
    throw HubCache.failure(blob, "cannot be created")
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let written = write(descriptor, rest.baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure() }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    digest.update(bytes)
    count += bytes.count
  }

  /// Forgets what it has.
  mutating func restart() throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure() }
    (digest, count) = (Digest(of: etag, size: size), 0)
  }

  /// Takes its name, if it has the content that the name stands for.
  mutating func finish(as blob: String, mismatch: (String) -> DiffusionError) throws {
    let found = digest.text
    guard found == etag else { throw mismatch(found) }
    let isSynced = fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS
    let isClosed = close(descriptor) == 0
    descriptor = -1
    guard isSynced, isClosed, rename(path, blob) == 0 else { throw failure() }
  }

  /// Removes it unless it has its name.
  mutating func discard() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    unlink(path)
  }

  private func failure() -> DiffusionError { HubCache.failure(path, "cannot be written", .inputOutput) }
}
