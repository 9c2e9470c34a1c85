extension Device {
  /// The environment variable that says what `cpu` means: `avx512`, `avx2` or `portable`.
  public static let instructionSetVariable = "DIFFUSION_ISA"

  /// The processor, with the widest instructions it has, or those that `DIFFUSION_ISA` names.
  ///
  /// - Parameter environment: The process's environment; an empty variable counts as none.
  /// - Throws: ``DiffusionError``, naming the variable: `usage` for instructions that are unknown, `unavailable` for those that
  ///   the processor lacks.
  public static func cpu(environment: [String: String]) throws -> Device {
    try Device(parsing: Kind.cpu.rawValue, environment: environment)
  }

  /// Reads a device's name.
  ///
  /// - Parameters:
  ///   - name: `cpu`, or `cpu:` and instructions: `cpu:avx2`.
  ///   - environment: Where `DIFFUSION_ISA` may say what `cpu` means, as in ``cpu(environment:)``.
  /// - Throws: ``DiffusionError``: `unavailable` for instructions that the processor lacks and for `cuda`, `usage` for any other
  ///   name, and as ``cpu(environment:)``.
  public init(parsing name: String, environment: [String: String] = [:]) throws {
    try self.init(parsing: name, environment: environment, available: InstructionSet.available)
  }

  /// Reads a device's name, on a processor that has some sets of instructions, the widest first.
  package init(parsing name: String, environment: [String: String], available: [InstructionSet]) throws {
    let preferred = try Self.preferred(environment, available) ?? available.first ?? .reference
    try self.init(parsing: name, preferred: preferred, available: available)
  }

  /// The device of another name; `cpu` means what it meant when this one was made.
  ///
  /// - Throws: As ``init(parsing:environment:)``.
  public func named(_ name: String) throws -> Device {
    try Device(parsing: name, preferred: preferred, available: InstructionSet.available)
  }

  private init(parsing name: String, preferred: InstructionSet, available: [InstructionSet]) throws {
    guard let kind = Kind(rawValue: name) else {
      if name == "cuda" || name.hasPrefix("cuda:") {
        throw DiffusionError(
          .unavailable,
          "device '\(name)' is unavailable: this build has no CUDA kernels; use cpu (the bits are the same)")
      }
      throw DiffusionError(
        .usage, "device '\(name)' is unknown: expected one of \(Device.names.joined(separator: ", "))")
    }
    if let instructions = kind.instructions, !available.contains(instructions) {
      throw DiffusionError(
        .unavailable,
        "device '\(name)' is unavailable: this processor lacks \(instructions.requirement); "
          + "use cpu (the bits are the same)")
    }
    self.init(kind: kind, preferred: preferred)
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
