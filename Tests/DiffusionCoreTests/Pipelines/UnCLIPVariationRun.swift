import DiffusionCore
import Foundation
import TestSupport

/// A run of `generate_unclip_variation.py`.
struct UnCLIPVariationRun: Decodable, Sendable {
  let picture: String
  let seeds, steps: [Int]?
  let guidance: Double?
  let batch: Int?
  /// The shapes of the last latents of the decoder and the super-resolution, and of the images.
  let shapes: [[Int]]
  let states: [String]

  static let folder = "\(Fixtures.folder)/unclip-variation"
  static let all =
    (try? JSONDecoder().decode([Self].self, from: Data(contentsOf: URL(filePath: "\(folder)/runs.json")))) ?? []

  var settings: RunSettings {
    let steps = steps ?? [4, 3]
    return RunSettings(
      seeds: (seeds ?? [0]).map { Seed($0) }, batchSize: batch ?? 1, steps: steps[0], threads: 2,
      initImage: PictureReference(picture), guidanceScale: guidance ?? 8, superResSteps: steps[1])
  }

  /// Diffusers' last latents of each stage, and its images.
  static func expected(_ index: Int) throws -> [Tensor<Float>] {
    try RunTensors.expected(index, of: all.map(\.shapes), in: folder)
  }
}

/// The pictures of that script.
enum UnCLIPVariationPictures {
  static let names = ["wide", "tall", "large", "tiny", "same", "grey", "alpha"]

  static func open(_ name: String) throws -> SourcePicture {
    let (shape, bytes) = try TensorFile("unclip-variation/pictures.safetensors").bytes(name)
    return try SourcePicture(
      record: PictureRecord(name: name, sha256: bytes.withUnsafeBytes { ContentHash.sha256($0) }), width: shape[1],
      height: shape[0],
      channels: shape[2], samples: .bits8(bytes))
  }
}
