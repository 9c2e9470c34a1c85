import DiffusionCore
import Glibc

/// The folder that `generate --trace` fills with the tensors of every step, float32 NCHW.
///
/// The files are written to a temporary folder beside it and moved at the end: a run that fails or is stopped leaves
/// nothing.
public struct TraceFolder: Sendable, Equatable {
  /// The path as it was given, without trailing slashes.
  public let path: String

  /// Checks a path.
  ///
  /// - Throws: ``DiffusionError`` (`cannotCreate`) if it is a file, or if it cannot be created in its parent folder.
  public init(path: String) throws {
    let trimmed = path.reversed().drop { $0 == "/" }.reversed()
    self.path = String(trimmed)
    guard !self.path.isEmpty else {
      throw DiffusionError(.cannotCreate, "--trace: '\(path)' cannot take the files: name a folder of its own")
    }
    if SystemCall.exists(self.path), !SystemCall.isWritableFolder(self.path) {
      throw DiffusionError(.cannotCreate, "\(path): cannot take the trace: it is no folder that can be written to")
    }
    try SystemCall.probe(OutputPath.folder(of: self.path), for: self.path)
  }

  /// Removes what killed programs left, creates a temporary folder, and writes the initial noise.
  func begin(initialNoise: Tensor<Float>) throws -> TraceRecording {
    let target = AtomicFile.resolved(path)
    for (leftover, lock) in Leftovers.find(of: target, kind: .folder) + Leftovers.former(of: target) {
      TraceRecording.remove(leftover)
      close(lock)
    }
    for attempt in 0..<1000 {
      let partial = Leftovers.name(of: target, count: attempt)
      if mkdir(partial, 0o777) == 0 {
        let recording = TraceRecording(path: path, target: target, partial: partial)
        try recording.write(initialNoise, as: TraceRecording.noiseName)
        return recording
      }
      guard errno == EEXIST else { break }
    }
    throw SystemCall.failure(.cannotCreate, path, "cannot be created")
  }
}

/// The temporary folder of a trace that is being recorded.
final class TraceRecording {
  static let noiseName = "initial_noise.npy"
  private static let stepNames = ["sample", "model_output", "pred_original_sample"]

  private let path: String
  private let target: String
  private let partial: String
  /// Held while this process lives: nobody takes the folder for a leftover.
  private let lock: Int32

  init(path: String, target: String, partial: String) {
    (self.path, self.target, self.partial) = (path, target, partial)
    lock = open(partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if lock >= 0 { flock(lock, LOCK_EX | LOCK_NB) }
  }

  deinit {
    if lock >= 0 { close(lock) }
  }

  /// Writes a step's tensors.
  func write(_ step: DenoisingStep) throws {
    for (name, tensor) in zip(Self.stepNames, [step.sample, step.modelOutput, step.predOriginalSample]) {
      try write(tensor, as: Self.file(name, step.index))
    }
  }

  /// Writes one file. If that fails, nothing of the trace is left.
  func write(_ tensor: Tensor<Float>, as name: String) throws {
    do {
      try AtomicFile.create(tensor.npyData(), at: "\(partial)/\(name)", named: "\(path)/\(name)")
    } catch {
      discard()
      throw error
    }
  }

  /// Moves the files to their destination. Steps left there by an earlier, longer run are removed.
  func commit(steps: Int) throws {
    for name in FileAccess.names(in: partial) {
      try AtomicFile.prepare("\(partial)/\(name)", toReplace: "\(target)/\(name)")
    }
    if !SystemCall.exists(target) {
      guard rename(partial, target) == 0 else { throw SystemCall.failure(.cannotCreate, path, "cannot be created") }
      return
    }
    try move(Self.noiseName)
    for index in 0..<steps {
      for name in Self.stepNames { try move(Self.file(name, index)) }
    }
    rmdir(partial)
    var stale = steps
    while Self.stepNames.map({ unlink("\(target)/\(Self.file($0, stale))") }).contains(0) { stale += 1 }
  }

  /// Removes the temporary folder.
  func discard() { Self.remove(partial) }

  /// Removes a temporary folder with the files of a trace; any other file keeps it.
  static func remove(_ folder: String) {
    for name in FileAccess.names(in: folder) where isOwn(name) { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  /// Whether a file is one of a trace: `sample_3.npy`, or what version 0.1.0 left of it, `sample_3.npy.77-0.partial`.
  private static func isOwn(_ name: String) -> Bool {
    guard let end = name.firstRange(of: ".npy") else { return false }
    let stem = name[..<end.lowerBound], rest = name[end.upperBound...]
    guard rest.isEmpty || rest.hasSuffix(Leftovers.ending) else { return false }
    return "\(stem).npy" == noiseName
      || stepNames.contains { stem.hasPrefix($0 + "_") && Int(stem.dropFirst($0.count + 1)) != nil }
  }

  private func move(_ file: String) throws {
    guard rename("\(partial)/\(file)", "\(target)/\(file)") == 0 else {
      throw SystemCall.failure(.cannotCreate, "\(path)/\(file)", "cannot be created")
    }
  }

  private static func file(_ name: String, _ index: Int) -> String { "\(name)_\(index).npy" }
}
