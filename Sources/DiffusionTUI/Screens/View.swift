import DiffusionCore

/// Draws the whole screen. Pure: the same state gives the same cells.
public func view(_ state: State, size: Size, capabilities: TerminalCapabilities, theme: Theme) -> Frame {
  var state = state
  state.size = size
  state.capabilities = capabilities
  let look = Look(theme: theme, capabilities: capabilities)
  var frame = Frame(size: size, filling: Cell(" ", look[.background]))
  let layout = Layout(state)
  let isHelp = state.helpScroll != nil
  if let header = layout.header { HeaderView(state: state).draw(into: &frame, in: header, look: look) }
  if let rule = layout.rule { frame.fill(rule, Cell(look.glyph("\u{2500}", "-"), look[.rule])) }
  if isHelp {
    HelpScreen(state: state).draw(into: &frame, in: layout.body, look: look)
  } else if let grid = layout.grid {
    GridView(state: state, grid: grid).draw(into: &frame, look: look)
    if let part = layout.comparison {
      ComparisonSection(state: state).draw(into: &frame, in: part, look: look)
    }
  } else {
    PicturePane(state: state, layout: layout).draw(into: &frame, look: look)
    if let part = layout.statistics, part.rows > 0 {
      StatisticsPanel(state: state).draw(into: &frame, in: part, look: look)
    }
  }
  if let timeline = layout.timeline { TimelineView(state: state).draw(into: &frame, in: timeline, look: look) }
  MessageLine(state: state, layout: layout).draw(into: &frame, look: look)
  StatusLine(state: state).draw(into: &frame, in: layout.status, look: look)
  if let footer = layout.footer { FooterView(state: state).draw(into: &frame, in: footer, look: look) }
  if let palette = state.palette {
    PaletteView(palette: palette, context: CommandContext(state)).draw(into: &frame, look: look)
  }
  if let menu = state.exportMenu { ExportMenuView(state: state, menu: menu).draw(into: &frame, look: look) }
  return frame
}

/// Draws the whole screen with the state's own size, capabilities and theme.
public func view(_ state: State) -> Frame {
  view(state, size: state.size, capabilities: state.capabilities, theme: state.theme)
}

extension Layout {
  /// Lays out the screen of a state.
  package init(_ state: State) {
    let run = state.run ?? state.panes.lazy.compactMap(\.run).first
    let shape = run?.description.initialNoise.shape ?? []
    let pixels = shape.count == 4 ? Size(columns: shape[3], rows: shape[2]) : Size(columns: 32, rows: 32)
    let renderer = state.shownRenderer.renderer
    let statusLines = StatusLine(state: state).lines(columns: state.size.columns).count
    if state.isComparing {
      self.init(
        size: state.size, panes: state.panes.count, focus: state.focus, pixels: pixels, renderer: renderer,
        statusLines: statusLines)
    } else {
      self.init(size: state.size, pixels: pixels, renderer: renderer, statusLines: statusLines)
    }
  }
}
