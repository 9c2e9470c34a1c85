import DiffusionCore

/// Lists the devices of the machine. Drivers may take a while to answer, so it is not called on the terminal's thread.
public typealias DeviceLister = @Sendable () -> [ListedDevice]

/// The devices of the machine as they are offered. Drivers are asked once, when someone looks for a device.
package struct DeviceList: Sendable, Equatable {
  /// What the drivers answered; nil until they have.
  package private(set) var answer: [ListedDevice]?
  /// Whether they were asked.
  package private(set) var isAsked = false

  /// What stands in place of the devices until the drivers have answered.
  package static let awaited = "asking the drivers for their devices ..."

  /// Creates a list before anyone asked.
  package init() {}

  /// Whether the drivers were asked and have not answered.
  package var isAwaited: Bool { isAsked && answer == nil }

  /// Notes that the drivers are asked.
  mutating func ask() { isAsked = true }

  /// Keeps what they answered.
  mutating func take(_ devices: [ListedDevice]) { (answer, isAsked) = (devices, true) }

  /// A device by its name; nil if it is not listed.
  package subscript(_ name: String) -> ListedDevice? { answer?.first { $0.name == name } }

  /// The names of all, those that cannot be used too: first the devices of the processor, which are known at once.
  package var names: [String] { known + (answer ?? []).map(\.name).filter { !known.contains($0) } }

  /// The values of a setting that can be chosen: of devices those that can be used.
  package func choices(of setting: Setting) -> [String] {
    setting == .device ? names.filter { self[$0]?.isAvailable ?? true } : setting.usualChoices
  }

  /// Refuses a device that is not known yet: to look for it would keep the screen waiting for its driver.
  ///
  /// - Throws: `DiffusionError` (`unavailable`) while the drivers have not answered.
  func requireAnswer(about name: String) throws {
    guard isAwaited, !known.contains(name) else { return }
    throw DiffusionError(
      .unavailable, "device '\(name)': the drivers are still being asked for their devices; try again in a moment")
  }

  private var known: [String] { Setting.device.usualChoices }
}

extension ListedDevice {
  /// What it is, or why it cannot be used.
  package var note: String { isAvailable ? detail : "cannot be used: \(detail)" }
}

extension State {
  /// Asks for the devices of the machine once someone looks for one.
  mutating func followDevices() -> [Effect] {
    guard !devices.isAsked, seeksDevice else { return [] }
    devices.ask()
    return [.listDevices]
  }

  private var seeksDevice: Bool {
    editor?.setting == .device || branchEditor?.editor.setting == .device || palette?.verb == .setting(.device)
  }
}
