import DiffusionCore
import Testing
import FoundationEssentials
import TestSupport

/// The output of `generate_schedulers.py`: Diffusers' own results and their inputs.
struct SchedulerFixtures: Decodable, Sendable {
  /// The position of an array in `arrays.bin`.
  struct Place: Decodable, Sendable {
    let offset: Int
    let count: Int
  }

  /// A chain of steps.
  struct Chain: Decodable, Sendable, CustomTestStringConvertible {
    let config: DDIMSchedulerConfig
    let steps: Int
    let eta: Float
    let useClippedModelOutput: Bool
    let timesteps: Place
    let recorded: [Int]
    let sample: Place
    let prevSample: Place
    let predOriginalSample: Place

    var testDescription: String {
      "\(steps) steps, eta \(eta), clipped \(useClippedModelOutput), \(config.predictionType), "
        + "\(config.timestepSpacing)"
    }
  }

  /// The tables of a scheduler.
  struct Schedule: Decodable, Sendable {
    let config: DDIMSchedulerConfig
    let betas: Place
    let alphasCumprod: Place
    let finalAlphaCumprod: Float
  }

  /// The timesteps for every number of steps.
  struct Timesteps: Decodable, Sendable {
    struct List: Decodable, Sendable {
      let steps: Int
      let timesteps: [Float]
    }
    let config: DDIMSchedulerConfig
    let lists: [List]
    let digests: Place
  }

  /// The forward process.
  struct Noise: Decodable, Sendable {
    let timesteps: [Float]
    let addNoise: Place
    let getVelocity: Place
  }

  /// Cosines in two parts.
  struct Cosines: Decodable, Sendable {
    let x: Place
    let high: Place
    let low: Place
  }

  let shape: [Int]
  let sample: Place
  let modelOutput: [Place]
  let noise: [Place]
  let chains: [Chain]
  let schedules: [Schedule]
  let timesteps: [Timesteps]
  let noises: [Noise]
  let cosines: Cosines

  /// Reads the index.
  static func load() throws -> SchedulerFixtures {
    try decoder().decode(Self.self, from: Data(contentsOf: URL(filePath: folder + "index.json")))
  }

  /// Decodes the output of the scripts, whose names have underscores.
  static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { path in
      // The scheduler's own options keep Diffusers' names, which its Codable reads.
      guard let key = path.last, !path.contains(where: { $0.stringValue == "config" }) else {
        return path[path.count - 1]
      }
      return CamelCaseKey(key.stringValue)
    }
    return decoder
  }

  static let folder = Fixtures.folder + "/schedulers/"

  /// Every array, read once per test.
  static func arrays() throws -> SchedulerArrays {
    SchedulerArrays(bytes: try Data(contentsOf: URL(filePath: folder + "arrays.bin")))
  }

  private struct CamelCaseKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) {
      let words = name.split(separator: "_").map(String.init)
      stringValue = (words.first ?? "") + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
