import Synchronization

/// The first NaN or infinity of a step: its origin and its position.
public struct NonFiniteLayer: Sendable, Equatable, CustomStringConvertible {
  /// The origin of a value that is not finite.
  public enum Origin: Sendable, Equatable {
    /// The sample: x_t already held it.
    case sample
    /// What tells the network what to make, by its name in Diffusers: `encoder_hidden_states`, `text_embeds`. A text or
    /// image encoder made it.
    case conditioning(String)
    /// A layer of the model, by its name in the weights, with `.attention` for the part of an attention between its
    /// projections.
    case layer(String)
    /// The guidance between two finite predictions.
    case guidance
    /// The scheduler's update, from a finite prediction.
    case scheduler
  }

  /// Where it arose.
  public let origin: Origin
  /// The first value, in row-major order, that is not finite: NaN, infinity or minus infinity.
  public let value: Float
  /// The position of that value in the output of `origin`: `[image, channel, row, column]`. With guidance a layer sees
  /// every image twice: all of them without the prompt, then all with it.
  public private(set) var index: [Int]
  /// The number of values that are not finite.
  public let count: Int
  /// The shape of the output of `origin`, `[batch, channels, height, width]`; `[batch, channels, 1, 1]` for the time
  /// embedding.
  public let shape: [Int]

  /// The name of the layer or the conditioning, `sample`, `guidance` or `scheduler`.
  public var name: String {
    switch origin {
    case .sample: "sample"
    case .layer(let name), .conditioning(let name): name
    case .guidance: "guidance"
    case .scheduler: "scheduler"
    }
  }

  /// One line: `mid_block.resnets.0.conv1: inf at [0, 3, 1, 2]; 12 of 2048 values are not finite`.
  public var description: String {
    let role = if case .conditioning = origin { ", an input of the network" } else { "" }
    return "\(name)\(role): \(value.wholeText) at \(index); \(count) of \(shape.reduce(1, *)) values are not finite"
  }

  /// Whether two are the same; NaN equals NaN.
  public static func == (left: Self, right: Self) -> Bool {
    left.origin == right.origin && left.value.bitPattern == right.value.bitPattern && left.index == right.index
      && left.count == right.count && left.shape == right.shape
  }

  /// Searches a tensor; nil if all of it is finite.
  package init?(_ origin: Origin, in tensor: Tensor<Float>) {
    guard let first = tensor.scalars.firstIndex(where: { !$0.isFinite }) else { return nil }
    var rest = first
    var index: [Int] = []
    for extent in tensor.shape.reversed() {
      index.append(rest % extent)
      rest /= extent
    }
    self.origin = origin
    self.index = index.reversed()
    value = tensor.scalars[first].withoutPayload
    count = tensor.scalars.count { !$0.isFinite }
    shape = tensor.shape
  }
}

extension NonFiniteLayer {
  /// Searches what tells a network what to make; nil if all of it is finite.
  init?(in conditioning: ModelInput.Conditioning) {
    let named: [(name: String, tensor: Tensor<Float>?)] = [
      ("encoder_hidden_states", conditioning.encoderHiddenStates), ("text_embeds", conditioning.textEmbeds),
      ("class_labels", conditioning.classEmbeddings), ("timestep_cond", conditioning.timestepConditioning),
      ("time_ids", conditioning.timeIDs), ("image", conditioning.image),
    ]
    guard
      let found = named.lazy.compactMap({ name, tensor in
        tensor.flatMap { NonFiniteLayer(.conditioning(name), in: $0) }
      }).first
    else { return nil }
    self = found
  }

  /// The same of an image that was searched alone, with its place in the batch.
  func inImage(_ image: Int) -> NonFiniteLayer {
    var result = self
    if !index.isEmpty { result.index[0] = image }
    return result
  }
}

/// A search for the first layer of a forward pass whose output holds a NaN or an infinity.
final class NonFiniteSearch: Sendable {
  /// Thrown to end the pass: nothing after the first such layer matters.
  private struct Found: Error {}

  private let first = Mutex<NonFiniteLayer?>(nil)

  /// The layer found, if any.
  var found: NonFiniteLayer? { first.withLock { $0 } }

  /// Runs a forward pass up to the first layer whose output is not finite.
  ///
  /// - Parameter pass: The pass. It gives the output of each layer to the first closure, and calls the second before
  ///   each block.
  /// - Returns: The sample itself if it is not finite; nil if all is finite.
  static func first(
    from sample: Tensor<Float>, progress: ForwardProgressHandler?,
    _ pass: (_ observer: @escaping LayerObserver, _ progress: @escaping ForwardProgressHandler) throws -> Void
  ) throws -> NonFiniteLayer? {
    if let layer = NonFiniteLayer(.sample, in: sample) { return layer }
    let search = NonFiniteSearch()
    do {
      try pass({ search.check($0, $1) }) { report in
        guard search.found == nil else { throw Found() }
        try progress?(report)
      }
    } catch is Found {}
    return search.found
  }

  /// Checks the output of a layer. Layers arrive in the order they run.
  func check(_ layer: String, _ output: Tensor<Float>) {
    first.withLock { first in
      if first == nil { first = NonFiniteLayer(.layer(layer), in: output) }
    }
  }
}

extension UNet2DModel {
  /// Predicts again, checking the output of each layer, and returns the first that is not finite, for a model without
  /// classes.
  ///
  /// The pass ends there. Other passes cost no more than without this check.
  ///
  /// - Parameters:
  ///   - sample: As for ``callAsFunction(_:timestep:progress:)``.
  ///   - timestep: As for it.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: The sample itself if it is not finite; nil if all is finite, from the time embedding to the last layer.
  /// - Throws: As ``callAsFunction(_:timestep:progress:)``.
  public func firstNonFiniteLayer(
    sample: Tensor<Float>, timestep: Float, progress: ForwardProgressHandler? = nil
  ) throws -> NonFiniteLayer? {
    try firstNonFiniteLayer(ModelInput(sample: sample, timestep: timestep), progress: progress)
  }

  /// Predicts again, checking the output of each layer, and returns the first that is not finite.
  ///
  /// - Parameters:
  ///   - input: As for ``callAsFunction(_:progress:)``.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: The sample itself if it is not finite; nil if all is finite, from the time embedding to the last layer.
  /// - Throws: As ``callAsFunction(_:progress:)``.
  public func firstNonFiniteLayer(
    _ input: ModelInput, progress: ForwardProgressHandler? = nil
  ) throws -> NonFiniteLayer? {
    try NonFiniteSearch.first(from: input.sample, progress: progress) { observer, progress in
      _ = try predict(input, observer: observer, progress: progress)
    }
  }
}
