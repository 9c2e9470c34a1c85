extension CUDARandomState {
  /// The bytes in a state: the seed and the offset.
  package static let byteCount = 16

  /// Takes up a state as `torch.Generator.get_state` writes it; 8 bytes are a seed alone, as in PyTorch.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if the length is neither or the offset is no multiple of 4.
  package mutating func restore(bytes: [UInt8]) throws {
    guard bytes.count == Self.byteCount || bytes.count == 8 else {
      throw DiffusionError(
        .badData,
        "generator state has \(bytes.count) bytes, expected \(Self.byteCount) for a cuda generator; "
          + "pass what getState() of a cuda generator returned")
    }
    var reader = StateReader(bytes: bytes)
    let seed = reader.read(UInt64.self)
    let offset = reader.read(UInt64.self)
    guard offset % 4 == 0 else {
      throw DiffusionError(
        .badData, "generator state has offset \(offset), expected a multiple of 4; pass what getState() returned")
    }
    self.seed = seed
    self.offset = offset
  }

  /// The state in the bytes of `torch.Generator.get_state`, little endian.
  package var bytes: [UInt8] {
    var writer = StateWriter(capacity: Self.byteCount)
    writer.write(seed)
    writer.write(offset)
    return writer.bytes
  }
}
