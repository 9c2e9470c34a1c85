import DiffusionCore
import Foundation
import TestSupport
import Testing

/// A run of `generate_unclip.py`.
struct UnCLIPRun: Decodable, Sendable, CustomTestStringConvertible {
  /// The folder of the model beside the runs; nil for `small`.
  let model: String?
  let prompt: [String]?
  let seeds, steps: [Int]?
  let guidance: [Double]?
  let batch: Int?
  /// The shapes of the last latents of the prior, the decoder and the super-resolution, and of the images.
  let shapes: [[Int]]
  let states: [String]

  static let folder = "\(Fixtures.folder)/unclip"
  static let all =
    (try? JSONDecoder().decode([Self].self, from: Data(contentsOf: URL(filePath: "\(folder)/runs.json")))) ?? []

  var testDescription: String {
    "\(model ?? "small"): \(prompt ?? ["usual"]) steps \(steps ?? [4, 4, 3]) guidance \(guidance ?? [4, 8]) "
      + "seeds \(seeds ?? [0])"
  }

  var settings: RunSettings {
    let prompts = prompt ?? ["a red heart and a pizza"], steps = steps ?? [4, 4, 3], guidance = guidance ?? [4, 8]
    return RunSettings(
      seeds: (seeds ?? [0]).map { Seed($0) }, batchSize: prompts.count * (batch ?? 1), steps: steps[1], threads: 2,
      prompts: prompts, guidanceScale: guidance[1], priorSteps: steps[0], superResSteps: steps[2],
      priorGuidanceScale: guidance[0])
  }

  /// Diffusers' last latents of each stage, and its images.
  static func expected(_ index: Int) throws -> [Tensor<Float>] {
    try RunTensors.expected(index, of: all.map(\.shapes), in: folder)
  }
}

/// The tensors of a fixture's runs, one after another in one file.
enum RunTensors {
  /// Those of one run.
  ///
  /// - Parameters:
  ///   - shapes: The shapes of every run's tensors.
  ///   - folder: The folder of `tensors.bin`.
  static func expected(_ index: Int, of shapes: [[[Int]]], in folder: String) throws -> [Tensor<Float>] {
    var place = shapes[..<index].joined().reduce(0) { $0 + $1.reduce(1, *) }
    let bytes = try Data(contentsOf: URL(filePath: "\(folder)/tensors.bin"))
    return try shapes[index].map { shape in
      let range = place..<place + shape.reduce(1, *)
      place = range.upperBound
      return try bytes.withUnsafeBytes { bytes in
        try Tensor(
          shape: shape,
          scalars: range.map {
            Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
          })
      }
    }
  }
}
