import TensorKernels

/// A level on the way up (`diffusers.UpBlock2D` and the like).
package struct UNetUpBlock: Sendable {
  /// What doubles the hidden state at the end.
  private enum Upsampler {
    case convolution(Convolution)
    case residual(ResnetBlock2D)
    case skip(ResnetBlock2D, UNetImageHead)
    case filter(name: String)
  }

  private static let filter = Resampling(.filterUp, reflects: true)
  private static let imageFilter = Resampling(.filterUp)

  private let layers: [UNetLayer]
  /// Whether each layer takes a tensor that was kept on the way down; the first takes the last of them otherwise, if
  /// there is one.
  private let eachTakesASkip: Bool
  private let upsampler: Upsampler?
  /// The name of the filter of the image beside the hidden state; nil for no image.
  private let imageFilterName: String?

  /// Reads level `index`, counted from the smallest image.
  package init(_ index: Int, config: some UNetBlockConfiguration, from reader: ParameterReader) throws {
    let name = "up_blocks.\(index)", place = UNetPlace.up(index), plan = config.plan(at: place)
    layers = try UNetLayer.layers(of: plan, name, at: place, config: config, from: reader)
    eachTakesASkip = plan.residual != .adaptive
    imageFilterName = plan.residual == .skip ? "\(name).upsampler" : nil
    upsampler = try plan.resampler.map { resampler in
      switch resampler {
      case .convolution:
        .convolution(
          try Convolution(
            "\(name).upsamplers.0.conv", plan.channels, plan.channels, upsample: true,
            at: config.level(config.levelIndex(of: place) - 1), from: reader))
      case .residual:
        .residual(
          try ResnetBlock2D("\(name).upsamplers.0", config.resamplingForm(of: plan, at: place), from: reader))
      case .skip:
        .skip(
          try ResnetBlock2D("\(name).resnet_up", config.resamplingForm(of: plan, at: place), from: reader),
          try UNetImageHead(
            name, plan.channels, groups: plan.resamplingGroups, epsilon: config.normEps, from: reader))
      case .filter: .filter(name: "\(name).upsamplers.0")
      }
    }
  }

  /// The number of blocks that a forward pass reports for it.
  var blocks: Int { layers.reduce(0) { $0 + $1.blocks } + (upsampler == nil ? 0 : 1) }

  /// Applies the level; each layer takes the last of `skips` as a second input.
  package func callAsFunction(
    _ input: FeatureMap, skips: inout [FeatureMap?], in pass: inout ForwardPass
  ) throws -> FeatureMap {
    var hidden = input, taken = Array(skips.suffix(layers.count))
    skips.removeLast(taken.count)
    for (index, layer) in layers.enumerated() {
      let skip = eachTakesASkip || index == 0 ? taken.popLast() ?? nil : nil
      hidden = try layer(hidden, concatenated: skip, in: &pass)
    }
    if let imageFilterName {
      pass.image = try pass.image.map { try Self.imageFilter($0, as: imageFilterName, in: pass.context) }
    }
    switch upsampler {
    case nil: return hidden
    case .convolution(let convolution):
      try pass.begin(convolution.name)
      return try upsample(hidden, to: skips.last ?? nil, convolution, in: pass.context)
    case .residual(let resnet): return try resnet(hidden, in: &pass)
    case .skip(let resnet, let head):
      pass.image = try head(hidden, image: pass.image, in: pass.context)
      return try resnet(hidden, in: &pass)
    case .filter(let name):
      try pass.begin(name)
      return try Self.filter(hidden, as: name, in: pass.context)
    }
  }

  private func upsample(
    _ hidden: FeatureMap, to next: FeatureMap?, _ convolution: Convolution, in context: ComputeContext
  ) throws -> FeatureMap {
    guard let size = Self.interpolated(from: (hidden.height, hidden.width), to: next.map { ($0.height, $0.width) })
    else { return try convolution(hidden, in: context) }
    let resized = try hidden.resized(height: size.height, width: size.width, of: convolution.name, in: context)
    return try convolution.withoutUpsampling()(resized, in: context)
  }

  func describe(
    _ input: FeatureShape, shapes: inout UNetShapes, in description: inout ModelDescription
  ) -> FeatureShape {
    var shape = input, taken = Array(shapes.skips.suffix(layers.count))
    shapes.skips.removeLast(taken.count)
    for (index, layer) in layers.enumerated() {
      let skip = eachTakesASkip || index == 0 ? taken.popLast() ?? nil : nil
      shape.channels += skip?.channels ?? 0
      shape = layer.describe(shape, in: &description)
    }
    if let imageFilterName {
      shapes.image = shapes.image.map { Self.imageFilter.describe($0, as: imageFilterName, in: &description) }
    }
    switch upsampler {
    case nil: return shape
    case .convolution(let convolution):
      let next = (shapes.skips.last ?? nil).map { ($0.height, $0.width) }
      guard let size = Self.interpolated(from: (shape.height, shape.width), to: next)
      else { return convolution.describe(shape, in: &description) }
      (shape.height, shape.width) = size
      return convolution.withoutUpsampling().describe(shape, in: &description)
    case .residual(let resnet): return resnet.describe(shape, in: &description)
    case .skip(let resnet, let head):
      shapes.image = head.describe(shape, in: &description)
      return resnet.describe(shape, in: &description)
    case .filter(let name): return Self.filter.describe(shape, as: name, in: &description)
    }
  }

  /// The size of the next level where it is not twice this one's, because the levels do not divide the sample's size.
  private static func interpolated(
    from size: (height: Int, width: Int), to next: (height: Int, width: Int)?
  ) -> (height: Int, width: Int)? {
    guard let next, next != (2 * size.height, 2 * size.width) else { return nil }
    return next
  }
}

/// What makes an image of the hidden state on the way up: a norm, SiLU and a convolution to three channels.
struct UNetImageHead: Sendable {
  /// The channels of an image of skip blocks, whatever those of the sample are.
  static let channels = 3

  private let norm: GroupNorm
  private let convolution: Convolution

  /// Reads `block.skip_norm` and `block.skip_conv`.
  init(_ block: String, _ channels: Int, groups: Int, epsilon: Double, from reader: ParameterReader) throws {
    norm = try GroupNorm(
      "\(block).skip_norm", channels: channels, groups: groups, epsilon: epsilon, from: reader)
    convolution = try Convolution("\(block).skip_conv", channels, Self.channels, from: reader)
  }

  /// The image of a hidden state, added to the image so far.
  func callAsFunction(_ hidden: FeatureMap, image: FeatureMap?, in context: ComputeContext) throws -> FeatureMap {
    var epilogue = Convolution.Epilogue()
    epilogue.residual = image
    return try convolution(norm(hidden, silu: true, in: context), epilogue: epilogue, in: context)
  }
}

extension UNetImageHead: DescribedLayer {
  func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    convolution.describe(norm.describe(input, in: &description), in: &description)
  }
}
