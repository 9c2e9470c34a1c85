/// The folder that `generate --trace` wrote during the run of a receipt.
public struct ReceiptTrace: Sendable {
  static let initialNoise = "initial_noise.npy"

  private let folder: String

  /// Opens a folder.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` if there is none, `badData` if it is the trace of a different run.
  public init(folder: String, of receipt: Receipt) throws {
    self.folder = folder
    let path = "\(folder)/\(Self.initialNoise)"
    guard FileAccess.kind(of: path) == .file else {
      throw DiffusionError(
        .missingInput, "\(path): missing; a reference is the folder that generate --trace wrote in the receipt's run")
    }
    let sha256 = try ContentHash.sha256(Tensor<Float>(npyFile: path))
    guard sha256 == receipt.result.initialNoise.sha256 else {
      throw DiffusionError(
        .badData,
        "\(path): of a different run than the receipt: it has sha256 \(sha256), the receipt "
          + receipt.result.initialNoise.sha256)
    }
  }

  /// The file of x_t before a step, which is x_{t-1} of the one before; there is no file of the last step's x_{t-1}.
  static func sample(_ step: Int) -> String { "sample_\(step).npy" }

  static func modelOutput(_ step: Int) -> String { "model_output_\(step).npy" }

  /// The largest |found - expected| of an element, or nil if the folder does not have the file; infinite or NaN
  /// as ``TensorComparison/maximumAbsoluteDifference`` says.
  ///
  /// - Throws: ``DiffusionError`` if the file cannot be read or does not hold the receipt's tensor.
  func maximumDifference(of found: Tensor<Float>, from file: String, sha256: String) throws -> Double? {
    let path = "\(folder)/\(file)"
    guard FileAccess.kind(of: path) == .file else { return nil }
    let expected = try Tensor<Float>(npyFile: path)
    guard ContentHash.sha256(expected) == sha256 else {
      throw DiffusionError(.badData, "\(path) does not hold the receipt's tensor")
    }
    guard expected.shape == found.shape else { return nil }
    return try TensorComparison(reference: expected, other: found).maximumAbsoluteDifference
  }
}
