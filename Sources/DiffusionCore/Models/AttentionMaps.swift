import Synchronization
import TensorKernels

/// How much each pixel of an image attends to each token of its text, layer by layer, averaged over the heads.
public struct AttentionMaps: Sendable, Equatable {
  /// The maps of a layer.
  public struct Layer: Sendable, Equatable {
    /// Its name in the weights: `down_blocks.0.attentions.0.transformer_blocks.0.attn2`.
    public let name: String
    /// `[batch, tokens, height, width]`, at the size of the layer's feature maps. The weights of a pixel add up to 1.
    public let weights: Tensor<Float>

    /// Creates the maps of a layer.
    public init(name: String, weights: Tensor<Float>) { (self.name, self.weights) = (name, weights) }
  }

  /// The layers in the order they ran.
  public let layers: [Layer]

  /// Creates maps from those of layers for the same images and tokens.
  public init(layers: [Layer]) { self.layers = layers }

  /// The average over the layers, `[batch, tokens, height, width]`: each pixel has the weights of the pixel of a layer
  /// that it lies in.
  ///
  /// - Parameters:
  ///   - height: The height of the maps, at least 1; usually that of the sample.
  ///   - width: The width of the maps, at least 1.
  /// - Returns: The maps; nil if no layer attends to a text.
  public func average(height: Int, width: Int) -> Tensor<Float>? {
    guard let shape = layers.first?.weights.shape, height > 0, width > 0 else { return nil }
    var sums = [Double](repeating: 0, count: shape[0] * shape[1] * height * width)
    for layer in layers {
      let (rows, columns) = (layer.weights.shape[2], layer.weights.shape[3])
      for plane in 0..<shape[0] * shape[1] {
        for row in 0..<height {
          let source = (plane * rows + row * rows / height) * columns, target = (plane * height + row) * width
          for column in 0..<width {
            sums[target + column] += Double(layer.weights.scalars[source + column * columns / width])
          }
        }
      }
    }
    let count = Double(layers.count)
    return Tensor(unchecked: [shape[0], shape[1], height, width], sums.map { Float($0 / count) })
  }
}

extension UNet2DConditionModel {
  /// Predicts again, and returns how much each pixel attends to each token in each layer.
  ///
  /// Other passes cost no more than without it.
  ///
  /// - Parameters:
  ///   - input: As for ``callAsFunction(_:progress:)``.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Throws: As ``callAsFunction(_:progress:)``.
  public func attentionMaps(
    _ input: ModelInput, progress: ForwardProgressHandler? = nil
  ) throws -> AttentionMaps {
    let layers = Mutex<[AttentionMaps.Layer]>([])
    _ = try predict(
      input,
      attentionObserver: { [context] name, operation in
        let weights = try operation.averageWeights(on: context.backend)
        let layer = String(name.dropLast(".attention".count))
        layers.withLock { $0.append(AttentionMaps.Layer(name: layer, weights: weights)) }
      }, progress: progress)
    return AttentionMaps(layers: layers.withLock { $0 })
  }
}

extension AttentionOperation {
  /// The softmax weights, averaged over the heads, `[batch, keys, height, width]`.
  fileprivate func averageWeights(on backend: any Backend) throws -> Tensor<Float> {
    let queries = try backend.download(query.map.buffer), keys = try backend.download(key.map.buffer)
    let pixels = query.map.pixels, tokens = key.map.pixels
    var weights = [Float](repeating: 0, count: output.batch * tokens * pixels)
    for image in 0..<output.batch {
      for pixel in 0..<pixels {
        let first = (image * pixels + pixel) * query.map.channels + query.first
        var sums = [Double](repeating: 0, count: tokens)
        for head in 0..<heads {
          let offset = head * headDim
          let row = queries[first + offset..<first + offset + headDim]
          let softmax = softmax(of: row, image: image, offset: key.first + offset, keys: keys)
          for token in 0..<tokens { sums[token] += softmax[token] }
        }
        for token in 0..<tokens {
          weights[(image * tokens + token) * pixels + pixel] = Float(sums[token] / Double(heads))
        }
      }
    }
    return Tensor(unchecked: [output.batch, tokens, query.map.height, query.map.width], weights)
  }

  private func softmax(of query: ArraySlice<Float>, image: Int, offset: Int, keys: [Float]) -> [Double] {
    let tokens = key.map.pixels
    let scores = (0..<tokens).map { token -> Double in
      let first = (image * tokens + token) * key.map.channels + offset
      var sum: Float = 0
      for (index, value) in query.enumerated() { sum += value * keys[first + index] }
      return Double(sum * scale)
    }
    let largest = scores.max() ?? 0
    let exponentials = scores.map { DoubleMath.exp($0 - largest) }
    let total = exponentials.reduce(0, +)
    return exponentials.map { $0 / total }
  }
}
