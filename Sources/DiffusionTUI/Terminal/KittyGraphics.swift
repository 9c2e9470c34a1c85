/// Images in kitty's graphics protocol, as 24-bit pixels in base64
/// (https://sw.kovidgoyal.net/kitty/graphics-protocol/). The terminal is never queried, and is told not to respond.
package struct KittyGraphics: Sendable {
  /// Whether the program runs inside tmux, which forwards wrapped sequences if its option `allow-passthrough` is on.
  package let isInsideTmux: Bool

  package init(isInsideTmux: Bool) { self.isInsideTmux = isInsideTmux }

  /// The maximum number of base64 digits in one escape code.
  private static let chunk = 4096

  /// Sends an image, with the number of cells that its placeholders cover.
  package func upload(_ image: PlacedImage) -> [UInt8] {
    let digits = Self.base64(image.bytes)
    var codes: [UInt8] = []
    var start = 0
    repeat {
      let end = min(digits.count, start + Self.chunk)
      let more = "m=\(end < digits.count ? 1 : 0)"
      let keys =
        start == 0
        ? "a=T,U=1,q=2,f=24,s=\(image.size.columns),v=\(image.size.rows),i=\(image.identifier),"
          + "c=\(image.place.columns),r=\(image.place.rows),\(more)"
        : "q=2,\(more)"
      codes += code(keys, digits[start..<end])
      start = end
    } while start < digits.count
    return codes
  }

  /// Frees an image.
  package func delete(_ identifier: Int) -> [UInt8] { code("a=d,d=I,q=2,i=\(identifier)", []) }

  /// Frees every image that this program may have sent.
  package var deleteAll: [UInt8] {
    code("a=d,d=R,q=2,x=\(PlacedImage.identifiers.lowerBound),y=\(PlacedImage.identifiers.upperBound)", [])
  }

  private func code(_ keys: String, _ payload: ArraySlice<UInt8>) -> [UInt8] {
    var code = Array("\u{1B}_G\(keys)".utf8)
    if !payload.isEmpty { code += Array(";".utf8) + payload }
    code += Array("\u{1B}\\".utf8)
    guard isInsideTmux else { return code }
    let escape: UInt8 = 0x1B
    return Array("\u{1B}Ptmux;".utf8) + code.flatMap { $0 == escape ? [escape, escape] : [$0] }
      + Array("\u{1B}\\".utf8)
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// RFC 4648, section 4.
  private static func base64(_ bytes: [UInt8]) -> [UInt8] {
    var digits: [UInt8] = []
    digits.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group = 0
      for offset in 0..<3 { group = group << 8 | (offset < count ? Int(bytes[start + offset]) : 0) }
      for place in 0..<4 {
        digits.append(place <= count ? alphabet[group >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return digits
  }
}

/// Tracks which images the terminal holds, so that each is sent once and freed when no cell needs it.
package struct KittyImageStore: Sendable {
  /// The bytes to write around the update of a frame's cells.
  package struct Update: Sendable, Equatable {
    /// The new images, to be written before the update.
    package var before: [UInt8]
    /// The deletion of unused images, to be written after the update, when no cell refers to them any more.
    package var after: [UInt8]

    package init(before: [UInt8] = [], after: [UInt8] = []) {
      self.before = before
      self.after = after
    }
  }

  private let graphics: KittyGraphics
  /// The content hash of each image number that the terminal holds.
  private var held: [Int: UInt64] = [:]

  package init(graphics: KittyGraphics) { self.graphics = graphics }

  /// The update from the images that the terminal holds to those of a frame.
  package mutating func update(to images: [PlacedImage]) -> Update {
    var update = Update()
    for image in images where held[image.identifier] != image.hash {
      update.before += graphics.upload(image)
      held[image.identifier] = image.hash
    }
    let needed = Set(images.map(\.identifier))
    for identifier in held.keys.sorted() where !needed.contains(identifier) {
      update.after += graphics.delete(identifier)
      held[identifier] = nil
    }
    return update
  }

  /// The bytes that free every image, held or not, even if they interrupt an image that is being sent.
  package var reset: [UInt8] { Array("\u{1B}\\".utf8) + graphics.deleteAll }

  /// The bytes that free all held images; empty if there are none.
  package mutating func removeAll() -> [UInt8] {
    defer { held.removeAll() }
    return held.keys.sorted().flatMap(graphics.delete)
  }
}
