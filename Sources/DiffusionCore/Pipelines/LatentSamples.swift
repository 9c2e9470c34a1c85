import Synchronization

/// An autoencoder whose latents a pipeline's network predicts.
protocol LatentAutoencoder: Sendable {
  /// The channels of its latents.
  var codeChannels: Int { get }
  /// The channels of the images that it encodes.
  var imageChannels: Int { get }
  /// The pixels across, and down, of a latent.
  var latentScale: Int { get }
  /// What its latents are multiplied by for the network.
  var scalingFactor: Double { get }

  /// Its name in `model_index.json`.
  var component: String { get }

  /// Decodes latents that are not scaled, with an observer of the layers; see ``AutoencoderKL/decode(_:progress:)``.
  func decoded(
    _ latents: Tensor<Float>, observer: LayerObserver?, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float>

  /// Encodes images in [-1, 1] as latents that are not scaled.
  func encoded(_ images: Tensor<Float>) throws -> EncodedLatents
}

/// What an encoder makes of an image.
enum EncodedLatents: Sendable {
  /// Latents are drawn from a distribution.
  case distribution(DiagonalGaussian)
  case latents(Tensor<Float>)
}

extension AutoencoderKL: LatentAutoencoder {
  var component: String { "vae" }
  var codeChannels: Int { config.latentChannels }
  var imageChannels: Int { config.inChannels }
  var latentScale: Int { config.latentScale }
  var scalingFactor: Double { config.scalingFactor }

  func decoded(
    _ latents: Tensor<Float>, observer: LayerObserver?, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try decode(latents, observer: observer, progress: progress)
  }

  func encoded(_ images: Tensor<Float>) throws -> EncodedLatents { .distribution(try encode(images)) }
}

extension VQModel: LatentAutoencoder {
  var component: String { "vqvae" }
  var codeChannels: Int { config.codeChannels }
  var imageChannels: Int { config.inChannels }
  var latentScale: Int { config.latentScale }
  var scalingFactor: Double { config.scalingFactor }

  func decoded(
    _ latents: Tensor<Float>, observer: LayerObserver?, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try decode(latents, observer: observer, progress: progress)
  }

  func encoded(_ images: Tensor<Float>) throws -> EncodedLatents { .latents(try encode(images)) }
}

/// Samples that are latents of an autoencoder, times its scaling factor.
final class LatentSamples: SampleFormat, Sendable {
  private let vae: any LatentAutoencoder
  private let fitted = Mutex<LatentFormat?>(nil)

  let isLatent = true

  /// What latents are divided by and what is then added, for each channel, before they are decoded; nil for the scaling
  /// factor alone.
  private let standard: (std: [Float], mean: [Float])?

  /// Creates a format.
  ///
  /// - Parameter standard: The deviation and the mean of each channel of the latents; nil for 1 and 0.
  init(_ vae: any LatentAutoencoder, standard: (std: [Double], mean: [Double])? = nil) {
    self.vae = vae
    self.standard = standard.map { ($0.std.map { Float($0) }, $0.mean.map { Float($0) }) }
  }

  /// A latent as the autoencoder has it.
  private func unscaled(_ value: Float, channel: Int) -> Float {
    let factor = Float(vae.scalingFactor)
    guard let standard else { return value / factor }
    return value * standard.std[channel] / factor + standard.mean[channel]
  }

  /// The autoencoder's latents, `[1, channels, height, width]`, as the network has them.
  private func scaled(_ latents: Tensor<Float>) -> Tensor<Float> {
    let factor = Float(vae.scalingFactor)
    guard let standard else { return latents.map { $0 * factor } }
    let plane = latents.count / latents.shape[1]
    return Tensor(
      unchecked: latents.shape,
      latents.scalars.enumerated().map { index, value in
        (value - standard.mean[index / plane]) * factor / standard.std[index / plane]
      })
  }

  /// The pixels across, and down, of a latent.
  var scale: Int { vae.latentScale }

  /// The images that the latents decode to, one at a time: none depends on another.
  func images(of sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try decoded(sample, progress: progress).imagesFromSamples()
  }

