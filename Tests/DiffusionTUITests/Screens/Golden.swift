import DiffusionTUI
import Foundation
import Testing
import TestSupport

/// Frames stored as files: their text, and a digest of their colours.
enum Golden {
  /// Compares a frame with its file; writes the file if `RECORD_SNAPSHOTS=1` is set.
  static func check(_ frame: Frame, _ name: String, tier: ColorTier) throws {
    try check(hidingHash(FrameText(frame).text) + "colours \(digest(frame, tier))\n", name)
  }

  /// Compares frames of one screen with their file, which holds each text once, under the names it was drawn for.
  static func check(_ frames: [(tier: ColorTier, isUnicode: Bool, frame: Frame)], _ name: String) throws {
    var texts: [(headings: [String], text: String)] = []
    for (tier, isUnicode, frame) in frames {
      let text = hidingHash(FrameText(frame).text)
      let heading = "\(tier.rawValue) \(isUnicode ? "Unicode" : "ASCII"): colours \(digest(frame, tier))\n"
      if let place = texts.firstIndex(where: { $0.text == text }) {
        texts[place].headings.append(heading)
      } else {
        texts.append(([heading], text))
      }
    }
    try check(texts.map { $0.headings.joined() + $0.text }.joined(separator: "\n"), name)
  }

  private static func check(_ found: String, _ name: String) throws {
    let path = "\(Fixtures.folder)/screens/\(name).txt"
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try found.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOfFile: path, encoding: .utf8)
    #expect(found == expected, "\(name) differs; look at it, then run with RECORD_SNAPSHOTS=1")
  }

  /// The twelve digits after `sha256` belong to the tensor, not to the screen.
  private static func hidingHash(_ text: String) -> String {
    text.replacingOccurrences(of: "(sha256 +)[0-9a-f]{12}", with: "$1............", options: .regularExpression)
  }

  /// FNV-1a over every cell's attributes and its colours in a tier.
  private static func digest(_ frame: Frame, _ tier: ColorTier) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ byte: Int) { hash = (hash ^ UInt64(byte & 255)) &* 0x100_0000_01b3 }
    func add(_ color: RGB?) {
      switch color.map({ ColorPalette.quantized($0, tier) }) ?? .default {
      case .default: add(256)
      case .index(let index): add(index)
      case .rgb(let color): [color.red, color.green, color.blue].forEach { add(Int($0)) }
      }
    }
    for cell in frame.cells {
      add(cell.style.foreground)
      add(cell.style.background)
      add(Int(cell.style.attributes.rawValue))
    }
    return String(hash, radix: 16)
  }
}
