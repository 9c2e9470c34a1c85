import DiffusionCore
import DiffusionTUI

/// What holds for every state, whatever was pressed.
enum StateInvariants {
  /// The invariant that a state breaks, in words; nil if it is sound.
  static func broken(by state: State) -> String? {
    let panes = state.panes, numbers = panes.flatMap(\.runNumbers)
    if !(1...State.maximumPanes).contains(panes.count) { return "there are \(panes.count) panes" }
    if !panes.indices.contains(state.focus) { return "the focus is \(state.focus) of \(panes.count) panes" }
    if !panes.indices.contains(state.compare.reference) {
      return "the reference is \(state.compare.reference) of \(panes.count) panes"
    }
    if Set(numbers).count != numbers.count { return "two panes have one run: \(numbers)" }
    if numbers.contains(where: { $0 > state.lastRunNumber }) { return "a run has a number that nobody gave" }
    if let broken = brokenStack(of: state) { return broken }
    if let request = state.decoding.current {
      if !panes.contains(where: { $0.run?.number == request.run }) { return "latents of no run are decoded" }
      if state.isComputing || state.isStarting { return "latents are decoded while steps are computed" }
    }
    if let request = state.attention.current {
      if request != state.attentionRequest || !state.showsAttention { return "attention is computed for nobody" }
      if state.isComputing || state.isStarting { return "attention is computed while steps are" }
      if state.decoding.current != nil { return "attention is computed while latents are decoded" }
    }
    return panes.indices.lazy.compactMap { broken(by: panes[$0], at: $0, of: state) }.first
  }

  /// What is wrong with the layers: their kinds and their order.
  private static func brokenStack(of state: State) -> String? {
    let kinds = state.layers.map(\.kind)
    if Set(kinds).count != kinds.count { return "a layer is open twice: \(kinds)" }
    if kinds.dropFirst().contains(.lesson) { return "a lesson lies on something: \(kinds)" }
    let others = kinds.filter { $0 != .writing && $0 != .download }
    if others.dropLast().contains(where: \.isModal) { return "something hides: \(kinds)" }
    if let help = kinds.firstIndex(of: .help), kinds[help...].contains(where: { [.zoom, .gallery].contains($0) }) {
      return "help covers what was opened on it: \(kinds)"
    }
    if state.isInGallery, state.gallery == nil { return "a gallery of nothing is open" }
    return nil
  }

  /// What is wrong with the effect of Esc: it must close the top layer and do nothing else.
  static func brokenEscape(from state: State) -> String? {
    guard let top = state.topLayer else { return nil }
    var closed = state
    let effects = reduce(&closed, .key(.escape)), kinds = state.layers.map(\.kind)
    if case .exports(let menu) = top, menu.naming != nil {
      let isBack = closed.exportMenu?.naming == nil && closed.layers.map(\.kind) == kinds
      return isBack && effects.isEmpty ? nil : "Esc does not go back from a file's name"
    }
    if case .lesson = top { return brokenLeaving(from: state, closed) }
    if closed.layers.map(\.kind) != kinds.dropLast() { return "Esc makes \(closed.layers.map(\.kind)) of \(kinds)" }
    var panes = state.panes
    // What waited for the model is not started.
    if case .download = top { for index in panes.indices { panes[index].pending = nil } }
    let isSame =
      closed.panes == panes && closed.focus == state.focus
      && closed.playback.isPlaying == state.playback.isPlaying
      && closed.gallery == state.gallery && closed.lesson?.lesson == state.lesson?.lesson
    if !isSame { return "Esc closes \(top.kind) and changes something else" }
    // The attention that a layer covered is seen again.
    let uncovered: [Effect] = state.attentionRequest.map { [.attend($0)] } ?? []
    let allowed: [Effect] =
      switch top {
      case .gallery: [.gallery(.stop)] + uncovered
      case .sweep: [.sweep(.stop)] + uncovered
      case .attention: [.cancelAttention]
      case .threeUp, .help: uncovered
      case .writing(let task): [.cancelExport(number: task.number)]
      case .download: [.discard(runs: state.panes.compactMap { $0.pending?.number })] + uncovered
      default: []
      }
    return effects.allSatisfy(allowed.contains) ? nil : "Esc closes \(top.kind) and asks for more"
  }

  /// What is wrong with Esc in a lesson with nothing over it: the first stops playback or asks, if steps were taken,
  /// and one of the next leaves.
  private static func brokenLeaving(from state: State, _ closed: State) -> String? {
    if closed.lesson == nil { return nil }
    let hasStopped = state.playback.isPlaying && !closed.playback.isPlaying
    if !hasStopped, closed.notice?.contains("again leaves the lesson") != true {
      return "Esc in a lesson neither stops, asks nor leaves"
    }
    var left = closed
    for _ in 0..<2 where left.lesson != nil { _ = reduce(&left, .key(.escape)) }
    return left.lesson == nil ? nil : "Esc does not leave the lesson"
  }