  func firstNonFiniteLayer(
    decoding sample: Tensor<Float>, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? {
    for image in 0..<(sample.shape.first ?? 0) {
      let own = sample.rows([image])
      let found = try NonFiniteSearch.first(from: own, progress: progress) { observer, progress in
        _ = try decoded(own, observer: { try observer("\(self.vae.component).\($0)", $1) }, progress: progress)
      }
      if let found { return found.inImage(image) }
    }
    return nil
  }

  /// `[batch, channels, height, width]`, around [-1, 1].
  private func decoded(
    _ sample: Tensor<Float>, observer: LayerObserver? = nil, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    let each = sample.shape.dropFirst().reduce(1, *), plane = sample.shape.dropFirst(2).reduce(1, *)
    let images = sample.shape.first ?? 0
    return .concatenated(
      try (0..<images).map { image in
        let latents = sample.scalars[image * each..<(image + 1) * each].enumerated().map {
          unscaled($1, channel: $0 / plane)
        }
        return try vae.decoded(
          Tensor(unchecked: [1] + sample.shape.dropFirst(), latents), observer: observer
        ) { part in try progress?(part.part(image, of: images)) }
      })
  }

  /// Encodes a picture. Its latents are drawn before the noise of the run: once for all images if one generator draws
  /// for all (`StableDiffusionImg2ImgPipeline.prepare_latents`).
  func encode(_ picture: SourcePicture, shape: [Int]) throws -> (_ noise: NoiseSource) throws -> Tensor<Float> {
    let pixels = try picture.samples([1, vae.imageChannels, shape[2] * scale, shape[3] * scale])
    let batch = shape[0], distribution: DiagonalGaussian
    switch try vae.encoded(pixels) {
    case .distribution(let found): distribution = found
    case .latents(let latents):
      let samples = scaled(latents)
      return { _ in .concatenated((0..<batch).map { _ in samples }) }
    }
    return { source in
      let drawn = source.drawsForEachImage ? batch : 1, one = [1] + shape.dropFirst()
      let noise = try source.draw([drawn] + shape.dropFirst()), each = noise.count / drawn
      let samples = try (0..<drawn).map { image in
        let own = Tensor(unchecked: one, Array(noise.scalars[image * each..<(image + 1) * each]))
        return self.scaled(try distribution.sample(noise: own))
      }
      return .concatenated(drawn == batch ? samples : (0..<batch).flatMap { _ in samples })
    }
  }
}

extension LatentSamples {
  /// The linear function of a latent's channels that comes nearest to its pixels' mean colour, fitted to decoded noise
  /// when it is first asked for. It is for display only.
  var latents: LatentFormat? {
    fitted.withLock { fitted in
      if fitted == nil { fitted = fit() }
      return fitted
    }
  }

  /// Two small pictures are enough: 128 latents for 5 unknowns of each colour.
  private static let probe = (images: 2, side: 8)

  private func fit() -> LatentFormat {
    let channels = vae.codeChannels, (images, side) = Self.probe
    let grey = LatentFormat(
      scale: scale, factors: Array(repeating: [0, 0, 0], count: channels), bias: [0, 0, 0])
    let generator = Generator(device: .cpu).manualSeed(0)
    // Every second latent repeats its neighbours: pictures have areas.
    guard let coarse = try? generator.randn([images, channels, side / 2, side / 2]),
      let pixels = try? decoded(coarse.doubled())
    else { return grey }
    let probe = coarse.doubled(), means = pixels.means(of: scale), plane = side * side, colors = means.shape[1]
    let rows = (0..<images * plane).map { row in
      let (image, place) = (row / plane, row % plane)
      return (0..<channels).map { Double(probe.scalars[(image * channels + $0) * plane + place]) } + [1]
    }
    let solutions = (0..<3).map { color in
      LeastSquares.solution(
        // A picture of fewer channels repeats its last one.
        rows,
        (0..<images * plane).map {
          Double(means.scalars[($0 / plane * colors + min(color, colors - 1)) * plane + $0 % plane])
        })
    }
    return LatentFormat(
      scale: scale, factors: (0..<channels).map { channel in solutions.map { Float($0[channel]) } },
      bias: solutions.map { Float($0[channels]) })
  }
}

/// Fits of linear functions.
private enum LeastSquares {
  /// The weights whose sums with each row come nearest to the values, by the normal equations; all zero if the rows do
  /// not determine them.
  static func solution(_ rows: [[Double]], _ values: [Double]) -> [Double] {
    let count = rows.first?.count ?? 0
    var matrix = (0..<count).map { i in
      (0..<count).map { j in rows.reduce(0) { $0 + $1[i] * $1[j] } } + [
        zip(rows, values).reduce(0) { $0 + $1.0[i] * $1.1 }
      ]
    }
    for column in 0..<count {
      guard let pivot = (column..<count).max(by: { abs(matrix[$0][column]) < abs(matrix[$1][column]) }),
        abs(matrix[pivot][column]) > 1e-9
      else { return Array(repeating: 0, count: count) }
      matrix.swapAt(column, pivot)
      for row in 0..<count where row != column {
        let factor = matrix[row][column] / matrix[column][column]
        for index in column...count { matrix[row][index] -= factor * matrix[column][index] }
      }
    }
    return (0..<count).map { matrix[$0][count] / matrix[$0][$0] }
  }
}

extension Tensor<Float> {
  /// `[batch, channels, height, width]` at twice the height and width, each value four times.
  fileprivate func doubled() -> Tensor<Float> {
    let (height, width) = (shape[2], shape[3])
    let planes = (0..<shape[0] * shape[1]).flatMap { plane in
      (0..<4 * height * width).map { place in
        scalars[(plane * height + place / (2 * width) / 2) * width + place % (2 * width) / 2]
      }
    }
    return Tensor(unchecked: [shape[0], shape[1], 2 * height, 2 * width], planes)
  }

  /// The means of squares of pixels.
  fileprivate func means(of side: Int) -> Tensor<Float> {
    let (height, width) = (shape[2] / side, shape[3] / side)
    let means = (0..<shape[0] * shape[1]).flatMap { plane in
      (0..<height * width).map { place in
        let (top, left) = (place / width * side, place % width * side)
        let sum = (0..<side * side).reduce(Float(0)) { sum, index in
          sum + scalars[(plane * shape[2] + top + index / side) * shape[3] + left + index % side]
        }
        return sum / Float(side * side)
      }
    }
    return Tensor(unchecked: [shape[0], shape[1], height, width], means)
  }
}
