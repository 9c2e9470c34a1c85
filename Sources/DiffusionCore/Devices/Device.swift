/// Who computes. Every device gives the same bits; they differ in speed.
public struct Device: Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable, CaseIterable {
    case cpu = "cpu"
    case cpuAVX512 = "cpu:avx512"
    case cpuAVX2 = "cpu:avx2"
    case cpuPortable = "cpu:portable"
    case cpuReference = "cpu:reference"

    /// The instructions that the name asks for; nil for `cpu`, which leaves the choice.
    var instructions: InstructionSet? {
      switch self {
      case .cpu: nil
      case .cpuAVX512: .avx512
      case .cpuAVX2: .avx2
      case .cpuPortable: .portable
      case .cpuReference: .reference
      }
    }
  }

  package let kind: Kind
  /// What `cpu` means: chosen once, and kept when another device is named, so that `cpu` means the same afterwards.
  let preferred: InstructionSet

  /// The instructions it computes with, which the processor has.
  package var instructions: InstructionSet { kind.instructions ?? preferred }

  init(kind: Kind, preferred: InstructionSet = InstructionSet.available.first ?? .reference) {
    self.kind = kind
    self.preferred = preferred
  }

  /// The processor, with the widest instructions it has.
  public static let cpu = Device(kind: .cpu)
  /// The processor, with the scalar oracle: slow, and what every other device must equal.
  public static let cpuReference = Device(kind: .cpuReference)
  /// Every device that can be had here: `cpu`, then one for each set of instructions that the processor has.
  public static let available = Kind.allCases.filter { kind in
    kind.instructions.map(InstructionSet.available.contains) ?? true
  }.map { Device(kind: $0) }

  /// Every device's name, whether it can be had here or not.
  public static let names = Kind.allCases.map(\.rawValue)

  /// The name that ``init(parsing:environment:)`` reads.
  public var description: String { kind.rawValue }
}

extension Device: Hashable {
  /// Whether two devices have the same name and compute with the same instructions.
  public static func == (left: Device, right: Device) -> Bool {
    left.kind == right.kind && left.instructions == right.instructions
  }

  /// Feeds the name and the instructions, as equality compares them.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(instructions)
  }
}
