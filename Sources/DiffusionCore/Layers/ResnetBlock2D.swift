import TensorKernels

/// Two convolutions, with the time embedding between them if there is one, around a shortcut
/// (`diffusers.ResnetBlock2D`, `ResnetBlockCondNorm2D`). It may change the size of the image.
package struct ResnetBlock2D: Sendable {
  /// What a block is made of.
  package struct Form: Sendable {
    /// How the time embedding enters the block (`time_embedding_norm`).
    package enum Time: Sendable {
      /// Added before the second norm, after an activation.
      case added
      /// Scales and shifts the second norm, after an activation.
      case scaleShift
      /// Scales and shifts both norms, which have no parameters of their own.
      case adaptive
    }

    /// The channels of its input.
    package var inputChannels: Int
    /// The channels between its convolutions.
    package var innerChannels: Int
    /// The channels of its output.
    package var outputChannels: Int
    /// How the time embedding enters; nil for none.
    package var time: Time?
    /// The channels of the time embedding.
    package var timeChannels = 0
    /// The number of groups of its norms.
    package var groups: (first: Int, second: Int)
    /// The value that its norms add to the variance.
    package var epsilon: Double
    /// The function behind each norm.
    package var activation = Activation.silu
    /// The value that the sum with the shortcut is divided by (`output_scale_factor`).
    package var divisor = 1.0
    /// The change of the image's size; nil for none.
    package var resampling: Resampling?
    /// Whether the shortcut is a convolution although it keeps the number of channels.
    package var alwaysProjects = false
    /// The size of its output, if the model knows it.
    package var level: LevelSize?

    package init(_ inputChannels: Int, _ outputChannels: Int, groups: Int, epsilon: Double) {
      (self.inputChannels, innerChannels, self.outputChannels) = (inputChannels, outputChannels, outputChannels)
      (self.groups, self.epsilon) = ((groups, groups), epsilon)
    }
  }

  private enum Norms {
    /// The norms, and what projects the time embedding.
    case plain(GroupNorm, GroupNorm, projection: TimeProjection?)
    case adaptive(AdaptiveGroupNorm, AdaptiveGroupNorm)
  }

  package let name: String
  private let form: Form
  private let norms: Norms
  private let conv1: Convolution
  private let conv2: Convolution
  private let shortcut: Convolution?

  /// Reads the block's parameters.
  package init(_ name: String, _ form: Form, from reader: ParameterReader) throws {
    self.name = name
    self.form = form
    norms = try Self.norms(name, form, from: reader)
    conv1 = try Convolution(
      "\(name).conv1", form.inputChannels, form.innerChannels, upsample: form.resampling?.kind == .nearest,
      at: form.level, from: reader)
    conv2 = try Convolution("\(name).conv2", form.innerChannels, form.outputChannels, at: form.level, from: reader)
    let projects = form.alwaysProjects || form.inputChannels != form.outputChannels
    shortcut =
      projects
      ? try Convolution(
        "\(name).conv_shortcut", form.inputChannels, form.outputChannels, kernel: 1, hasBias: !isAdaptive(form),
        from: reader) : nil
  }

  private static func norms(_ name: String, _ form: Form, from reader: ParameterReader) throws -> Norms {
    if isAdaptive(form) {
      func norm(_ name: String, _ channels: Int, _ groups: Int) throws -> AdaptiveGroupNorm {
        try AdaptiveGroupNorm(
          name, channels: channels, groups: groups, epsilon: form.epsilon, timeChannels: form.timeChannels,
          from: reader)
      }
      return .adaptive(
        try norm("\(name).norm1", form.inputChannels, form.groups.first),
        try norm("\(name).norm2", form.innerChannels, form.groups.second))
    }
    func norm(_ name: String, _ channels: Int, _ groups: Int) throws -> GroupNorm {
      try GroupNorm(name, channels: channels, groups: groups, epsilon: form.epsilon, from: reader)
    }
    return .plain(
      try norm("\(name).norm1", form.inputChannels, form.groups.first),
      try norm("\(name).norm2", form.innerChannels, form.groups.second),
      projection: try form.time.map { time in
        let outputs = time == .scaleShift ? 2 * form.innerChannels : form.innerChannels
        return try TimeProjection("\(name).time_emb_proj", form.timeChannels, outputs, from: reader)
      })
  }

  /// Applies it to feature maps, or to the concatenation of two along their channels.
  ///
  /// - Parameters:
  ///   - time: The time embedding, `[batch][timeChannels]`, after the activation unless the norms are adaptive; nil for
  ///     a block without one.
  ///   - projections: Its projections for all blocks, if the model joins them.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(
    _ input: FeatureMap, concatenated second: FeatureMap? = nil, time: FeatureMap?, projections: FeatureMap? = nil,
    in context: ComputeContext
  ) throws -> FeatureMap {
    if shortcut == nil, let second {
      // The concatenation itself is the shortcut.
      return try self(
        input.joined(second, of: name, in: context), time: time, projections: projections, in: context)
    }
    precondition((time == nil) == (form.time == nil), "\(name) and its input disagree on the time embedding")
    var first = Convolution.Epilogue(), last = Convolution.Epilogue(), hidden: FeatureMap
    let silu = form.activation == .silu
    switch norms {
    case .plain(let norm1, let norm2, let projection):
      let projected = try time.flatMap { try projection?($0, projections: projections, in: context) }
      let scales = form.time == .scaleShift
      first.time = scales ? nil : projected
      hidden = try resampled(norm1(input, concatenated: second, silu: silu, in: context), in: context)
      hidden = try conv1(hidden, epilogue: first, in: context)
      hidden = try norm2(hidden, time: scales ? projected : nil, silu: silu, in: context)
    case .adaptive(let norm1, let norm2):
      guard let time else { preconditionFailure("\(name) got no time embedding") }
      hidden = try resampled(norm1(input, concatenated: second, time: time, silu: silu, in: context), in: context)
      hidden = try norm2(conv1(hidden, in: context), time: time, silu: silu, in: context)
    }
    hidden = try activated(hidden, as: Name.second, in: context)
    let kept = try form.resampling.map { try $0(input, as: name + Name.shortcut, in: context) } ?? input
    last.residual = try shortcut.map { try $0(kept, concatenated: second, in: context) } ?? kept
    last.divisor = Float(form.divisor)
    return try conv2(hidden, epilogue: last, in: context)
  }

  /// What the first norm gave, as the first convolution reads it, which itself reads each pixel as a square of four.
  private func resampled(_ normalized: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    let hidden = try activated(normalized, as: Name.first, in: context)
    guard let resampling = form.resampling, resampling.kind != .nearest else { return hidden }
    return try resampling(hidden, as: name + Name.resampling, in: context)
  }

  /// The activation that a norm does not end with.
  private func activated(_ map: FeatureMap, as suffix: String, in context: ComputeContext) throws -> FeatureMap {
    form.activation == .silu ? map : try form.activation(map, as: name + suffix, in: context)
  }

  /// What follows the block's name in reports.
  private enum Name {
    static let first = ".nonlinearity.0"
    static let second = ".nonlinearity.1"
    static let resampling = ".resample"
    static let shortcut = ".resample_shortcut"
  }
}

