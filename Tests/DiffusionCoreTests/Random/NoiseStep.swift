import DiffusionCore

/// An action of a recorded sequence and torch's result. The fields are those of `noise/cpu.tsv`.
struct NoiseStep: Sendable {
  enum Action: Sendable {
    case manualSeed(Seed)
    case randn, rand, getState, setState
  }

  struct Malformed: Error { let line: String }

  var action: Action
  var dtype = DType.float32
  var shape: [Int] = []
  var memoryFormat = MemoryFormat.contiguous
  /// Whether `kept` is the whole tensor, or its first 8 and last 8 elements.
  var keepsAll = true
  var kept: [UInt8] = []
  var digest: UInt64 = 0
  var stateDigest: UInt64 = 0

  init(fields: [Substring], blob: [UInt8]) throws {
    let malformed = Malformed(line: fields.joined(separator: " "))
    if fields.count == 3, fields[1] == "manual_seed" {
      action = .manualSeed(try Seed(parsing: String(fields[2])))
      return
    }
    let actions: [Substring: Action] = ["randn": .randn, "rand": .rand, "get_state": .getState, "set_state": .setState]
    guard fields.count == 9, let action = actions[fields[1]], let offset = Int(fields[6]),
      let digest = UInt64(fields[7], radix: 16), let stateDigest = UInt64(fields[8], radix: 16)
    else { throw malformed }
    self.action = action
    self.digest = digest
    self.stateDigest = stateDigest
    var size = 5056
    if let dtype = DType(rawValue: String(fields[2])) {
      self.dtype = dtype
      shape = fields[3].split(separator: "x").compactMap { Int($0) }
      memoryFormat = fields[4] == "channels_last" ? .channelsLast : .contiguous
      keepsAll = fields[5] == "all"
      let count = shape.reduce(1, *)
      size = (keepsAll ? count : 16) * (dtype == .float64 ? 8 : dtype == .float32 ? 4 : 2)
    }
    guard offset + size <= blob.count else { throw malformed }
    kept = Array(blob[offset..<offset + size])
  }

  /// Whether the bytes are the recorded ones: all by their digest, and the kept ones also one by one.
  func matches(_ bytes: [UInt8]) -> Bool {
    guard FNV1a.digest(bytes) == digest else { return false }
    return keepsAll ? bytes == kept : bytes.starts(with: kept.prefix(kept.count / 2)) && bytes.ends(with: kept)
  }
}

extension [UInt8] {
  /// Whether these end with the second half of `kept`.
  fileprivate func ends(with kept: [UInt8]) -> Bool { suffix(kept.count / 2) == kept.suffix(kept.count / 2) }
}
