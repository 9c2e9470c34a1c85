/// Checks a safetensors header against the data that follow it.
///
/// The rules are those of the format's reference implementation (safetensors, `Metadata::validate`): the tensors, in
/// the order of their offsets, cover the data from the first byte to the last without gap or overlap, and each has as
/// many bytes as its shape and type require.
struct SafeTensorsLayout {
  let path: String
  /// The number of bytes after the header.
  let dataCount: Int

  /// The location of every tensor.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the tensor.
  func entries(of header: SafeTensorsHeader) throws -> [String: StoredTensor] {
    let result = try header.entries.mapEach(entry)
    try checkCoverage(result.mapValues(\.bytes))
    return result
  }

  private func entry(_ name: String, _ raw: SafeTensorsHeader.Entry) throws -> StoredTensor {
    guard let dtype = ElementType(rawValue: raw.dtype) else {
      throw failure(name, "has dtype \(raw.dtype); F64, F32, F16 and BF16 can be read")
    }
    return StoredTensor(
      dtype: dtype, shape: raw.shape, bytes: try range(of: name, raw, elementSize: dtype.byteCount))
  }

  /// The range of a tensor's bytes in the data, as many as its shape and the size of an element require.
  private func range(of name: String, _ raw: SafeTensorsHeader.Entry, elementSize: Int) throws -> Range<Int> {
    guard raw.shape.allSatisfy({ $0 >= 0 }) else {
      throw failure(name, "has shape \(raw.shape), with a negative extent")
    }
    guard let needed = StoredTensor.byteCount(of: raw.shape, elementSize: elementSize) else {
      throw failure(name, "has shape \(raw.shape), which overflows")
    }
    let offsets = raw.dataOffsets
    guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1] else {
      throw failure(name, "has data_offsets \(offsets), which are not a begin and an end")
    }
    guard offsets[1] <= dataCount else {
      throw failure(
        name, "has data_offsets \(offsets), beyond the \(dataCount) bytes of data; the file may be cut short")
    }
    guard offsets[1] - offsets[0] == needed else {
      throw failure(
        name,
        "has data_offsets \(offsets), \(offsets[1] - offsets[0]) bytes, but shape \(raw.shape) in \(raw.dtype) "
          + "needs \(needed)")
    }
    return offsets[0]..<offsets[1]
  }

  private func checkCoverage(_ ranges: [String: Range<Int>]) throws {
    let ordered = ranges.sorted { first, second in
      let (a, b) = (first.value, second.value)
      // Names, which are slow to compare, matter only where tensors are at the same place.
      if a.lowerBound != b.lowerBound { return a.lowerBound < b.lowerBound }
      return a.upperBound == b.upperBound ? first.key < second.key : a.upperBound < b.upperBound
    }
    var (end, previous) = (0, "")
    for (name, range) in ordered {
      let begin = range.lowerBound
      guard begin >= end else {
        throw failure(name, "begins at byte \(begin) of the data and overlaps tensor \(previous), which ends at \(end)")
      }
      guard begin == end else {
        throw failure(name, "begins at byte \(begin) of the data, after a gap of \(begin - end) bytes")
      }
      (end, previous) = (range.upperBound, name)
    }
    guard end == dataCount else {
      throw DiffusionError(
        .badData, "\(path): the last tensor ends at byte \(end) of the data, but the file at byte \(dataCount)")
    }
  }

  private func failure(_ name: String, _ what: String) -> DiffusionError {
    DiffusionError(.badData, "\(path): tensor \(name) \(what)")
  }
}