/// Whether a block's norms are adaptive.
private func isAdaptive(_ form: ResnetBlock2D.Form) -> Bool { form.time == .adaptive }

extension ResnetBlock2D {
  /// Whether it reads the time embedding without the activation.
  package var readsPlainTime: Bool { isAdaptive(form) }

  /// Reads the parameters of a block that keeps the size of the image.
  ///
  /// - Parameters:
  ///   - timeChannels: The channels of the time embedding; nil for none.
  ///   - groups: The number of groups of its norms.
  ///   - epsilon: The value that its norms add to the variance.
  ///   - scaleShift: Whether the time embedding scales and shifts the second norm instead of being added before it.
  ///   - level: The size of its images, if the model knows it.
  package init(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, timeChannels: Int?, groups: Int, epsilon: Double,
    scaleShift: Bool, level: LevelSize?, from reader: ParameterReader
  ) throws {
    var form = Form(inputChannels, outputChannels, groups: groups, epsilon: epsilon)
    (form.time, form.timeChannels) = (timeChannels == nil ? nil : scaleShift ? .scaleShift : .added, timeChannels ?? 0)
    form.level = level
    try self.init(name, form, from: reader)
  }
}

extension ResnetBlock2D: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    func activate(_ shape: FeatureShape, _ suffix: String) {
      if form.activation != .silu { form.activation.describe(shape, as: name + suffix, in: &description) }
    }
    var shape: FeatureShape
    switch norms {
    case .plain(let norm, _, _): shape = norm.describe(input, in: &description)
    case .adaptive(let norm, _): shape = norm.describe(input, in: &description)
    }
    activate(shape, Name.first)
    if let resampling = form.resampling, resampling.kind != .nearest {
      shape = resampling.describe(shape, as: name + Name.resampling, in: &description)
    }
    shape = conv1.describe(shape, in: &description)
    switch norms {
    case .plain(_, let norm, let projection):
      _ = projection?.describe(FeatureShape(channels: 0, height: 1, width: 1), in: &description)
      shape = norm.describe(shape, in: &description)
    case .adaptive(_, let norm): shape = norm.describe(shape, in: &description)
    }
    activate(shape, Name.second)
    let kept = form.resampling?.describe(input, as: name + Name.shortcut, in: &description)
    _ = shortcut?.describe(kept ?? input, in: &description)
    return conv2.describe(shape, in: &description)
  }
}