  /// What is wrong with the footer; nil if it has the keys of the top layer.
  static func brokenFooter(of state: State) -> String? {
    let keys = FooterView(state: state).keys, labels = keys.map(\.label)
    if case .writing = state.topLayer, keys.filter({ $0.key == "Esc" }).map(\.label) != ["stop the file"] {
      return "the footer does not say that Esc stops the file: \(labels)"
    }
    if case .download = state.topLayer, keys.filter({ $0.key == "Esc" }).map(\.label) != ["stop the download"] {
      return "the footer does not say that Esc stops the download: \(labels)"
    }
    // A layer with no keys but Esc leaves the footer to the layer below.
    let owner = state.layers.map(\.kind).last {
      ![.lesson, .threeUp, .writing, .download].contains($0) && ($0 != .zoom || state.viewport != nil)
        && ($0 != .attention || state.showsAttention)
    }
    let expected = LayerScenes.footer(of: owner, isNamed: state.exportMenu?.naming != nil)
    return labels.contains(expected)
      ? nil : "the footer of \(String(describing: owner)) has no '\(expected)': \(labels)"
  }

  private static func broken(by pane: Pane, at index: Int, of state: State) -> String? {
    let count = pane.stepCount, done = pane.completedSteps
    if !(0...done).contains(pane.position) { return "pane \(index) is at step \(pane.position) of \(done) done" }
    if done > count { return "pane \(index) has \(done) steps of \(count)" }
    if !(0...count).contains(pane.goal) { return "pane \(index) goes to step \(pane.goal) of \(count)" }
    if pane.isComputing, pane.run == nil { return "pane \(index) computes without a run" }
    if pane.isComputing, done == count { return "pane \(index) computes past its end" }
    if pane.progress != nil, !pane.isComputing { return "pane \(index) has progress of a step that nobody takes" }
    if index == state.compare.reference || !state.isComparing {
      return pane.comparison == nil && pane.divergence == nil ? nil : "the reference is compared with itself"
    }
    if let broken = brokenComparison(of: pane, at: index, of: state) { return broken }
    guard let subject = pane.comparison?.subject else { return nil }
    let reference = state.panes[state.compare.reference]
    let isCurrent =
      subject.reference == reference.run?.number && subject.other == pane.run?.number && subject.view == state.view
      && subject.referencePosition == reference.position && subject.otherPosition == pane.position
    return isCurrent ? nil : "pane \(index) shows a comparison of something else"
  }

  /// Runs are compared if their images have the same shape, whatever their models; otherwise the mismatch is reported.
  private static func brokenComparison(of pane: Pane, at index: Int, of state: State) -> String? {
    let shapes = [pane, state.panes[state.compare.reference]].map { $0.run?.description.initialNoise.shape }
    let isSame = shapes[0] == shapes[1]
    if !isSame, pane.divergence != nil { return "pane \(index) parts from a run of another shape" }
    guard let comparison = pane.comparison else { return nil }
    let isSound =
      (comparison.metrics != nil) == isSame && (comparison.difference != nil) == isSame
      && (comparison.mismatch == nil) == isSame
    return isSound ? nil : "pane \(index) compares \(shapes)"
  }

  /// What is wrong with asking for an effect; nil if nothing is.
  static func broken(by effect: Effect, of state: State) -> String? {
    let open = Set(state.panes.flatMap(\.runNumbers))
    switch effect {
    case .denoise(let runs):
      if runs.isEmpty || Set(runs).count != runs.count { return "steps are asked for of \(runs)" }
    case .discard(let runs):
      if let run = runs.first(where: open.contains) { return "run \(run) is discarded and on the screen" }
    case .start(let run, let request):
      if run > state.lastRunNumber { return "run \(run) is started, which nobody asked for" }
      if !(1...1000).contains(request.settings.steps) { return "a run of \(request.settings.steps) steps" }
    case .tick(let delay):
      if delay < .zero { return "a tick in the past" }
    default: break
    }
    return nil
  }

  /// A wide character that lacks a half; nil if none does.
  static func brokenHalves(of frame: Frame) -> String? {
    for row in 0..<frame.size.rows {
      for column in 0..<frame.size.columns {
        let cell = frame[column, row], left = frame[column - 1, row], right = frame[column + 1, row]
        let isSound =
          switch cell.part {
          case .whole: true
          case .leftHalf: right.part == .rightHalf && (right.character, right.style) == (cell.character, cell.style)
          case .rightHalf: left.part == .leftHalf && (left.character, left.style) == (cell.character, cell.style)
          }
        if !isSound { return "'\(cell.character)' at \(column), \(row) is a half" }
      }
    }
    return nil
  }

  /// What is wrong with the screen; nil if nothing is.
  static func broken(byScreenOf state: State) -> String? {
    let frame = view(state), size = "\(state.size.columns)x\(state.size.rows)"
    if frame.size != state.size || frame.cells.count != state.size.columns * state.size.rows {
      return "the frame is not of \(size)"
    }
    if frame.cells.contains(where: { !$0.character.unicodeScalars.allSatisfy(\.isPrintable) }) {
      return "a cell of a screen of \(size) holds no character that can be shown"
    }
    if let broken = brokenHalves(of: frame) { return "on a screen of \(size) \(broken)" }
    // A lesson takes part of the screen, and the list of lessons all of it; the palette and the export menu may cover
    // a low screen entirely.
    let isCovered = state.palette != nil || state.exportMenu != nil
    guard state.size.columns >= 60, state.size.rows >= (isCovered ? 16 : 5), state.lesson == nil,
      state.lessonList == nil
    else { return nil }
    let text = FrameText(frame).text, shown = state.previewed
    // The status of a gallery is of its selected image.
    let step = shown.isInGallery ? "step " : "step \(shown.position)/\(shown.stepCount)"
    let words = ["seed \(Setting.seeds.text(of: shown.kept))", step]
    return words.first { !text.contains($0) }.map { "'\($0)' is not on a screen of \(size)" }
  }
}
