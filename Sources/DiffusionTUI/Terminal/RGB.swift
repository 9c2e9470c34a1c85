/// A colour: red, green and blue in sRGB, 0 to 255.
public struct RGB: Sendable, Hashable {
  /// The components.
  public var red, green, blue: UInt8

  /// Makes a colour of its components.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}
