import DiffusionCore
import Foundation
import TestSupport
import Testing

/// A run of `generate_stable_diffusion.py`.
struct StableDiffusionFixture: Decodable, Sendable, CustomTestStringConvertible {
  /// A small random model beside the runs; nil for sd-emoji-64.
  let model: String?
  let prompt: [String]
  let negative: String?
  let guidance, rescale, strength: Double?
  let seeds: [Int]?
  let batch, steps, height, width: Int?
  let eta: Float?
  let scheduler: String?
  let blend: Blend?
  let latents, images: [Int]
  let states: [String]

  struct Blend: Decodable, Sendable {
    let prompt: String
    let strength: Double
  }

  static let folder = "\(Fixtures.folder)/stable-diffusion"
  static let all =
    (try? JSONDecoder().decode([Self].self, from: Data(contentsOf: URL(filePath: "\(folder)/runs.json")))) ?? []

  var testDescription: String {
    "\(model ?? "sd-emoji-64"): \(prompt) not \(negative ?? "") guidance \(guidance ?? 2) "
      + "batch \(batch ?? 1) \(scheduler ?? "own scheduler") strength \(strength ?? 1)"
      + (blend.map { " towards \($0.prompt) by \($0.strength)" } ?? "")
  }

  var settings: RunSettings {
    RunSettings(
      seeds: (seeds ?? [0]).map { Seed($0) }, batchSize: batch ?? 1, steps: steps ?? 4, eta: eta ?? 0, threads: 2,
      scheduler: scheduler, initImage: strength.map { _ in PictureReference("source.png") },
      strength: strength ?? RunSettings.usualStrength, prompts: prompt, negativePrompt: negative ?? "",
      guidanceScale: guidance ?? 2, guidanceRescale: rescale ?? 0, height: height, width: width,
      promptBlend: blend.map { PromptBlend(prompt: $0.prompt, strength: $0.strength) })
  }

  /// What the run starts from, `size` pixels wide and high.
  func start(_ size: Int) throws -> RunStart {
    guard strength != nil else { return .noise }
    let pixels = (0..<size * size * 3).map { index in
      let (x, y, c) = (index / 3 % size, index / 3 / size, index % 3)
      return UInt8((x * 3 + y * (c + 1) * 2) % 256)
    }
    return .picture(
      try SourcePicture(
        record: PictureRecord(name: "source.png", sha256: "00"), width: size, height: size, channels: 3,
        samples: .bits8(pixels)))
  }

  /// Diffusers' latents and images after the last step.
  static func expected(_ index: Int) throws -> (latents: [Float], images: [Float]) {
    func count(_ shape: KeyPath<Self, [Int]>, before end: Int) -> Int {
      all[..<end].reduce(0) { $0 + $1[keyPath: shape].reduce(1, *) }
    }
    let latents = try Data(contentsOf: URL(filePath: "\(folder)/latents.bin")).withUnsafeBytes { bytes in
      (count(\.latents, before: index)..<count(\.latents, before: index + 1)).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
    let images = try Data(contentsOf: URL(filePath: "\(folder)/images.bin")).withUnsafeBytes { bytes in
      (count(\.images, before: index)..<count(\.images, before: index + 1)).map {
        Float(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self))) / 65535
      }
    }
    return (latents, images)
  }
}
