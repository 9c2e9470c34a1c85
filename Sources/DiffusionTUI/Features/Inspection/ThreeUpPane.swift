import DiffusionCore

/// Three pictures of the focused run side by side, with their details below or beside them.
package struct ThreeUpPane {
  package let state: State
  package let layout: Layout

  package func draw(into frame: inout Frame, look: Look) {
    guard let part = layout.threeUp else { return }
    if let title = layout.caption {
      PaneTitle(state: state, index: state.focus).draw(into: &frame, in: title, look: look)
    }
    let subject = state.threeUpSubject ?? .step
    if subject.isGuided, let reason = state.reasonAgainstGuidance {
      return frame.writeMissing(reason, in: part, look: look)
    }
    let threeUp =
      subject.isGuided
      ? state.guidance(columns: part.columns, tier: look.capabilities.colorTier)
      : state.threeUp(
        columns: part.columns, besideNumbers: DetailPanel.showsClipped(state, in: layout.statistics))
    let places = threeUp.draw(into: &frame, in: part, renderer: state.shownRenderer, look: look)
    drawCursor(of: threeUp, at: places, into: &frame, look)
  }

  private func drawCursor(of threeUp: ThreeUp, at places: [ThreeUp.Place], into frame: inout Frame, _ look: Look) {
    guard let viewport = state.viewport, let cursor = viewport.cursor, let part = layout.threeUp else { return }
    let renderer = state.shownRenderer.renderer
    guard let scale = threeUp.places(pixels: viewport.region.size, in: part, renderer: renderer)?.scale else { return }
    for place in places {
      guard let picture = threeUp.items[place.index].content.picture(tier: look.capabilities.colorTier),
        picture.size == viewport.picture
      else { continue }
      let scaled = ScaledPicture(picture: picture, scale: scale, region: viewport.region)
      PixelCursor(place: cursor).draw(
        into: &frame, on: scaled, renderer: renderer, column: place.picture.column, row: place.picture.row, look: look)
    }
  }
}

/// The predicted original and the model output beside the picture of x_t, or the two that are not the current view.
package struct CompanionPane {
  package let state: State
  package let layout: Layout

  package func draw(into frame: inout Frame, look: Look) {
    guard let part = layout.companions else { return }
    let items = TensorView.allCases.filter { $0 != state.view }.map { view in
      let statistics = state.run?.statistics(view, at: state.position)
      let words = [
        statistics.map { "std \(NumberText.fixed($0.std, 4))" },
        state.pictureKind(of: state.focus, view, channel: state.inspection.channel),
      ]
      return ThreeUp.Item(
        title: view.label, caption: words.compactMap { $0 }.joined(separator: "  "),
        picture: state.pictured(of: state.focus, view).flatMap { state.inspection.picture(of: $0) })
    }
    ThreeUp(items: items, region: state.viewport?.region, fit: state.fit)
      .draw(into: &frame, in: part, renderer: state.shownRenderer, look: look)
  }
}

extension State {
  /// The three pictures of the focused run. If only one fits, it is that of the current view.
  ///
  /// - Parameters:
  ///   - columns: The columns for all of them, which determine how detailed their captions are.
  ///   - besideNumbers: Whether the screen has the numbers of the current view, which its caption then leaves out.
  package func threeUp(columns: Int, besideNumbers: Bool = false) -> ThreeUp {
    let isNarrow = columns < 3 * 19, isShort = columns < 3 * 24
    let step = position > 0 ? run.flatMap { $0.history.count >= position ? $0.history[position - 1] : nil } : nil
    let update = step?.update
    let isOfLatents = run?.description.latents != nil
    func item(_ title: String, _ picture: Picture?, std: Double?, clipped: Double?, kind: String?) -> ThreeUp.Item {
      let words = [
        std.map { "std \(NumberText.fixed($0, isNarrow ? 2 : 4))" },
        isShort || besideNumbers || isOfLatents ? nil : clipped.map { "\(NumberText.fixed(100 * $0, 1))% clipped" },
        isShort ? nil : kind,
      ]
      return ThreeUp.Item(title: title, caption: words.compactMap { $0 }.joined(separator: "  "), picture: picture)
    }
    func item(_ title: String, _ view: TensorView, std: Double?, clipped: Double?) -> ThreeUp.Item {
      item(
        title, pictured(of: focus, view).flatMap { inspection.picture(of: $0) },
        std: besideNumbers && view == self.view ? nil : std, clipped: clipped,
        kind: pictureKind(of: focus, view, channel: inspection.channel))
    }
    let sample = run?.statistics(.sample, at: position)
    let original = step?.statistics.predOriginalSample
    return ThreeUp(
      items: [
        item(
          isNarrow ? "x_t" : "x_t after step \(position)", .sample, std: sample?.std,
          clipped: sample?.clipped),
        item(
          isNarrow ? "predicted" : "predicted original", .predOriginalSample, std: original?.std,
          clipped: original?.clipped),
        item(
          isNarrow ? "noise" : "predicted noise", (step?.step.predEpsilon).flatMap { inspection.picture(of: $0) },
          std: update?.predEpsilonStd, clipped: nil, kind: nil),
      ], chosen: TensorView.allCases.firstIndex(of: view) ?? 0, region: viewport?.region, fit: fit)
  }
}
