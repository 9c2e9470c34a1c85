/// The processor, as Linux describes it in `/proc/cpuinfo`.
struct CPUFeatures: Sendable, Equatable {
  /// The instruction sets that kernels are compiled for.
  static let relevant = ["avx2", "fma", "avx512f", "avx512vl", "avx512dq", "avx512bw"]

  /// The name of the processor.
  let model: String
  /// The relevant instruction sets that it has.
  let present: [String]

  /// The relevant instruction sets that it lacks.
  var missing: [String] { Self.relevant.filter { !present.contains($0) } }

  /// Parses the text of `/proc/cpuinfo`; of several processors, the first counts.
  init(cpuinfo: String) {
    func value(_ key: String) -> Substring? {
      let line = cpuinfo.split(separator: "\n").first { line in
        line.split(separator: ":").first.map { $0.filter { $0 != "\t" } == key } ?? false
      }
      return line?.split(separator: ":", maxSplits: 1).dropFirst().first?.drop { $0 == " " }
    }
    model = value("model name").map(String.init) ?? "unknown"
    let flags = Set(value("flags")?.split(separator: " ") ?? [])
    present = Self.relevant.filter { flags.contains(Substring($0)) }
  }
}
