/// Who computes. Every device gives the same bits; they differ in speed.
public struct Device: Sendable, Hashable, CustomStringConvertible {
  package enum Kind: String, Sendable, CaseIterable {
    case cpu = "cpu"
    case cpuReference = "cpu:reference"
  }

  package let kind: Kind

  /// The processor, with the widest instructions it has.
  public static let cpu = Device(kind: .cpu)
  /// The processor, with the scalar oracle: slow, and what every other device must equal.
  public static let cpuReference = Device(kind: .cpuReference)
  /// Every device that can be had here.
  public static let available = Kind.allCases.map(Device.init(kind:))

  /// The name that ``init(parsing:)`` reads.
  public var description: String { kind.rawValue }
}

extension Device {
  /// Reads a device's name.
  ///
  /// - Throws: ``DiffusionError``: `unavailable` for `cuda`, whose absence it explains; `usage` for any other name.
  public init(parsing name: String) throws {
    if let kind = Kind(rawValue: name) {
      self.init(kind: kind)
      return
    }
    let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
    if name == "cuda" || name.hasPrefix("cuda:") {
      throw DiffusionError(
        .unavailable,
        "device '\(name)' is unavailable: this build has no CUDA kernels; use one of \(known) (the bits are the same)")
    }
    throw DiffusionError(.usage, "device '\(name)' is unknown: expected one of \(known)")
  }
}
