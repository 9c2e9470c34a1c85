import GPUKernels
import TensorKernels

/// The processor that this program runs on, and the instruction set that `cpu` stands for there.
package struct HostProcessor: Sendable {
  /// Its instruction sets, widest first.
  package var available = InstructionSet.available
  /// The one that `cpu` computes with. It is chosen once and kept when another device is named, so that `cpu` means the
  /// same afterwards.
  package var preferred: InstructionSet

  /// Creates a processor with some instruction sets; `cpu` uses the widest, unless another is preferred.
  package init(available: [InstructionSet] = InstructionSet.available, preferred: InstructionSet? = nil) {
    self.available = available
    self.preferred = preferred ?? available.first ?? .reference
  }
}

/// An entry of the device registry, from which names are parsed and devices are listed.
///
/// A device with memory of its own needs a target of its own with a `Backend`, and an entry here; those of GPUs are in
/// `GPUDevices.swift`.
package struct DeviceEntry: Sendable {
  /// Opens a device with a number of threads.
  package typealias Opener = @Sendable (_ host: HostProcessor, _ threads: Int) throws -> any Backend

  /// Its display name: `cpu:avx2`.
  package let name: String
  /// The device with an index behind its name, `cuda:1`; nil where none may follow.
  let numbered: (@Sendable (_ index: Int) -> DeviceEntry)?
  /// Why it is not available, as the middle of a sentence; nil if it is.
  let unavailability: @Sendable (HostProcessor) -> String?
  /// What to do where it is not available, as the end of a sentence.
  let remedy: @Sendable () -> String
  /// Its instruction set, as reports name it: `avx2`.
  let instructionSet: @Sendable (HostProcessor) -> String
  /// What it demonstrates, as the middle of a sentence, if its bits are outside of the numerics contract; nil for a
  /// device that keeps to the contract.
  let demonstration: String?
  /// Opens it; nil for a device that is known by name only.
  let open: Opener?

  /// Creates an entry.
  package init(
    name: String, numbered: (@Sendable (_ index: Int) -> DeviceEntry)? = nil,
    unavailability: @escaping @Sendable (HostProcessor) -> String? = { _ in nil },
    remedy: @escaping @Sendable () -> String = { DeviceEntry.usualRemedy },
    instructionSet: @escaping @Sendable (HostProcessor) -> String, demonstration: String? = nil, open: Opener?
  ) {
    self.name = name
    self.numbered = numbered
    self.unavailability = unavailability
    self.remedy = remedy
    self.instructionSet = instructionSet
    self.demonstration = demonstration
    self.open = open
  }

  /// What to do where one device is not available.
  package static let usualRemedy = "use cpu (the bits are the same)"

  /// Its name, marked if it is a demonstration: `cpu:reassociated (demonstration)`.
  var label: String { demonstration == nil ? name : "\(name) (demonstration)" }

  /// The device that a name refers to, with this name or with an index behind it; nil if it is another.
  func matching(_ name: String) -> DeviceEntry? {
    if name == self.name { return self }
    guard let numbered, name.hasPrefix("\(self.name):") else { return nil }
    let index = name.dropFirst(self.name.count + 1)
    // Written in one way alone, since names are compared.
    guard let number = Int(index), number >= 0, index == "\(number)" else { return nil }
    return numbered(number)
  }
}

extension DeviceEntry {
  /// Every device that the engine knows, in the order in which they are listed.
  package static let all: [DeviceEntry] =
    [cpu] + InstructionSet.allCases.map(cpu(with:)) + [reassociated, gpu(.opencl), gpu(.cuda)]

  /// The processor, with the preferred instruction set.
  static let cpu = DeviceEntry(name: "cpu", instructionSet: \.preferred.rawValue) { host, threads in
    try cpuBackend(host.preferred, threads: threads)
  }

  /// The processor, with a given instruction set.
  static func cpu(with instructions: InstructionSet) -> DeviceEntry {
    DeviceEntry(
      name: "cpu:\(instructions.rawValue)",
      unavailability: { host in
        host.available.contains(instructions) ? nil : "this processor lacks \(instructions.requirement)"
      },
      instructionSet: { _ in instructions.rawValue },
      open: { _, threads in try cpuBackend(instructions, threads: threads) })
  }

  /// For teaching: the processor, with sums cut into as many parts as there are threads.
  private static let reassociated = DeviceEntry(
    name: "cpu:reassociated", instructionSet: \.preferred.rawValue,
    demonstration: "sums in another order for each number of threads, as other runtimes do"
  ) { host, threads in
    try started(ReassociatedBackend(kernels: host.preferred.kernels ?? ReferenceKernels(), threads: threads), threads)
  }

  private static func cpuBackend(_ instructions: InstructionSet, threads: Int) throws -> any Backend {
    try started(CPUBackend(kernels: instructions.kernels ?? ReferenceKernels(), threads: threads), threads)
  }

  private static func started(_ backend: (any Backend)?, _ threads: Int) throws -> any Backend {
    guard let backend else {
      throw DiffusionError(.unavailable, "the system refuses to start \(threads) threads; ask for fewer")
    }
    return backend
  }
}
