/// What the parts of a screen are to the mouse.
extension HitMap {
  /// The timeline of a state's screen, and its panes unless help covers them.
  package init(_ state: State) {
    let layout = Layout(state)
    if state.helpScroll == nil {
      for place in layout.grid?.places ?? [] { add(.pane(place.pane), at: place.part) }
    }
    if let timeline = layout.timeline { add(.timeline(steps: state.stepCount), at: TimelineView.track(in: timeline)) }
  }
}
