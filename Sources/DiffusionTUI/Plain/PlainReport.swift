import DiffusionCore

/// What plain mode reports about a state: sentences without escape sequences, for a screen reader.
package struct PlainReport {
  private let state: State

  /// Creates a report on a state.
  package init(_ state: State) { self.state = state }

  /// The current step: "Step 3 of 50, timestep 941. The sample x_t has mean ...".
  package var status: [String] {
    guard let run = state.run else { return ["There is no run."] }
    let schedule = run.description.schedule
    var place = "Step \(state.position) of \(state.stepCount)"
    if state.position == 0, let first = schedule.first {
      place += ", the \(run.description.startName) before timestep \(first.timestep.wholeText)"
    } else if schedule.indices.contains(state.position - 1) {
      let stage = run.description.stageTitle(at: state.position).map { ", \($0)" } ?? ""
      place += "\(stage), timestep \(schedule[state.position - 1].timestep.wholeText)"
    }
    guard let statistics else { return ["\(place).", missing] }
    let line =
      "\(place). \(name) has mean \(NumberText.small(statistics.mean, 4)) "
      + "and standard deviation \(NumberText.small(statistics.std, 4))."
    return [line] + alarms(statistics) + finished
  }

  /// The statistics in words.
  package var stats: [String] {
    guard let statistics else { return [missing] }
    let shape = statistics.shape.map(String.init).joined(separator: " by ")
    let channels = statistics.channelStd.map { NumberText.small($0, 4) }.joined(separator: ", ")
    let clipped = NumberText.fixed(statistics.clipped * 100, 2)
    return [
      "\(name), \(shape), \(statistics.dtype.rawValue).",
      "Mean \(NumberText.small(statistics.mean, 6)), standard deviation \(NumberText.small(statistics.std, 6)).",
      "From \(NumberText.small(Double(statistics.min), 6)) to \(NumberText.small(Double(statistics.max), 6)).",
      "Absolute sum \(NumberText.small(statistics.absoluteSum, 3)), L2 norm \(NumberText.small(statistics.l2, 3)).",
      "\(clipped) percent of the values are at or beyond -1 and 1.",
      "Standard deviation of each channel: \(channels).",
      "\(statistics.nanCount) values are NaN and \(statistics.infinityCount) infinite.",
    ] + hash + finished
  }

  /// The SHA-256 of the viewed tensor.
  package var hash: [String] {
    guard let statistics else { return [missing] }
    return ["SHA-256 \(statistics.sha256)."]
  }

  /// The picture of the viewed tensor, two characters per pixel.
  package var picture: [String] {
    if let embedding = EmbeddingText(state) {
      return ["\(name), \(embedding.lines.filter { !$0.isEmpty }.joined(separator: ", "))."]
    }
    guard let pictured = state.run?.pictured(state.view, at: state.position, channel: nil),
      let picture = Picture(of: pictured.tensor, range: pictured.range)
    else { return [missing] }
    let renderer = ASCIIRampRenderer()
    let pixels = Size(columns: picture.columns, rows: picture.rows)
    guard let scale = Self.scale(pixels) else { return ["The picture is too narrow to show."] }
    let shown = ScaledPicture(picture: picture, scale: scale)
    let capabilities = TerminalCapabilities(colorTier: .mono, unicode: false)
    var frame = Frame(size: renderer.cells(for: shown.extent))
    renderer.draw(
      shown, into: &frame, column: 0, row: 0, look: Look(theme: .plain, capabilities: capabilities))
    let rows = (0..<frame.size.rows).map { frame.text(row: $0) }
    let kind = state.pictureKind(of: state.focus, channel: nil).map { ", \($0)" } ?? ""
    let size = "\(name)\(kind), \(picture.columns) by \(picture.rows) pixels"
    let reduction = scale.denominator
    return [reduction > 1 ? "\(size), the average of \(reduction) by \(reduction) in one place." : "\(size)."] + rows
  }

  /// The settings of the run: those that tell runs apart, and those that only few runs have.
  package var settings: [String] {
    let request = state.pane.request
    let common: [Setting] = [.seeds, .steps, .eta, .device, .generatorDevice, .variation]
    let others = Setting.ofRunSettings.filter { !common.contains($0) && ($0 == .threads || !$0.isUsual(in: request)) }
    let words = common.map { "\($0.label) \($0.text(of: request))" } + others.map { $0.title(of: request) }
    return ["\(request.model.name), \(words.joined(separator: ", ")), viewing \(state.view.label)."]
  }

  /// The timestep of every step.
  package var schedule: [String] {
    let points = state.run?.description.schedule ?? []
    return points.enumerated().map { index, point in
      "Step \(index + 1): timestep \(point.timestep.wholeText), alpha-bar "
        + "\(NumberText.small(Double(point.alphaCumprod), 6))."
    }
  }

  /// A scale at which lines stay within 160 columns, with two columns per pixel.
  private static func scale(_ pixels: Size) -> ImageScale? {
    (1...max(1, pixels.columns)).lazy.map { ImageScale(zoom: 1, stride: $0) }
      .first { 2 * $0.extent(of: pixels).columns <= 160 }
  }

  private var name: String {
    let name = state.view == .sample ? "The sample x_t" : "The \(state.view.label)"
    return state.run?.description.latents == nil ? name : "\(name) (latents)"
  }

  private var missing: String { "\(name) comes with the first step." }

  private var statistics: TensorStatistics? { state.run?.statistics(state.view, at: state.position) }

  private func alarms(_ statistics: TensorStatistics) -> [String] {
    let count = statistics.nanCount + statistics.infinityCount
    return count > 0 ? ["Alarm: \(statistics.nanCount) values are NaN and \(statistics.infinityCount) infinite."] : []
  }

  private var finished: [String] {
    guard state.position == state.stepCount, let last = state.run?.history.last,
      let sum = last.statistics.imageAbsoluteSum, let image = last.statistics.imageSHA256
    else { return [] }
    return [
      "The image is finished: its absolute sum is \(NumberText.small(sum, 3)), "
        + "the SHA-256 of the last sample \(last.statistics.prevSample.sha256), that of the image \(image)."
    ]
  }
}
