import TensorKernels

extension Device {
  /// The environment variable that says what `cpu` means: `avx512`, `avx2` or `portable`.
  public static let instructionSetVariable = "DIFFUSION_ISA"

  /// The processor, with the widest instructions it has, or those that `DIFFUSION_ISA` names.
  ///
  /// - Parameter environment: The process's environment; an empty variable counts as none.
  /// - Throws: ``DiffusionError``, naming the variable: `usage` for instructions that are unknown, `unavailable` for
  ///   those that the processor lacks.
  public static func cpu(environment: [String: String]) throws -> Device {
    try Device(parsing: DeviceEntry.cpu.name, environment: environment)
  }

  /// Reads a device's name.
  ///
  /// - Parameters:
  ///   - name: `cpu`, or `cpu:` and instructions: `cpu:avx2`.
  ///   - environment: Where `DIFFUSION_ISA` may say what `cpu` means, as in ``cpu(environment:)``.
  /// - Throws: ``DiffusionError``: `unavailable` for instructions that the processor lacks and for `cuda`, `usage` for
  ///   any other name, and as ``cpu(environment:)``.
  public init(parsing name: String, environment: [String: String] = [:]) throws {
    try self.init(parsing: name, environment: environment, available: InstructionSet.available)
  }

  /// Reads the name of a device of a registry, on a processor that has some sets of instructions, the widest first.
  package init(
    parsing name: String, environment: [String: String], available: [InstructionSet],
    entries: [DeviceEntry] = DeviceEntry.all
  ) throws {
    let host = HostProcessor(available: available, preferred: try Self.preferred(environment, available))
    try self.init(parsing: name, host: host, entries: entries)
  }

  /// The device of another name; `cpu` means what it meant when this one was made.
  ///
  /// - Throws: As ``init(parsing:environment:)``.
  public func named(_ name: String) throws -> Device {
    try Device(parsing: name, host: HostProcessor(preferred: host.preferred), entries: DeviceEntry.all)
  }

  private init(parsing name: String, host: HostProcessor, entries: [DeviceEntry]) throws {
    guard let entry = entries.first(where: { $0.matches(name) }) else {
      let names = entries.filter { $0.open != nil }.map(\.name)
      throw DiffusionError(.usage, "device '\(name)' is unknown: expected one of \(names.joined(separator: ", "))")
    }
    if let reason = entry.unavailability(host) { throw Self.unavailable(name, reason) }
    self.init(entry, host: host)
  }

  /// What the environment variable asks for; nil if it is not set.
  private static func preferred(
    _ environment: [String: String], _ available: [InstructionSet]
  ) throws -> InstructionSet? {
    guard let name = environment[instructionSetVariable], !name.isEmpty else { return nil }
    // The oracle is a device of its own, never what `cpu` means.
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
