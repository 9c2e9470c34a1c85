import TensorKernels

extension Device {
  /// The environment variable that selects the instruction set of `cpu`: `avx512`, `avx2` or `portable`.
  public static let instructionSetVariable = "DIFFUSION_ISA"

  /// The processor, with the instruction set that `DIFFUSION_ISA` names, or the widest it has.
  ///
  /// - Parameter environment: The environment of the process; an empty variable counts as unset.
  /// - Throws: ``DiffusionError``, naming the variable: `usage` for an unknown instruction set, `unavailable` for one
  ///   that the processor lacks.
  public static func cpu(environment: [String: String]) throws -> Device {
    try Device(parsing: DeviceEntry.cpu.name, environment: environment)
  }

  /// Creates a device from its name.
  ///
  /// - Parameters:
  ///   - name: `cpu`, or `cpu:` and an instruction set: `cpu:avx2`. `cpu:reassociated` is a ``demonstration``. `opencl`
  ///     and `cuda` are the first device of their drivers, `opencl:1` the second.
  ///   - environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`, as in ``cpu(environment:)``.
  /// - Throws: ``DiffusionError``: `unavailable` for an instruction set that the processor lacks and for a device
  ///   that no driver has, `usage` for any other name, and as ``cpu(environment:)``.
  public init(parsing name: String, environment: [String: String] = [:]) throws {
    try self.init(parsing: name, environment: environment, available: InstructionSet.available)
  }

  /// Creates a device of a registry from its name, on a processor with some instruction sets, widest first.
  package init(
    parsing name: String, environment: [String: String], available: [InstructionSet],
    entries: [DeviceEntry] = DeviceEntry.all
  ) throws {
    let host = HostProcessor(available: available, preferred: try Self.preferred(environment, available))
    try self.init(parsing: name, host: host, entries: entries)
  }

  /// The device with another name, on the same host; `cpu` keeps its instruction set.
  ///
  /// - Throws: As ``init(parsing:environment:)``.
  public func named(_ name: String) throws -> Device {
    try Device(parsing: name, host: HostProcessor(preferred: host.preferred), entries: DeviceEntry.all)
  }

  private init(parsing name: String, host: HostProcessor, entries: [DeviceEntry]) throws {
    guard let entry = entries.lazy.compactMap({ $0.matching(name) }).first else {
      let entries = entries.filter { $0.open != nil }
      let near = NearestName.question(name, among: entries.map(\.name))
      throw DiffusionError(
        .usage, "device '\(name)' is unknown: \(near)expected one of \(entries.map(\.label).joined(separator: ", "))")
    }
    if let reason = entry.unavailability(host) { throw entry.error(reason) }
    self.init(entry, host: host)
  }

  /// The instruction set that the environment variable asks for; nil if it is not set.
  private static func preferred(
    _ environment: [String: String], _ available: [InstructionSet]
  ) throws -> InstructionSet? {
    guard let name = environment[instructionSetVariable], !name.isEmpty else { return nil }
    // The oracle is a device of its own, never what `cpu` stands for.
    let here = available.filter { $0 != .reference }.map(\.rawValue).joined(separator: ", ")
    guard let instructions = InstructionSet(rawValue: name), instructions != .reference else {
      throw DiffusionError(.usage, "\(instructionSetVariable): '\(name)' is unknown: expected one of \(here)")
    }
    guard available.contains(instructions) else {
      throw DiffusionError(
        .unavailable,
        "\(instructionSetVariable): '\(name)' is unavailable: this processor lacks \(instructions.requirement); "
          + "use one of \(here) (the bits are the same)")
    }
    return instructions
  }
}
