import DiffusionCore
import TestSupport
import Testing

/// A run from seed 0 of a model of this repository.
struct GoldenRun: Sendable, CustomTestStringConvertible {
  /// The model's folder in the repository.
  let model: String
  let steps: Int
  let eta: Float

  /// The key of the hash: the arguments of `generate`, from the root of the repository.
  var name: String { "\(model) --seed 0 --steps \(steps) --eta \(eta)" }
  var testDescription: String { name }
  /// Whether the scalar oracle would take long.
  var isLong: Bool { steps > 2 }

  /// SHA-256 of the images: float32, little endian, `[batch, height, width, channels]`.
  func hash(device: Device, threads: Int) throws -> String {
    let pipeline = try DDIMPipeline.fromPretrained(
      "\(Fixtures.folder)/../../\(model)", device: device, threads: threads)
    let generator = Generator(device: .cpu).manualSeed(0)
    return ContentHash.sha256(try pipeline(generator: generator, eta: eta, numInferenceSteps: steps).images)
  }
}
