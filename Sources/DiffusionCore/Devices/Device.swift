import FoundationEssentials
import TensorKernels

/// A device to compute on. Every device gives the same bits, unless it is a ``demonstration``; they differ in speed.
public struct Device: Sendable, CustomStringConvertible {
  let entry: DeviceEntry
  let host: HostProcessor

  /// Creates a device from an entry of the registry, or one that a test supplies.
  package init(_ entry: DeviceEntry, host: HostProcessor = HostProcessor()) {
    self.entry = entry
    self.host = host
  }

  /// The processor, with the widest instruction set it has.
  public static let cpu = Device(.cpu)
  /// The processor, with the scalar oracle: slow, and the reference that every other device must equal.
  public static let cpuReference = Device(.cpu(with: .reference))
  /// Every device of the processor: `cpu`, then one for each instruction set. All of them give the same bits; a
  /// ``demonstration`` is not among them. ``installed`` has the others.
  public static let available = DeviceEntry.all.filter {
    $0.numbered == nil && $0.unavailability(HostProcessor()) == nil && $0.demonstration == nil
  }.map { Device($0) }
  /// The devices that drivers have and that can compute by what they say of themselves: `opencl`, `opencl:1`, `cuda`.
  /// They are asked, which loads them, when this is first read.
  public static let installed = DeviceEntry.installed.map { Device($0) }

  /// The name of every device that can be opened, if this machine has what it needs.
  public static let names = DeviceEntry.all.filter { $0.open != nil }.map(\.name)
  /// The same names for people to read, with every demonstration marked as one.
  package static let labels = DeviceEntry.all.filter { $0.open != nil }.map(\.label)
  /// The name of every device that the engine knows, including those that cannot be opened.
  public static let knownNames = DeviceEntry.all.map(\.name)

  /// The number of processors that this process may use, which is the default number of threads.
  public static var processorCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// The largest number of threads that a device starts.
  package static let maximumThreads = 1024

  /// The name that ``init(parsing:environment:)`` reads.
  public var description: String { entry.name }

  /// What it demonstrates, as the middle of a sentence, if it is a device for teaching whose bits are outside of the
  /// numerics contract; nil for every other device.
  public var demonstration: String? { entry.demonstration }

  /// The name for people to read: `cpu:reassociated (demonstration)`.
  public var label: String { entry.label }

  /// The instruction set that it computes with, `avx512`, `avx2`, `portable` or `reference`, or the device of a driver:
  /// `NVIDIA H200`.
  public var instructionSet: String { entry.instructionSet(host) }

  /// Whether it is a driver's, which is given the kernels when it is first opened: compiling them may take seconds.
  var compilesKernels: Bool { entry.numbered != nil }

  /// Opens the device.
  ///
  /// - Throws: ``DiffusionError``: `usage` for a number of threads outside 1 to ``maximumThreads``, `unavailable` if
  ///   they cannot be started or the device is not available.
  package func open(threads: Int) throws -> any Backend {
    guard (1...Self.maximumThreads).contains(threads) else {
      throw DiffusionError(
        SettingFault("threads", found: "\(threads)", expected: "a whole number from 1 to \(Self.maximumThreads)"))
    }
    guard let open = entry.open else { throw entry.error("there are no kernels for it") }
    return try open(host, threads)
  }
}

extension DeviceEntry {
  /// The error for a device that is not available.
  ///
  /// - Parameter reason: Why, as the middle of a sentence.
  func error(_ reason: String) -> DiffusionError { Self.error(name, reason, remedy()) }

  static func error(_ name: String, _ reason: String, _ remedy: String) -> DiffusionError {
    DiffusionError(.unavailable, "device '\(name)' is unavailable: \(reason); \(remedy)")
  }
}

extension Device: Hashable {
  /// Whether two devices have the same name and instruction set.
  public static func == (left: Device, right: Device) -> Bool {
    left.entry.name == right.entry.name && left.instructionSet == right.instructionSet
  }

  /// Hashes the name and the instruction set, as equality compares them.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(entry.name)
    hasher.combine(instructionSet)
  }
}
