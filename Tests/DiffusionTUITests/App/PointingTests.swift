import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The mouse") struct PointingTests {
  var engine = SmilingEngine()

  private mutating func mouse(_ kind: MouseEvent.Kind, _ column: Int, _ row: Int, on state: inout State) {
    let button: MouseEvent.Button = [.press, .release, .drag].contains(kind) ? .left : .none
    let event = MouseEvent(kind, column: column, row: row, button: button)
    engine.carryOut(reduce(&state, .mouse(event)), on: &state)
  }

  @Test("a click on the timeline goes to that step, and a drag follows, even off the row")
  mutating func timeline() throws {
    var state = Scenes.started(steps: 8, engine: &engine)
    let track = TimelineView.track(in: try #require(Layout(state).timeline))
    mouse(.press, track.endColumn - 1, track.row, on: &state)
    #expect(state.position == 8)
    mouse(.drag, track.column + track.columns / 2, track.row - 9, on: &state)
    #expect(state.position == 4)
    mouse(.release, track.column, track.row, on: &state)
    mouse(.drag, track.column, track.row, on: &state)
    #expect(state.position == 4)
  }

  @Test("a click focuses a run, and the wheel steps it") mutating func panes() throws {
    var state = Scenes.comparing(seeds: [0, 1, 2, 3], engine: &engine)
    let places = try #require(Layout(state).grid).places
    for place in places {
      mouse(.press, place.part.column, place.part.row, on: &state)
      #expect(state.focus == place.pane)
    }
    let first = try #require(places.first).part
    mouse(.wheelDown, first.column, first.row, on: &state)
    #expect(state.focus == 0)
    #expect(state.positions == [1, 1, 1, 1])
    mouse(.wheelUp, first.column, first.row, on: &state)
    #expect(state.positions == [0, 0, 0, 0])
  }

  @Test("the mouse does nothing while text is typed") mutating func typing() throws {
    var state = Scenes.started(steps: 8, engine: &engine)
    let track = TimelineView.track(in: try #require(Layout(state).timeline))
    engine.press(.character("s"), on: &state)
    mouse(.press, track.endColumn - 1, track.row, on: &state)
    #expect(state.position == 0)
    #expect(state.editor != nil)
  }
}
