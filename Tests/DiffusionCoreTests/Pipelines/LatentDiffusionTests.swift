import DiffusionCore
import Foundation
import TestSupport
import Testing

/// `LDMPipeline` against Diffusers on PyTorch.
@Suite struct LatentDiffusionTests {
  static let tolerance = 1e-4
  static let folder = "\(Fixtures.folder)/latent-diffusion"

  /// A run of `generate_latent_diffusion.py`.
  struct Run: Decodable, Sendable, CustomTestStringConvertible {
    let name, folder: String
    let seeds: [Int]
    let batchSize, steps: Int
    let eta: Float

    enum CodingKeys: String, CodingKey {
      case name, folder, seeds, steps, eta
      case batchSize = "batch_size"
    }

    static let all =
      (try? JSONDecoder().decode(
        [Self].self, from: Data(contentsOf: URL(filePath: "\(LatentDiffusionTests.folder)/runs.json")))) ?? []

    var testDescription: String { name }

    func finished(device: Device = .cpu, threads: Int = 2, image: Int? = nil) throws -> DenoisingRun {
      let pipeline = try DiffusionPipeline.fromPretrained(
        "\(LatentDiffusionTests.folder)/\(folder)", device: device, threads: threads)
      var settings = RunSettings(
        seeds: seeds.map { Seed($0) }, batchSize: batchSize, steps: steps, eta: eta, device: device, threads: threads)
      settings.selection.image = image
      var run = try pipeline.run(settings)
      while !run.isFinished { _ = try run.step() }
      return run
    }
  }

  @Test(arguments: Run.all)
  func agreesWithDiffusers(item: Run) throws {
    let file = try TensorFile("latent-diffusion/\(item.name).safetensors"), run = try item.finished()
    let latents = try file.floats("latents"), images = try file.floats("images"), found = try run.images(of: run.sample)
    let scale = latents.scalars.reduce(1) { max($0, Double(abs($1))) }
    let differences = (largestDifference(run.sample, latents) / scale, largestDifference(found, images))
    #expect(found.shape == images.shape)
    #expect(differences.0 <= Self.tolerance && differences.1 <= Self.tolerance)
    print("measured: LDM \(item.name): latents \(differences.0), images \(differences.1) (limit 1e-4)")
  }

  @Test func coversSchedulersGeneratorsAndBatches() {
    #expect(Run.all.count == 6 && Set(Run.all.map(\.folder)) == ["ddim", "ddpm", "pndm", "euler"])
  }

  @Test("The bits depend on the settings alone", arguments: Run.all)
  func bits(item: Run) throws {
    let expected = try item.finished(device: .cpuReference, threads: 1)
    let images = try expected.images(of: expected.sample)
    for device in Device.available {
      let run = try item.finished(device: device, threads: 3)
      let own = try run.images(of: run.sample)
      #expect(sameBits(run.sample, expected.sample) && sameBits(own, images), "\(device)")
    }
    guard item.batchSize > 1 else { return }
    let one = try item.finished(image: 2)
    #expect(sameBits(one.sample, try expected.sample.images(1..<2)))
    #expect(sameBits(try one.images(of: one.sample), try images.images(1..<2)))
  }

  @Test("Latents are shown with a preview, and a picture is encoded without noise of its own")
  func latents() throws {
    let pipeline = try DiffusionPipeline.fromPretrained("\(Self.folder)/ddim", threads: 2)
    var settings = RunSettings(seeds: [3], batchSize: 2, steps: 4, threads: 2)
    settings.initImage = PictureReference("source.png")
    settings.strength = 0.5
    let picture = try SourcePicture(
      record: PictureRecord(name: "source.png", sha256: "00"), width: 16, height: 16, channels: 3,
      samples: .bits8((0..<768).map { UInt8($0 % 251) }))
    let run = try pipeline.run(settings, from: .picture(picture)),
      model = try #require(pipeline.model as? LatentDiffusionModel)
    #expect(run.samplesAreLatents && run.latents?.scale == 2 && run.schedule.count == 2)
    let encoded = try model.vqvae.encode(picture.samples([1, 3, 16, 16]))
    let start = try model.format.encode(picture, shape: [2, 3, 8, 8])(NoiseSource([Generator()], device: .cpu))
    #expect(start.shape == [2, 3, 8, 8])
    let factor = Float(model.vqvae.config.scalingFactor)
    #expect(sameBits(try start.images(1..<2), encoded.map { $0 * factor }))
  }

  @Test("Both networks are described, and what does not fit is refused")
  func networks() throws {
    let pipeline = try DiffusionPipeline.fromPretrained("\(Self.folder)/ddpm", threads: 1)
    let networks = try pipeline.model.networks(of: RunSettings(threads: 1))
    #expect(networks.map(\.component) == ["unet", "vqvae"])
    #expect(networks.map(\.className) == ["UNet2DModel", "VQModel"])
    #expect(networks.last?.description.layers.last?.outputShape == [1, 16, 16])
    #expect(try pipeline.unet.config.inChannels == 4)
    for (settings, expected) in [
      (RunSettings(steps: 2, threads: 1, prompts: ["x"]), "the model takes no prompt"),
      (RunSettings(steps: 2, threads: 1, height: 8), "width and height are 16x8: the model is unconditional and makes"),
    ] {
      let error = #expect(throws: DiffusionError.self) { try pipeline.run(settings) }
      #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
    #expect(
      try pipeline.run(RunSettings(steps: 2, threads: 1, height: 16, width: 16)).initialNoise.shape == [1, 4, 4, 4])
    let other = try VQModelFixture("group").model
    let error = #expect(throws: DiffusionError.self) { try LatentDiffusionModel(unet: pipeline.unet, vqvae: other) }
    #expect(error?.message.contains("the vqvae's latents have 3") == true)
  }

