import Foundation

/// The instructions of a program, by function, beyond the x86-64 baseline.
struct Disassembly {
  /// The number of instructions of each width in each function; functions without any are left out.
  private(set) var functions: [String: [InstructionWidth: Int]] = [:]
  /// The number of functions.
  private(set) var count = 0

  /// Parses the output of `objdump -d --no-show-raw-insn`.
  init(_ text: Data) {
    text.withUnsafeBytes { bytes in
      var function = ""
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        if line.last == UInt8(ascii: ":"), let start = line.firstIndex(of: UInt8(ascii: "<")) {
          function = String(decoding: line[(start + 1)..<(line.endIndex - 2)], as: UTF8.self)
          count += 1
        } else if let width = Self.width(line) {
          functions[function, default: [:]][width, default: 0] += 1
        }
      }
    }
  }

  /// Most lines are recognised as narrow by their bytes: strings would be too slow for a million lines.
  private static func width(_ line: Slice<UnsafeRawBufferPointer>) -> InstructionWidth? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t")]
    guard let start = line[(colon + 1)...].firstIndex(where: { !blanks.contains($0) }) else { return nil }
    let firsts: StaticString = "vkmrsabp{"
    let first = line[start]
    let isCandidate = UnsafeBufferPointer(start: firsts.utf8Start, count: firsts.utf8CodeUnitCount).contains(first)
    // Instructions with other first letters are not wide; moves, the most frequent, differ from mulx in their second
    // letter.
    guard isCandidate, !(first == UInt8(ascii: "m") && line[start + 1] == UInt8(ascii: "o")) else { return nil }
    return InstructionWidth(Substring(decoding: line[start...], as: UTF8.self))
  }
}
