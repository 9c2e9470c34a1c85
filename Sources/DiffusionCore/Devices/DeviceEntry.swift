import TensorKernels

/// The processor that this program runs on, and what `cpu` means there.
package struct HostProcessor: Sendable {
  /// The sets of instructions that it has, the widest first.
  package var available = InstructionSet.available
  /// The one that `cpu` computes with: chosen once, and kept when another device is named, so that `cpu` means the same
  /// afterwards.
  package var preferred: InstructionSet

  /// A processor with some sets of instructions; `cpu` computes with the widest, unless another is preferred.
  package init(available: [InstructionSet] = InstructionSet.available, preferred: InstructionSet? = nil) {
    self.available = available
    self.preferred = preferred ?? available.first ?? .reference
  }
}

/// A device that the engine knows: a row of the registry, from which names are read and lists of devices are made.
///
/// A device whose memory is elsewhere takes a target of its own with a `Backend`, and a row here.
package struct DeviceEntry: Sendable {
  /// Opens a device with a number of threads.
  package typealias Opener = @Sendable (_ host: HostProcessor, _ threads: Int) throws -> any Backend

  /// What people call it: `cpu:avx2`.
  package let name: String
  /// Whether a number may follow its name: `cuda:0`.
  let isNumbered: Bool
  /// Why it cannot be had, as the middle of a sentence; nil if it can.
  let unavailability: @Sendable (HostProcessor) -> String?
  /// What it computes with, as reports name it: `avx2`.
  let instructionSet: @Sendable (HostProcessor) -> String
  /// How it is opened; nil for a device that this build knows by name only.
  let open: Opener?

  /// Describes a device.
  package init(
    name: String, isNumbered: Bool = false,
    unavailability: @escaping @Sendable (HostProcessor) -> String? = { _ in nil },
    instructionSet: @escaping @Sendable (HostProcessor) -> String, open: Opener?
  ) {
    self.name = name
    self.isNumbered = isNumbered
    self.unavailability = unavailability
    self.instructionSet = instructionSet
    self.open = open
  }

  /// Whether this is the device that a name stands for.
  func matches(_ name: String) -> Bool { name == self.name || isNumbered && name.hasPrefix("\(self.name):") }
}

extension DeviceEntry {
  /// Every device that the engine knows, in the order in which they are listed.
  package static let all = [cpu] + InstructionSet.allCases.map(cpu(with:)) + [cuda]

  /// The processor, with the instructions that are preferred.
  static let cpu = DeviceEntry(name: "cpu", instructionSet: \.preferred.rawValue) { host, threads in
    try cpuBackend(host.preferred, threads: threads)
  }

  /// The processor, with a set of instructions.
  static func cpu(with instructions: InstructionSet) -> DeviceEntry {
    DeviceEntry(
      name: "cpu:\(instructions.rawValue)",
      unavailability: { host in
        host.available.contains(instructions) ? nil : "this processor lacks \(instructions.requirement)"
      },
      instructionSet: { _ in instructions.rawValue },
      open: { _, threads in try cpuBackend(instructions, threads: threads) })
  }

  private static let cuda = DeviceEntry(
    name: "cuda", isNumbered: true, unavailability: { _ in "this build has no CUDA kernels" },
    instructionSet: { _ in "cuda" }, open: nil)

  private static func cpuBackend(_ instructions: InstructionSet, threads: Int) throws -> any Backend {
    guard let backend = CPUBackend(kernels: instructions.kernels ?? ReferenceKernels(), threads: threads) else {
      throw DiffusionError(.unavailable, "the system refuses to start \(threads) threads; ask for fewer")
    }
    return backend
  }
}
