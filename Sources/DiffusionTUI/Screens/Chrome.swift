/// Which lines surround the picture and the statistics. What is given up first on a small screen comes last here.
package struct Chrome: Sendable, Equatable {
  package var timelineRows: Int
  package var hasCaption: Bool
  package var hasHeader: Bool
  package var hasFooter: Bool
  package var hasSettings: Bool
  package var hasRule: Bool

  /// How many rows it takes outside of the body.
  package var rows: Int {
    timelineRows + (hasHeader ? 1 : 0) + (hasFooter ? 1 : 0) + (hasSettings ? 1 : 0) + (hasRule ? 1 : 0)
  }

  /// From everything to nothing.
  package static let levels: [Chrome] = [
    level(timeline: 2, caption: true, header: true, footer: true, settings: true, rule: true),
    level(timeline: 2, caption: true, header: true, footer: true, settings: true, rule: false),
    level(timeline: 1, caption: true, header: true, footer: true, settings: true, rule: false),
    level(timeline: 1, caption: true, header: true, footer: true, settings: false, rule: false),
    level(timeline: 1, caption: true, header: true, footer: false, settings: false, rule: false),
    level(timeline: 1, caption: true, header: false, footer: false, settings: false, rule: false),
    level(timeline: 1, caption: false, header: false, footer: false, settings: false, rule: false),
    level(timeline: 0, caption: false, header: false, footer: false, settings: false, rule: false),
  ]

  /// The same for a projector: without what is read at a desk.
  package static let sparse = levels.filter { !$0.hasRule && !$0.hasSettings }

  private static func level(
    timeline: Int, caption: Bool, header: Bool, footer: Bool, settings: Bool, rule: Bool
  ) -> Chrome {
    Chrome(
      timelineRows: timeline, hasCaption: caption, hasHeader: header, hasFooter: footer, hasSettings: settings,
      hasRule: rule)
  }
}
