import DiffusionCore

/// Draws the whole screen. Pure: the same state gives the same cells.
public func view(_ state: State, size: Size, capabilities: TerminalCapabilities, theme: Theme) -> Frame {
  var state = state.previewed
  state.size = size
  state.capabilities = capabilities
  let look = Look(theme: theme, capabilities: capabilities, isLoud: state.display.presenter != nil)
  var frame = Frame(size: size, filling: Cell(" ", look[.background]))
  if let list = state.lessonList {
    LessonListView(list: list).draw(into: &frame, look: look)
  } else {
    let parts = LessonLayout(state)
    if parts.canvas == size {
      frame = explorer(state, size: size, look: look)
    } else if parts.canvas.rows > 0 {
      frame.copy(explorer(state, size: parts.canvas, look: look))
    }
    LessonPanel(state: state).draw(into: &frame, layout: parts, look: look)
  }
  if let presenter = state.display.presenter {
    let part = Rect(column: 0, row: max(0, size.rows - 1), columns: size.columns, rows: 1)
    KeyEcho(presenter: presenter, unicode: capabilities.unicode).draw(into: &frame, in: part, look: look)
  }
  return capabilities.unicode ? frame : frame.inASCII
}

/// Draws the explorer without the lesson beside it, lowest layer first.
private func explorer(_ state: State, size: Size, look: Look) -> Frame {
  var frame = Frame(size: size, filling: Cell(" ", look[.background]))
  if state.isInSweep, state.helpScroll == nil {
    SweepScreen(state: state).draw(into: &frame, look: look)
  } else if state.isInGallery, state.helpScroll == nil {
    GalleryScreen(state: state).draw(into: &frame, look: look)
  } else {
    drawRuns(of: state, into: &frame, look: look)
  }
  for layer in state.layers {
    switch layer {
    case .palette(let palette):
      PaletteView(palette: palette, context: CommandContext(state)).draw(into: &frame, look: look)
    case .exports(let menu): ExportMenuView(state: state, menu: menu).draw(into: &frame, look: look)
    case .download(let download): DownloadPanel(download: download).draw(into: &frame, look: look)
    // These are drawn as part of the screen below, or beside it.
    case .lesson, .threeUp, .attention, .zoom, .gallery, .sweep, .help, .search, .editor, .variation, .branch,
      .lessonList,
      .writing:
      break
    }
  }
  return frame
}

/// Draws the runs, or help in their place.
private func drawRuns(of state: State, into frame: inout Frame, look: Look) {
  let layout = Layout(state)
  let isHelp = state.helpScroll != nil
  if let header = layout.header { HeaderView(state: state, layout: layout).draw(into: &frame, in: header, look: look) }
  if let rule = layout.rule { frame.fill(rule, Cell(look.glyph("\u{2500}", "-"), look[.rule])) }
  if isHelp {
    HelpScreen(state: state).draw(into: &frame, in: layout.body, look: look)
  } else {
    if let grid = layout.grid {
      GridView(state: state, grid: grid, comparison: layout.comparison).draw(into: &frame, look: look)
    }
    if let part = layout.comparison {
      let hasNumbers = (layout.grid?.plan.lines ?? 0) >= ComparisonSection.leastLines
      ComparisonPanel(state: state, panesHaveNumbers: hasNumbers).draw(into: &frame, in: part, look: look)
    }
    PicturePane(state: state, layout: layout).draw(into: &frame, look: look)
    ThreeUpPane(state: state, layout: layout).draw(into: &frame, look: look)
    AttentionPane(state: state, layout: layout).draw(into: &frame, look: look)
    CompanionPane(state: state, layout: layout).draw(into: &frame, look: look)
    if let part = layout.statistics, part.rows > 0 {
      if state.display.presenter == nil || state.inspection.page != .numbers {
        DetailPanel(state: state).draw(into: &frame, in: part, look: look)
      } else {
        PresenterNumbers(state: state).draw(into: &frame, in: part, look: look)
      }
    }
  }
  if let timeline = layout.timeline { TimelineView(state: state).draw(into: &frame, in: timeline, look: look) }
  MessageLine(state: state, layout: layout).draw(into: &frame, look: look)
  let words = layout.settings == nil ? MessageLine(state: state, layout: layout).words : nil
  StatusLine(state: state, settings: words).draw(into: &frame, in: layout.status, look: look)
  if let footer = layout.footer { FooterView(state: state).draw(into: &frame, in: footer, look: look) }
}

/// Draws the whole screen with the state's own size, capabilities and theme.
public func view(_ state: State) -> Frame {
  view(state, size: state.size, capabilities: state.capabilities, theme: state.theme)
}

extension Layout {
  /// Lays out the screen of a state.
  package init(_ state: State) {
    let pixels = state.layoutPictureSize
    let renderer = state.shownRenderer.renderer
    let size = LessonLayout(state).canvas
    let usual = state.display.presenter == nil ? Chrome.levels : Chrome.sparse
    let levels = state.lesson?.lesson.teachesViews == true ? usual.keepingHeader : usual
    let statusLines = StatusLine(state: state).lines(columns: size.columns).count
    if state.isComparing {
      self.init(
        size: size, panes: state.panes.count, focus: state.focus, pixels: pixels, renderer: renderer,
        statusLines: statusLines, fit: state.inspection.fit,
        plotRows: state.inspection.page == .numbers ? 0 : max(7, size.rows / 3), levels: levels)
    } else {
      self.init(
        size: size, pixels: pixels, renderer: renderer, statusLines: statusLines, fit: state.inspection.fit,
        levels: levels)
    }
    arrange(for: state, pixels: pixels)
  }
}
