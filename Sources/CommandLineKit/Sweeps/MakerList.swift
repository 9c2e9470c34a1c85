import DiffusionCore
import DiffusionTUI

/// Who made a receipt: a machine, a device and an engine.
struct Maker: Hashable, Sendable {
  /// The machine and its processor; nil where the receipt does not name them.
  let machine: String?, processor: String?
  /// The device, and its instruction set.
  let device: String, isa: String
  /// The versions of the engine and of the program.
  let engine: String, version: String
  /// What the device, or one behind a branch, demonstrates; nil for every other device.
  let demonstration: String?
  private let demonstrator: String

  /// Reads it from a receipt.
  init(_ receipt: Receipt) {
    let by = receipt.computedBy
    (machine, processor, device, isa) = (by.machine, by.processor, by.device, by.isa)
    (engine, version, demonstration) = (by.engineVersion, by.programVersion, by.demonstration)
    demonstrator = by.demonstrator
  }

  /// `node1 (Xeon): cpu, avx512; engine 2, version 0.2.0`
  var text: String {
    let place = (machine ?? "unnamed machine") + (processor.map { " (\($0))" } ?? "")
    let mark = demonstration == nil ? "" : " (demonstration)"
    return "\(place): \(device)\(mark), \(isa); engine \(engine), version \(version)"
  }

  /// `cpu:reassociated, a demonstration outside of the numerics contract (...)`; nil for other devices.
  var demonstrationText: String? { demonstration.map { "\(demonstrator), \(Device.outsideOfContract) (\($0))" } }

  /// What makers are in order of.
  fileprivate var order: [String] {
    [machine ?? "unnamed machine", processor ?? "", "\(device), \(isa)", engine, version, demonstration ?? ""]
  }
}

/// Who made receipts, with the number of receipts of each.
struct MakerList: Sendable, Equatable {
  /// A maker in JSON.
  struct Entry: Encodable {
    let maker: Maker, count: Int

    private enum CodingKeys: String, CodingKey {
      case machine, processor, device, isa, engine, demonstration, count
      case version = "program_version"
    }

    /// Encodes what is known of it.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(maker.machine, forKey: .machine)
      try container.encodeIfPresent(maker.processor, forKey: .processor)
      try container.encode(maker.device, forKey: .device)
      try container.encode(maker.isa, forKey: .isa)
      try container.encode(maker.engine, forKey: .engine)
      try container.encode(maker.version, forKey: .version)
      try container.encodeIfPresent(maker.demonstration, forKey: .demonstration)
      try container.encode(count, forKey: .count)
    }
  }

  private var counts: [Maker: Int] = [:]

  /// Counts a receipt.
  mutating func add(_ receipt: Receipt) { counts[Maker(receipt), default: 0] += 1 }

  /// The makers in alphabetical order.
  var entries: [Entry] {
    counts.sorted { $0.key.order.lexicographicallyPrecedes($1.key.order) }.map { Entry(maker: $0.key, count: $0.value) }
  }

  /// A line for each: `made by node1 (Xeon): cpu, avx512; engine 2, version 0.2.0: 400`.
  var lines: [String] { entries.map { "made by \($0.maker.text): \($0.count)" } }

  /// The lines for people.
  var text: PrintedText { lines.map { "\($0)\n" as PrintedText }.joined() }

  /// What makes the bits of receipts doubtful: demonstrations among their makers, and several engines.
  var warnings: [String] {
    let demonstrations = entries.compactMap { entry in
      entry.maker.demonstrationText.map {
        "\(entry.count) receipt\(entry.count == 1 ? " was" : "s were") made by \($0): the bits are not the engine's"
      }
    }
    let engines = Set(counts.keys.map(\.engine)).sorted()
    let several =
      "the receipts were made by versions \(engines.joined(separator: ", ")) of the engine: the bits may differ for "
      + "that alone"
    return demonstrations + (engines.count > 1 ? [several] : [])
  }
}
