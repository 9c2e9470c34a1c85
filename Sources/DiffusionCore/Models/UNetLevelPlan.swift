import TensorKernels

/// What a level of a UNet, or its middle, is made of.
package struct UNetLevelPlan: Sendable {
  /// The channels and groups of a residual block.
  package struct Resnet: Sendable {
    /// The channels of the hidden state that it takes.
    var hidden: Int
    /// The channels of the tensor kept on the way down that it takes as well; 0 for none.
    var skip = 0
    /// The channels between its convolutions.
    var inner: Int
    /// The channels of its output.
    var output: Int
    /// The number of groups of its norms.
    var groups: (first: Int, second: Int)
  }

  /// The kind of residual block.
  package enum Residual: Sendable {
    case standard
    /// With an image beside the hidden state; the sum with the shortcut is divided by the root of two.
    case skip
    /// With adaptive norms.
    case adaptive
  }

  /// What changes the size of the hidden state at the end.
  package enum Resampler: Sendable {
    case convolution
    /// A residual block.
    case residual
    /// A residual block with a filter, and a convolution from or to the image beside the hidden state.
    case skip
    /// A filter alone.
    case filter
  }

  package var resnets: [Resnet]
  package var residual = Residual.standard
  /// The number of residual blocks, from the first on, that attention follows.
  package var attentions: Int
  /// Whether attention follows the last of them alone.
  package var attendsAtEnd = false
  /// What changes the size at the end; nil for nothing.
  package var resampler: Resampler?
  /// Whether the outputs of its residual blocks are kept for the way up.
  package var keepsOutputs = true
  /// The channels of the hidden state at its end.
  package var channels: Int

  /// The number of groups of the norms of its resampling residual block, or of those of its image.
  var resamplingGroups: Int { residual == .skip ? min(channels / 4, 32) : resnets.last?.groups.second ?? 1 }
}

extension UNetBlockConfiguration {
  package func plan(at place: UNetPlace) -> UNetLevelPlan { standardPlan(at: place) }

  /// Residual blocks and convolutions, with the attention that the configuration has there.
  func standardPlan(at place: UNetPlace) -> UNetLevelPlan {
    let channels = blockOutChannels, last = channels.count - 1
    func resnet(_ hidden: Int, _ output: Int, skip: Int = 0) -> UNetLevelPlan.Resnet {
      let groups = groups(channels: output)
      return UNetLevelPlan.Resnet(hidden: hidden, skip: skip, inner: output, output: output, groups: (groups, groups))
    }
    let resnets: [UNetLevelPlan.Resnet], output: Int, isEnd: Bool
    switch place {
    case .down(let index):
      (output, isEnd) = (channels[index], index == last)
      let input = channels[max(0, index - 1)]
      resnets = (0..<layers(ofLevel: index)).map { resnet($0 == 0 ? input : output, output) }
    case .middle:
      (output, isEnd) = (channels[last], true)
      resnets = (0..<midBlockLayers).map { _ in resnet(output, output) }
    case .up(let index):
      (output, isEnd) = (channels[last - index], index == last)
      let count = layers(ofLevel: last - index)
      resnets = (0...count).map { layer in
        let previous = layer == 0 ? channels[last - max(0, index - 1)] : output
        return resnet(previous, output, skip: layer == count ? channels[max(0, last - index - 1)] : output)
      }
    }
    return UNetLevelPlan(
      resnets: resnets, attentions: attentions(at: place), resampler: isEnd ? nil : .convolution, channels: output)
  }

  /// The form of a residual block of a plan.
  func form(_ resnet: UNetLevelPlan.Resnet, of plan: UNetLevelPlan, at place: UNetPlace) -> ResnetBlock2D.Form {
    var form = ResnetBlock2D.Form(resnet.hidden + resnet.skip, resnet.output, groups: 1, epsilon: normEps)
    (form.innerChannels, form.groups) = (resnet.inner, resnet.groups)
    form.time = plan.residual == .adaptive ? .adaptive : resnetTimeScaleShift == .scaleShift ? .scaleShift : .added
    (form.timeChannels, form.activation) = (blockTimeChannels, activation)
    form.divisor = place == .middle ? midBlockScaleFactor : plan.residual == .skip ? 2.0.squareRoot() : 1
    form.level = level(levelIndex(of: place))
    return form
  }

  /// The form of the residual block that changes the size at the end of a level.
  func resamplingForm(of plan: UNetLevelPlan, at place: UNetPlace) -> ResnetBlock2D.Form {
    let groups = plan.resamplingGroups
    let resnet = UNetLevelPlan.Resnet(
      hidden: plan.channels, inner: plan.channels, output: plan.channels, groups: (groups, groups))
    var form = form(resnet, of: plan, at: place), filters = plan.resampler == .skip
    form.alwaysProjects = filters
    if case .down = place {
      form.resampling = Resampling(filters ? .filterDown : .average)
      form.level = level(levelIndex(of: place) + 1)
    } else {
      form.resampling = Resampling(filters ? .filterUp : .nearest)
      form.level = level(levelIndex(of: place) - 1)
    }
    return form
  }

  /// The level that a place is at, counted from the largest image.
  func levelIndex(of place: UNetPlace) -> Int {
    switch place {
    case .down(let index): index
    case .middle: blockOutChannels.count - 1
    case .up(let index): blockOutChannels.count - 1 - index
    }
  }
}