  /// Diffusers' `tests/pipelines/latent_diffusion/test_latent_diffusion_uncond.py` (version 0.24). Its codebook is that
  /// of a new model, whose vectors are so near to each other that a last bit of a latent may choose another one; all
  /// else agrees as whole tensors.
  @Test func agreesWithThePublishedTest() throws {
    let pipeline = try PublishedModel().pipeline(), expected = try TensorFile("latent-diffusion/published.safetensors")
    var run = try pipeline.run(RunSettings(seeds: [0], steps: 2, threads: 2))
    while !run.isFinished { _ = try run.step() }
    let latents = try expected.floats("latents"), images = try expected.floats("images")
    let codes = try expected.floats("codes").scalars.map { Int($0) }
    let scale = latents.scalars.reduce(0) { max($0, Double(abs($1))) }
    let image = try run.images(of: run.sample)
    try #require(image.shape == [1, 64, 64, 3])
    let published = [0.8512, 0.818, 0.6411, 0.6808, 0.4465, 0.5618, 0.46, 0.6231, 0.5172]
    let slice = (61..<64).flatMap { row in (61..<64).map { column in image.scalars[(row * 64 + column) * 3 + 2] } }
    let vqvae = try #require(pipeline.model as? LatentDiffusionModel).vqvae
    let factor = Float(vqvae.config.scalingFactor)
    let others = zip(try vqvae.quantize(run.sample.map { $0 / factor }).codes, codes).count { $0 != $1 }
    let decoded = try vqvae.decode(codes: codes, batchSize: 1, height: 32, width: 32).imagesFromSamples()
    let differences = [
      zip(slice, published).map { abs(Double($0) - $1) }.max() ?? 1, largestDifference(run.sample, latents) / scale,
      largestDifference(decoded, images), largestDifference(image, images),
    ]
    print("measured: LDM published: slice, latents, image of Diffusers' codes, image \(differences), \(others) codes")
    #expect(differences[0] <= 1e-4 && differences[1] <= 2e-5 && differences[2] <= 2e-5 && differences[3] <= 2e-3)
    #expect(others <= 2)
  }
}

/// The networks of Diffusers' test, drawn as PyTorch draws them.
private struct PublishedModel {
  private struct File: Decodable {
    struct Weights: Decodable {
      let draws: [Draw]
      let constant: [String: [Int]]
    }

    /// Uniform numbers between two; without a name, numbers that are passed over.
    struct Draw: Decodable {
      let name: String?
      let shape: [Int]
      let low, high: Double

      init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        name = try row.decodeIfPresent(String.self)
        shape = try row.decode([Int].self)
        (low, high) = (try row.decode(Double.self), try row.decode(Double.self))
      }
    }

    let weights: [String: Weights]
    let configs: [String: [String: SettingValue]]
  }

  private let file: File

  init() throws {
    let path = "\(LatentDiffusionTests.folder)/published.json"
    file = try JSONDecoder().decode(File.self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// Opens the networks as a folder.
  func pipeline() throws -> DiffusionPipeline {
    let scratch = try ScratchFolder(),
      classes = ["unet": "UNet2DModel", "vqvae": "VQModel", "scheduler": "DDIMScheduler"]
    let components = classes.map { #""\#($0.key)": ["diffusers", "\#($0.value)"]"# }.joined(separator: ", ")
    func write(_ name: String, _ bytes: [UInt8]) throws {
      let path = "\(scratch.path)/\(name)"
      try FileManager.default.createDirectory(
        atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(filePath: path))
    }
    try write("model_index.json", Array(#"{"_class_name": "LDMPipeline", \#(components)}"#.utf8))
    try write("scheduler/scheduler_config.json", Array("{}".utf8))
    for component in ["unet", "vqvae"] {
      try write("\(component)/config.json", Array(try JSONEncoder().encode(file.configs[component] ?? [:])))
      try write("\(component)/diffusion_pytorch_model.safetensors", try weights(of: component))
    }
    return try DiffusionPipeline.fromPretrained(scratch.path, threads: 2)
  }

  private func weights(of component: String) throws -> [UInt8] {
    let weights = try #require(file.weights[component])
    var twister = MersenneTwister(seed: 0), header: [String] = [], data: [UInt8] = []
    func add(_ name: String, _ shape: [Int], _ values: [Float]) {
      let end = data.count + 4 * values.count
      header.append(#""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(data.count),\#(end)]}"#)
      values.withUnsafeBytes { data += $0 }
    }
    for draw in weights.draws {
      let (low, high) = (Float(draw.low), Float(draw.high)), count = draw.shape.reduce(1, *)
      let values = (0..<count).map { _ in low.addingProduct(twister.uniformFloat(), high - low) }
      if let name = draw.name { add(name, draw.shape, values) }
    }
    for (name, shape) in weights.constant.sorted(by: { $0.key < $1.key }) {
      add(name, shape, [Float](repeating: name.hasSuffix(".weight") ? 1 : 0, count: shape.reduce(1, *)))
    }
    return SafeTensorsBytes.file(header: "{\(header.joined(separator: ","))}", data: data)
  }
}
