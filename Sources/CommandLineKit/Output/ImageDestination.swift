import DiffusionCore

/// Where `generate` writes its images.
public struct ImageDestination: Sendable, Equatable {
  /// The path as it was given.
  public let path: String
  private let isArray: Bool

  /// Reads a path.
  ///
  /// - Throws: ``DiffusionError``: `usage` for an ending other than `.png` and `.npy`; `cannotCreate` if its folder
  ///   would not take it.
  public init(path: String) throws {
    let target = try OutputPath(checking: path, option: "--output", endings: [".png", ".npy"])
    self.path = path
    isArray = target.ending == ".npy"
  }

  /// The files that a batch is written to: one array, one PNG, or `FILE-0.png`, `FILE-1.png`, ...
  public func files(batchSize: Int) -> [String] {
    isArray ? [path] : BatchPaths.paths(path, count: batchSize)
  }

  /// Writes the images, `[batch, height, width, channels]` in [0, 1], and returns the files' paths.
  ///
  /// - Throws: ``DiffusionError``: `badData`, `cannotCreate` or `inputOutput`.
  @discardableResult
  public func write(_ images: Tensor<Float>) throws -> [String] {
    let files = files(batchSize: images.shape[0])
    if isArray {
      try AtomicFile.write(images.npyData(), to: path)
    } else {
      for (index, file) in files.enumerated() { try PNGFile.write(images, index: index, to: file) }
    }
    return files
  }
}
