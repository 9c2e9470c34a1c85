import TensorKernels

/// A level on the way down (`diffusers.DownBlock2D` and the like).
package struct UNetDownBlock: Sendable {
  /// What halves the hidden state at the end, and the image beside it.
  private enum Downsampler {
    case convolution(Convolution)
    case residual(ResnetBlock2D)
    case skip(ResnetBlock2D, image: Convolution)
    case filter
  }

  private static let filter = Resampling(.filterDown, reflects: true)
  private static let imageFilter = Resampling(.filterDown)

  private let layers: [UNetLayer]
  private let downsampler: Downsampler?
  /// The name of the filter of the hidden state or of the image.
  private let filterName: String
  private let keepsOutputs: Bool

  /// Reads level `index`.
  package init(_ index: Int, config: some UNetBlockConfiguration, from reader: ParameterReader) throws {
    let name = "down_blocks.\(index)", place = UNetPlace.down(index), plan = config.plan(at: place)
    layers = try UNetLayer.layers(of: plan, name, at: place, config: config, from: reader)
    (filterName, keepsOutputs) = ("\(name).downsamplers.0", plan.keepsOutputs)
    downsampler = try plan.resampler.map { resampler in
      switch resampler {
      case .convolution:
        .convolution(
          try Convolution(
            "\(name).downsamplers.0.conv", plan.channels, plan.channels, stride: 2, padding: config.downsamplePadding,
            from: reader))
      case .residual:
        .residual(
          try ResnetBlock2D("\(name).downsamplers.0", config.resamplingForm(of: plan, at: place), from: reader))
      case .skip:
        .skip(
          try ResnetBlock2D("\(name).resnet_down", config.resamplingForm(of: plan, at: place), from: reader),
          image: try Convolution("\(name).skip_conv", config.inChannels, plan.channels, kernel: 1, from: reader))
      case .filter: .filter
      }
    }
  }

  /// The number of blocks that a forward pass reports for it.
  var blocks: Int { layers.reduce(0) { $0 + $1.blocks } + (downsampler == nil ? 0 : 1) }

  /// Applies the level; every intermediate output is appended to `skips` for the way up.
  package func callAsFunction(
    _ input: FeatureMap, skips: inout [FeatureMap?], in pass: inout ForwardPass
  ) throws -> FeatureMap {
    var hidden = input
    for layer in layers {
      hidden = try layer(hidden, in: &pass)
      skips.append(keepsOutputs ? hidden : nil)
    }
    switch downsampler {
    case nil: return hidden
    case .convolution(let convolution):
      try pass.begin(convolution.name)
      hidden = try convolution(hidden, in: pass.context)
    case .residual(let resnet): hidden = try resnet(hidden, in: &pass)
    case .skip(let resnet, let convolution):
      hidden = try resnet(hidden, in: &pass)
      guard let image = pass.image else { preconditionFailure("\(convolution.name) got no image") }
      let halved = try Self.imageFilter(image, as: filterName, in: pass.context)
      var epilogue = Convolution.Epilogue()
      epilogue.residual = hidden
      hidden = try convolution(halved, epilogue: epilogue, in: pass.context)
      pass.image = halved
    case .filter:
      try pass.begin(filterName)
      return try Self.filter(hidden, as: filterName, in: pass.context)
    }
    skips.append(hidden)
    return hidden
  }

  func describe(
    _ input: FeatureShape, shapes: inout UNetShapes, in description: inout ModelDescription
  ) -> FeatureShape {
    var shape = input
    for layer in layers {
      shape = layer.describe(shape, in: &description)
      shapes.skips.append(keepsOutputs ? shape : nil)
    }
    switch downsampler {
    case nil: return shape
    case .convolution(let convolution): shape = convolution.describe(shape, in: &description)
    case .residual(let resnet): shape = resnet.describe(shape, in: &description)
    case .skip(let resnet, let convolution):
      shape = resnet.describe(shape, in: &description)
      shapes.image = shapes.image.map { Self.imageFilter.describe($0, as: filterName, in: &description) }
      _ = convolution.describe(shapes.image ?? shape, in: &description)
    case .filter: return Self.filter.describe(shape, as: filterName, in: &description)
    }
    shapes.skips.append(shape)
    return shape
  }
}
