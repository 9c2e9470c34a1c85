/// What a page of a lesson speaks of beside the runs' results: which pictures are on the screen, and what is chosen
/// beside them.
package struct LessonDisplay: Sendable, Equatable {
  /// One of the things that the learner can change about the display.
  enum Part: Sendable, Hashable {
    case runs(Int)
    case view(TensorView)
    /// The scale of the differences in place of the pictures; nil for the pictures.
    case differences(DifferenceScale?)
    /// What is shown in place of the runs' pictures; nil for nothing.
    case cover(Layer.Kind?)
    case three(ThreeUpSubject?)
    case channel(Int?)
    case focus(Int)
    case reference(Int)
    case link(CursorLink)
    case plot(PlotPage)
    case measure(DifferenceMeasure)

    /// Whether the pictures themselves depend on it.
    var isOfPictures: Bool {
      switch self {
      case .runs, .view, .differences, .cover, .three, .channel: true
      case .focus, .reference, .link, .plot, .measure: false
      }
    }
  }

  /// All parts.
  let parts: Set<Part>

  /// Describes the display of a state.
  package init(_ state: State) {
    let showsDifferences = state.isComparing && state.compare.view == .difference
    parts = [
      .runs(state.panes.count), .view(state.view),
      .differences(showsDifferences ? state.inspection.differenceScale : nil),
      .cover(state.cover), .three(state.threeUpSubject), .channel(state.inspection.channel), .focus(state.focus),
      .reference(state.compare.reference), .link(state.compare.link), .plot(state.inspection.page),
      .measure(state.compare.measure),
    ]
  }
}

extension State {
  /// What is shown in place of the runs' pictures; nil for nothing.
  fileprivate var cover: Layer.Kind? { isInSweep ? .sweep : isInGallery ? .gallery : showsAttention ? .attention : nil }
}

/// What a lesson's own keys do to the display, one after the other. So a page need not say which display it expects:
/// it is the one that the keys before it lead to.
struct LessonRehearsal: Sendable, Equatable {
  /// A key of a page.
  struct Press: Sendable, Equatable {
    /// The display before it, and after it.
    let before, after: LessonDisplay
    /// The layers that are open before it.
    let layers: Set<Layer.Kind>

    /// What it puts on the screen; empty for a key that changes the runs, or is typed.
    var effect: Set<LessonDisplay.Part> { after.parts.subtracting(before.parts) }

    /// Whether it puts something else in the place of a part.
    func replaces(_ part: LessonDisplay.Part) -> Bool { before.parts.contains(part) && !after.parts.contains(part) }
  }

  /// The keys of each page.
  let pages: [[Press]]
  /// The display at the beginning of each page.
  private let starts: [LessonDisplay]

  /// Creates a rehearsal of what was found.
  init(pages: [[Press]], starts: [LessonDisplay]) { (self.pages, self.starts) = (pages, starts) }

  /// What the text of a page takes to be on the screen: the pictures, and of all else what the keys before it chose.
  func expectation(at page: Int) -> Set<LessonDisplay.Part> {
    starts[page].parts.filter { $0.isOfPictures || !starts[0].parts.contains($0) }
  }
}

/// What is found on a page.
extension State {
  /// The findings of the page's claims, and whether its display is there. None while the engine is working, or once
  /// some of the page's keys have been pressed.
  package var lessonFindings: [LessonFinding] {
    guard let lesson, !isBusy, !lesson.isPreparing, lesson.pressed == 0 else { return [] }
    let isThere = lesson.expectation.isSubset(of: LessonDisplay(self).parts)
    return [LessonFinding(holds: isThere, text: nil)] + lesson.step.checks.map { $0.finding(in: self) }
  }
}
