/// What operands must be to each other. Backends check it before a kernel reads them; layers never break it.
extension ConvolutionOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    let size = shape.outputSize(height: input.height, width: input.width)
    precondition(
      input.channels + (second?.channels ?? 0) == shape.inputChannels, "a convolution got the wrong number of channels")
    precondition(
      (output.batch, output.height, output.width, output.channels)
        == (input.batch, size.height, size.width, shape.outputChannels),
      "a convolution got an output of the wrong shape")
    precondition(time.map { $0.batch == input.batch && $0.channels >= timeFirst + output.channels } ?? true)
    precondition(residual.map { $0.buffer.count == output.buffer.count } ?? true)
  }
}

extension GroupNormOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    precondition(
      input.channels + (second?.channels ?? 0) == output.channels, "a group norm got the wrong number of channels")
    precondition(output.channels.isMultiple(of: groups), "groups do not divide the channels of a group norm")
    precondition(output.batch == input.batch && output.pixels == input.pixels)
    precondition(time.map { $0.batch == input.batch && $0.channels >= timeFirst + 2 * output.channels } ?? true)
  }
}

extension LayerNormOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    precondition(
      input.channels == output.channels && input.buffer.count == output.buffer.count,
      "a layer norm got an output of the wrong shape")
  }
}

extension ActivationOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    precondition(
      input.channels == (isGated ? 2 : 1) * output.channels
        && input.batch * input.pixels == output.batch * output.pixels,
      "an activation got an output of the wrong shape")
  }
}

extension ResamplingOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    precondition(
      (output.height, output.width) == resampling.outputSize(height: input.height, width: input.width)
        && (output.batch, output.channels) == (input.batch, input.channels),
      "a resampling got an output of the wrong shape")
    precondition(!resampling.reflects || min(input.height, input.width) > 1, "one row has no other to reflect")
  }
}

extension ModulationOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    precondition(
      input.channels == output.channels && input.batch == output.batch && input.pixels == output.pixels,
      "a modulation got an output of the wrong shape")
    require(factor)
    switch kind {
    case .scale(_, let shift): require(shift)
    case .gate(_, let residual):
      precondition(residual.buffer.count == input.buffer.count, "a modulation got a residual of the wrong shape")
    }
  }

  private func require(_ range: ChannelRange) {
    precondition(
      range.map.batch == input.batch && range.map.pixels == 1 && range.first + input.channels <= range.map.channels,
      "a modulation got too few channels")
  }
}

extension AttentionOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    for range in [query, key, value] {
      precondition(range.map.batch == output.batch, "an attention got maps of different batches")
      precondition(range.first + output.channels <= range.map.channels, "an attention got too few channels")
    }
    precondition(query.map.pixels == output.pixels && key.map.pixels == value.map.pixels && key.map.pixels > 0)
    precondition(output.channels.isMultiple(of: heads), "heads do not divide the channels of an attention")
  }
}
