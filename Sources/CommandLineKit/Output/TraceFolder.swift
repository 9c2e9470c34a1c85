import DiffusionCore
import Glibc

/// The folder that `generate --trace` fills with the tensors of every step, float32 NCHW.
///
/// The files are written to a temporary folder beside it and moved at the end: a run that fails or is stopped leaves
/// nothing.
public struct TraceFolder: Sendable, Equatable {
  private static let stepNames = ["sample", "model_output", "pred_original_sample"]

  /// The path as it was given, without trailing slashes.
  public let path: String

  private var partial: String { "\(path).partial-\(getpid())" }

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

  /// Creates the temporary folder and writes the initial noise.
  func begin(initialNoise: Tensor<Float>) throws {
    guard mkdir(partial, 0o777) == 0 else { throw SystemCall.failure(.cannotCreate, path, "cannot be created") }
    try AtomicFile.write(initialNoise.npyData(), to: "\(partial)/initial_noise.npy")
  }

  /// Writes a step's tensors.
  func write(_ step: DenoisingStep) throws {
    for (name, tensor) in zip(Self.stepNames, [step.sample, step.modelOutput, step.predOriginalSample]) {
      try AtomicFile.write(tensor.npyData(), to: "\(partial)/\(Self.file(name, step.index))")
    }
  }

  /// Moves the files to their destination. Steps left there by an earlier, longer run are removed.
  func commit(steps: Int) throws {
    if !SystemCall.exists(path) {
      guard rename(partial, path) == 0 else { throw SystemCall.failure(.cannotCreate, path, "cannot be created") }
      return
    }
    try move("initial_noise.npy")
    for index in 0..<steps {
      for name in Self.stepNames { try move(Self.file(name, index)) }
    }
    rmdir(partial)
    var stale = steps
    while Self.stepNames.map({ unlink("\(path)/\(Self.file($0, stale))") }).contains(0) { stale += 1 }
  }

  /// Removes the files of ``begin(initialNoise:)`` and ``write(_:)``.
  func discard(steps: Int) {
    for index in 0..<steps {
      for name in Self.stepNames { unlink("\(partial)/\(Self.file(name, index))") }
    }
    unlink("\(partial)/initial_noise.npy")
    rmdir(partial)
  }

  private func move(_ file: String) throws {
    guard rename("\(partial)/\(file)", "\(path)/\(file)") == 0 else {
      throw SystemCall.failure(.cannotCreate, "\(path)/\(file)", "cannot be created")
    }
  }

  private static func file(_ name: String, _ index: Int) -> String { "\(name)_\(index).npy" }
}
