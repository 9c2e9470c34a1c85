import DiffusionCore

/// A safetensors file of 16-bit weights, written without the engine's rounding.
enum ShortWeights {
  static func write(
    _ store: ParameterStore, _ precision: WeightPrecision, in scratch: ScratchFolder
  ) throws -> ParameterStore {
    var entries: [String] = []
    var data: [UInt8] = []
    for name in store.names {
      guard let shape = store.shape(of: name) else { continue }
      let words = try store.read(name, shape: shape).map { precision == .bfloat16 ? brain($0) : Float16($0).bitPattern }
      let start = data.count
      data += words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
      let dtype = precision == .bfloat16 ? "BF16" : "F16"
      entries.append(#""\#(name)":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":[\#(start),\#(data.count)]}"#)
    }
    let bytes = SafeTensorsBytes.file(header: "{\(entries.joined(separator: ","))}", data: data)
    return try ParameterStore(opening: scratch.write(bytes, "short.safetensors"))
  }

  /// The nearest of the two bfloat16 values around a number; the even one if they are equally near.
  private static func brain(_ value: Float) -> UInt16 {
    let below = UInt16(value.bitPattern >> 16), rest = value.bitPattern & 0xFFFF
    let isUp = rest > 0x8000 || (rest == 0x8000 && below & 1 == 1)
    return isUp ? below + 1 : below
  }
}
