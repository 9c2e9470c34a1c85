/// A device as lists show it, whether it can be used or not.
public struct ListedDevice: Sendable, Equatable {
  /// The name that ``Device/init(parsing:environment:)`` reads.
  public let name: String
  /// What it is: a driver's device with its name, memory and driver, or the instruction set; or why it cannot be used.
  public let detail: String
  /// Whether it can be used, by what its driver says of it.
  public let isAvailable: Bool

  /// Describes a device.
  public init(name: String, detail: String, isAvailable: Bool) {
    (self.name, self.detail, self.isAvailable) = (name, detail, isAvailable)
  }

  private init(_ entry: DeviceEntry, host: HostProcessor) {
    let reason = entry.unavailability(host)
    self.init(
      name: entry.name, detail: reason ?? Device(entry, host: host).summary, isAvailable: reason == nil)
  }

  /// Every device that the engine knows, and the further ones of drivers; demonstrations are left out. Drivers are
  /// loaded and asked, which may take a while, but no device is opened.
  ///
  /// - Parameter environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  public static func all(environment: [String: String]) -> [ListedDevice] {
    let host = (try? Device.cpu(environment: environment))?.host ?? HostProcessor()
    let further = DeviceEntry.installed.filter { !Device.knownNames.contains($0.name) }
    return (DeviceEntry.all + further).filter { $0.open != nil && $0.demonstration == nil }
      .map { ListedDevice($0, host: host) }
  }
}

extension Device {
  /// What it is, in a list of devices.
  package var summary: String {
    hardware ?? demonstration.map { "a demonstration: \($0)" } ?? "computes with \(instructionSet)"
  }
}
