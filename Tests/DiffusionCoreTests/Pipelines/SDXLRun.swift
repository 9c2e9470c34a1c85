import DiffusionCore
import Foundation
import TestSupport
import Testing

/// A run of `generate_sdxl.py`.
struct SDXLRun: Decodable, Sendable, CustomTestStringConvertible {
  /// The folder of the model beside the runs; nil for `base`.
  let model: String?
  let prompt: [String]?
  let negative, scheduler: String?
  let guidance, rescale, strength, end: Double?
  let seeds: [Int]?
  let batch, steps, height, width: Int?
  let eta: Float?
  let original, crops, target: [Int]?
  let negativeOriginal, negativeCrops, negativeTarget: [Int]?
  let aesthetic: [Double]?
  let options: [String: String]?
  /// The shapes of the base's last latents, of a chain alone, the last latents and the images.
  let shapes: [[Int]]
  let states: [String]

  static let folder = "\(Fixtures.folder)/sdxl"
  static let refiner = ModelReference("\(folder)/refiner")
  static let all = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (try? decoder.decode([Self].self, from: Data(contentsOf: URL(filePath: "\(folder)/runs.json")))) ?? []
  }()

  var testDescription: String {
    "\(model ?? "base") \(end.map { "to \($0)" } ?? "") \(prompt ?? ["usual"]) not \(negative ?? "") "
      + "guidance \(guidance ?? 5) steps \(steps ?? 5) \(scheduler ?? "own scheduler") strength \(strength ?? 1)"
  }

  var settings: RunSettings {
    func pair(_ values: [Int]?) -> SizeConditioning.Pair? { values.map { SizeConditioning.Pair($0[0], $0[1]) } }
    var sizes = SizeConditioning()
    (sizes.original, sizes.crops, sizes.target) = (pair(original), pair(crops), pair(target))
    (sizes.negativeOriginal, sizes.negativeCrops) = (pair(negativeOriginal), pair(negativeCrops))
    sizes.negativeTarget = pair(negativeTarget)
    (sizes.aestheticScore, sizes.negativeAestheticScore) = (aesthetic?.first, aesthetic?.last)
    return RunSettings(
      seeds: (seeds ?? [0]).map { Seed($0) }, batchSize: batch ?? 1, steps: steps ?? 5, eta: eta ?? 0, threads: 2,
      scheduler: scheduler, schedulerOptions: (options ?? [:]).mapValues { .text($0) },
      initImage: strength.map { _ in PictureReference("source.png") }, strength: strength ?? RunSettings.usualStrength,
      prompts: prompt ?? ["a red heart and a pizza"], negativePrompt: negative ?? "", guidanceScale: guidance ?? 5,
      guidanceRescale: rescale ?? 0, height: height, width: width, sizes: sizes,
      refiner: end.map { _ in Self.refiner }, denoisingEnd: end)
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

  /// Diffusers' last latents and images, with the base's latents before them for a chain.
  static func expected(_ index: Int) throws -> [Tensor<Float>] {
    try RunTensors.expected(index, of: all.map(\.shapes), in: folder)
  }

  /// A model with the refiner that settings name.
  static func pipeline(
    _ model: String = "base", for settings: RunSettings = RunSettings(threads: 1), device: Device = .cpu,
    threads: Int = 2
  ) throws -> DiffusionPipeline {
    func source(_ reference: ModelReference) throws -> ModelSource {
      try ModelSource(resolving: reference.name, environment: [:])
    }
    return try DiffusionPipeline.load(
      source(ModelReference("\(folder)/\(model)")).refined(for: settings, find: source), device: device,
      threads: threads)
  }
}
