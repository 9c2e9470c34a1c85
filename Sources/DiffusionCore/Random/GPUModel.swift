/// A model of NVIDIA cards: what the noise of its CUDA generator depends on.
///
/// The table has the cards of data centres since Pascal, and GeForce and workstation cards since Ampere. The numbers of
/// multiprocessors are those of NVIDIA's architecture whitepapers and data sheets; the threads of each follow from the
/// compute capability ("Technical Specifications per Compute Capability" of the CUDA C++ Programming Guide).
public struct GPUModel: Sendable, Hashable {
  /// Its short name: `a100`.
  public let name: String
  /// Its name: `A100`.
  public let title: String
  /// Its number of streaming multiprocessors.
  public let multiprocessors: Int
  /// Its compute capability: `8.0`.
  public let computeCapability: String
  /// The number of threads that one of its multiprocessors holds.
  public let threadsPerMultiprocessor: Int

  private init(_ title: String, _ multiprocessors: Int, _ computeCapability: String) {
    (self.title, self.multiprocessors, self.computeCapability) = (title, multiprocessors, computeCapability)
    name = Self.short(title)
    threadsPerMultiprocessor =
      switch computeCapability {
      case "7.5": 1024
      case "8.6", "8.9", "12.0": 1536
      default: 2048
      }
  }

  /// Every model, by generations.
  public static let all: [GPUModel] = [
    GPUModel("P100", 56, "6.0"), GPUModel("P4", 20, "6.1"), GPUModel("P40", 30, "6.1"), GPUModel("V100", 80, "7.0"),
    GPUModel("T4", 40, "7.5"),
    GPUModel("A100", 108, "8.0"), GPUModel("A30", 56, "8.0"), GPUModel("A2", 10, "8.6"), GPUModel("A10", 72, "8.6"),
    GPUModel("A10G", 80, "8.6"), GPUModel("A16", 10, "8.6"), GPUModel("A40", 84, "8.6"),
    GPUModel("RTX 3050", 20, "8.6"), GPUModel("RTX 3060", 28, "8.6"), GPUModel("RTX 3060 Ti", 38, "8.6"),
    GPUModel("RTX 3070", 46, "8.6"), GPUModel("RTX 3070 Ti", 48, "8.6"), GPUModel("RTX 3080", 68, "8.6"),
    GPUModel("RTX 3080 Ti", 80, "8.6"), GPUModel("RTX 3090", 82, "8.6"), GPUModel("RTX 3090 Ti", 84, "8.6"),
    GPUModel("RTX A2000", 26, "8.6"), GPUModel("RTX A4000", 48, "8.6"), GPUModel("RTX A4500", 56, "8.6"),
    GPUModel("RTX A5000", 64, "8.6"), GPUModel("RTX A5500", 80, "8.6"), GPUModel("RTX A6000", 84, "8.6"),
    GPUModel("L4", 58, "8.9"), GPUModel("L40", 142, "8.9"), GPUModel("L40S", 142, "8.9"),
    GPUModel("RTX 4060", 24, "8.9"), GPUModel("RTX 4060 Ti", 34, "8.9"), GPUModel("RTX 4070", 46, "8.9"),
    GPUModel("RTX 4070 Super", 56, "8.9"), GPUModel("RTX 4070 Ti", 60, "8.9"), GPUModel("RTX 4070 Ti Super", 66, "8.9"),
    GPUModel("RTX 4080", 76, "8.9"), GPUModel("RTX 4080 Super", 80, "8.9"), GPUModel("RTX 4090", 128, "8.9"),
    GPUModel("RTX 2000 Ada", 22, "8.9"), GPUModel("RTX 4000 Ada", 48, "8.9"), GPUModel("RTX 4500 Ada", 60, "8.9"),
    GPUModel("RTX 5000 Ada", 100, "8.9"), GPUModel("RTX 6000 Ada", 142, "8.9"),
    GPUModel("H100", 132, "9.0"), GPUModel("H100 PCIe", 114, "9.0"), GPUModel("H200", 132, "9.0"),
    GPUModel("GH200", 132, "9.0"), GPUModel("B200", 148, "10.0"),
    GPUModel("RTX 5070", 48, "12.0"), GPUModel("RTX 5070 Ti", 70, "12.0"), GPUModel("RTX 5080", 84, "12.0"),
    GPUModel("RTX 5090", 170, "12.0"),
  ]

  /// The model with a name, in any spelling: `rtx3060`, `RTX A4000`, `nvidia-l40s`; nil if there is none.
  public static func named(_ name: String) -> GPUModel? {
    let short = short(name)
    return all.first { $0.name == short }
  }

  /// A name without spaces, case and makers; `RTX A4000` is `a4000`.
  private static func short(_ name: String) -> String {
    var name = name.lowercased().filter { $0.isLetter || $0.isNumber }
    for maker in ["nvidia", "geforce", "tesla"] where name.hasPrefix(maker) { name.removeFirst(maker.count) }
    if name.hasPrefix("rtxa") { name.removeFirst(3) }
    return name
  }

  /// The names, as the help lists them.
  package static let names = all.map(\.name)

  /// The threads of a multiprocessor where only their number is known, and whether every model of the table with that
  /// number has as many: otherwise 2048 is assumed.
  public static func threads(ofMultiprocessors count: Int) -> (perMultiprocessor: Int, isKnown: Bool) {
    let found = Set(all.filter { $0.multiprocessors == count }.map(\.threadsPerMultiprocessor))
    guard let only = found.first, found.count == 1 else { return (2048, false) }
    return (only, true)
  }
}
