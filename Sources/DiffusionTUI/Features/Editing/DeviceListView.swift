import DiffusionCore

/// The devices of the machine above the line where one is edited: each with its name, memory and driver, or why it
/// cannot be used. A row is cut where it is too long.
package struct DeviceListView {
  package let devices: [ListedDevice]
  /// The name that is typed.
  package let chosen: String

  private static let mostRows = 10
  private static let mostColumns = 100

  /// Draws the list on the rows above a row, below the header.
  package func draw(into frame: inout Frame, above end: Int, look: Look) {
    let count = min(devices.count, Self.mostRows, end - 2), columns = min(frame.size.columns, Self.mostColumns)
    guard count > 0, columns > 40 else { return }
    let place = devices.firstIndex { $0.name == chosen } ?? 0
    let first = max(0, min(place - count / 2, devices.count - count))
    let names = (devices.map(\.name.columns).max() ?? 0) + 2
    for (offset, device) in devices[first..<first + count].enumerated() {
      let row = Rect(column: 0, row: end - count + offset, columns: columns, rows: 1)
      draw(device, names: names, into: &frame, in: row, look: look)
    }
  }

  private func draw(_ device: ListedDevice, names: Int, into frame: inout Frame, in part: Rect, look: Look) {
    let isChosen = device.name == chosen
    // A reversed row has one style, since the colour of each text would be a background of its own.
    let reversed = look.style(.text, adding: .reverse)
    frame.fill(part, Cell(" ", isChosen ? reversed : look[.text]))
    let style = isChosen ? reversed : look[device.isAvailable ? .text : .dim]
    frame.write(device.name, style, column: 1, row: part.row, end: part.endColumn)
    let column = 1 + names, room = part.endColumn - 1 - column
    guard room >= 8 else { return }
    let isCut = !device.note.fits(columns: room)
    let note = isCut ? device.note.prefix(columns: room - 1) + String(look.glyph("\u{2026}", "~")) : device.note
    frame.write(note, isChosen ? reversed : look[.dim], column: column, row: part.row, end: part.endColumn)
  }
}
