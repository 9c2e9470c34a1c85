import FoundationEssentials
import TensorKernels

/// A device that computes. Every device gives the same bits; they differ in speed.
public struct Device: Sendable, CustomStringConvertible {
  let entry: DeviceEntry
  let host: HostProcessor

  /// A device of the registry, or one that a test brings.
  package init(_ entry: DeviceEntry, host: HostProcessor = HostProcessor()) {
    self.entry = entry
    self.host = host
  }

  /// The processor, with the widest instructions it has.
  public static let cpu = Device(.cpu)
  /// The processor, with the scalar oracle: slow, and what every other device must equal.
  public static let cpuReference = Device(.cpu(with: .reference))
  /// Every device that can be had here: `cpu`, then one for each set of instructions that the processor has.
  public static let available = DeviceEntry.all.filter { $0.unavailability(HostProcessor()) == nil }.map { Device($0) }

  /// The name of every device that this build has, whether it can be had here or not.
  public static let names = DeviceEntry.all.filter { $0.open != nil }.map(\.name)
  /// The name of every device that the engine knows, those that this build lacks too.
  public static let knownNames = DeviceEntry.all.map(\.name)

  /// How many processors this process may use: the number of threads unless another is asked for.
  public static var processorCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// The most threads that a device starts.
  package static let maximumThreads = 1024

  /// The name that ``init(parsing:environment:)`` reads.
  public var description: String { entry.name }

  /// The instructions it computes with: `avx512`, `avx2`, `portable` or `reference`.
  public var instructionSet: String { entry.instructionSet(host) }

  /// Opens it.
  ///
  /// - Throws: ``DiffusionError``: `usage` for a number of threads outside of 1 to ``maximumThreads``, `unavailable` if
  ///   they cannot be started or the device cannot be had.
  package func open(threads: Int) throws -> any Backend {
    guard (1...Self.maximumThreads).contains(threads) else {
      throw DiffusionError(
        SettingFault("threads", found: "\(threads)", expected: "a whole number from 1 to \(Self.maximumThreads)"))
    }
    guard let open = entry.open else { throw Self.unavailable(entry.name, "this build lacks it") }
    return try open(host, threads)
  }

  /// The error of a device that cannot be had.
  static func unavailable(_ name: String, _ reason: String) -> DiffusionError {
    DiffusionError(.unavailable, "device '\(name)' is unavailable: \(reason); use cpu (the bits are the same)")
  }
}

extension Device: Hashable {
  /// Whether two devices have the same name and compute with the same instructions.
  public static func == (left: Device, right: Device) -> Bool {
    left.entry.name == right.entry.name && left.instructionSet == right.instructionSet
  }

  /// Feeds the name and the instructions, as equality compares them.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(entry.name)
    hasher.combine(instructionSet)
  }
}
