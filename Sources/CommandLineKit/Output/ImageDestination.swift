import DiffusionCore

/// The destination of the images of `generate`.
public struct ImageDestination: Sendable, Equatable {
  /// The path as it was given.
  public let path: String
  private let isArray: Bool

  /// Checks a path.
  ///
  /// - Throws: ``DiffusionError``: `usage` for an extension other than `.png` and `.npy`; `cannotCreate` if a file
  ///   cannot be created in its folder.
  public init(path: String) throws {
    let target = try OutputPath(checking: path, option: "--output", endings: [".png", ".npy"])
    self.path = path
    isArray = target.ending == ".npy"
  }

  /// The files of a batch: one array, one PNG, or `FILE-0.png`, `FILE-1.png`, ...
  public func files(batchSize: Int) -> [String] {
    isArray ? [path] : BatchPaths.paths(path, count: batchSize)
  }

  /// Writes the images, `[batch, height, width, channels]` in [0, 1], and returns the paths of the files.
  ///
  /// - Parameters:
  ///   - images: The images.
  ///   - checkCancellation: Called while nothing reads a pipe; throws to end the wait.
  /// - Throws: ``DiffusionError``: `badData`, `cannotCreate` or `inputOutput`; what `checkCancellation` throws.
  @discardableResult
  public func write(_ images: Tensor<Float>, checkCancellation: (() throws -> Void)? = nil) throws -> [String] {
    let files = files(batchSize: images.shape[0])
    if isArray {
      try AtomicFile.write(images.npyData(), to: path, checkCancellation: checkCancellation)
    } else {
      for (index, file) in files.enumerated() {
        try PNGFile.write(images, index: index, to: file, checkCancellation: checkCancellation)
      }
    }
    return files
  }
}
