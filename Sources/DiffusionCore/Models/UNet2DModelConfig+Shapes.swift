extension UNet2DModelConfig {
  /// What does not fit together in a pass of a sample of a given size, as words; nil if all of it does. Blocks of
  /// different kinds keep different tensors for the way up, and Diffusers finds out when it runs them.
  func mismatch(height: Int, width: Int) -> String? {
    do {
      try walk(height: height, width: width)
      return nil
    } catch {
      return error.message
    }
  }

  private struct Mismatch: Error {
    let message: String
  }

  private func walk(height: Int, width: Int) throws(Mismatch) {
    var hidden = FeatureShape(channels: blockOutChannels[0], height: height, width: width)
    var shapes = UNetShapes(
      skips: [hidden], image: FeatureShape(channels: inChannels, height: height, width: width))
    for index in blockOutChannels.indices { try walkDown(index, &hidden, &shapes) }
    shapes.image = nil
    for index in blockOutChannels.indices { try walkUp(index, &hidden, &shapes) }
    guard hidden.channels == blockOutChannels[0] else {
      throw Mismatch(
        message:
          "conv_norm_out takes block_out_channels[0], \(blockOutChannels[0]) channels, and gets \(hidden.channels)")
    }
    guard let image = shapes.image else { return }
    guard image.hasSize(of: hidden) else {
      throw Mismatch(message: "the image of the skip blocks on the way up does not reach the size of the sample")
    }
    guard outChannels == image.channels else {
      throw Mismatch(
        message: "out_channels is \(outChannels): expected \(image.channels), those of the image of skip blocks")
    }
  }

  private func walkDown(_ index: Int, _ hidden: inout FeatureShape, _ shapes: inout UNetShapes) throws(Mismatch) {
    let plan = plan(at: .down(index)), name = "down_blocks.\(index)"
    for resnet in plan.resnets {
      hidden.channels = resnet.output
      shapes.skips.append(plan.keepsOutputs ? hidden : nil)
    }
    guard let resampler = plan.resampler else { return }
    if resampler == .skip {
      guard let image = shapes.image, image.channels == UNetImageHead.channels else {
        throw Mismatch(
          message: "in_channels is \(inChannels): expected \(UNetImageHead.channels), for the image of \(name)")
      }
      guard image.hasSize(of: hidden) else {
        throw Mismatch(message: "\(name) follows a block that does not halve the image of skip blocks")
      }
      shapes.image = image.halved
    }
    let roundsUp = resampler == .convolution && downsamplePadding == 1
    guard roundsUp || min(hidden.height, hidden.width) > 1 else {
      throw Mismatch(message: "\(name) has an image of \(hidden.sizeText), too small to be halved")
    }
    hidden = roundsUp ? hidden.halvedUp : hidden.halved
    if resampler != .filter { shapes.skips.append(hidden) }
  }

  /// Adds the channels of the last tensor kept on the way down, as a residual block concatenates it.
  private func take(
    _ taken: inout [FeatureShape?], into hidden: inout FeatureShape, of plan: UNetLevelPlan, _ name: String
  ) throws(Mismatch) {
    guard let last = taken.popLast() else {
      throw Mismatch(message: "the blocks on the way down keep too few tensors for \(name)")
    }
    guard let skip = last else {
      if plan.residual == .adaptive { return }
      throw Mismatch(message: "\(name) gets nothing from the way down")
    }
    guard skip.hasSize(of: hidden) else {
      throw Mismatch(
        message: "\(name) has an image of \(hidden.sizeText), and gets one of \(skip.sizeText) from the way down")
    }
    hidden.channels += skip.channels
  }

  private func walkUp(_ index: Int, _ hidden: inout FeatureShape, _ shapes: inout UNetShapes) throws(Mismatch) {
    let plan = plan(at: .up(index)), name = "up_blocks.\(index)"
    var taken = Array(shapes.skips.suffix(plan.resnets.count))
    shapes.skips.removeLast(taken.count)
    for (layer, resnet) in plan.resnets.enumerated() {
      if plan.residual != .adaptive || layer == 0 { try take(&taken, into: &hidden, of: plan, name) }
      guard hidden.channels == resnet.hidden + resnet.skip else {
        throw Mismatch(
          message: "\(name).resnets.\(layer) takes \(resnet.hidden + resnet.skip) channels, and gets \(hidden.channels)"
        )
      }
      hidden.channels = resnet.output
    }
    if plan.residual == .skip { shapes.image = shapes.image?.doubled }
    guard let resampler = plan.resampler else { return }
    if resampler == .skip {
      guard shapes.image?.hasSize(of: hidden) ?? true else {
        throw Mismatch(message: "\(name) follows a block that does not double the image of skip blocks")
      }
      shapes.image = hidden
      shapes.image?.channels = UNetImageHead.channels
    }
    guard resampler != .filter || min(hidden.height, hidden.width) > 1 else {
      throw Mismatch(message: "\(name) has an image of \(hidden.sizeText): its filter reflects at least 2 pixels")
    }
    hidden = hidden.doubled
  }
}

extension FeatureShape {
  fileprivate func hasSize(of other: FeatureShape) -> Bool { (height, width) == (other.height, other.width) }

  fileprivate var halved: FeatureShape { FeatureShape(channels: channels, height: height / 2, width: width / 2) }

  fileprivate var halvedUp: FeatureShape {
    FeatureShape(channels: channels, height: (height + 1) / 2, width: (width + 1) / 2)
  }

  fileprivate var doubled: FeatureShape { FeatureShape(channels: channels, height: height * 2, width: width * 2) }

  fileprivate var sizeText: String { "\(height)x\(width)" }
}
