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
  func entries(of header: SafeTensorsHeader) throws -> [String: SafeTensorsEntry] {
    let result = try header.entries.mapEach(entry)
    try checkCoverage(result)
    return result
  }

  private func entry(_ name: String, _ raw: SafeTensorsHeader.Entry) throws -> SafeTensorsEntry {
    guard let dtype = SafeTensorsDType(rawValue: raw.dtype) else {
      throw failure(name, "has dtype \(raw.dtype); F32, F16 and BF16 can be read")
    }
    guard raw.shape.allSatisfy({ $0 >= 0 }) else {
      throw failure(name, "has shape \(raw.shape), with a negative extent")
    }
    guard let needed = byteCount(raw.shape, dtype) else {
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
        "has data_offsets \(offsets), \(offsets[1] - offsets[0]) bytes, but shape \(raw.shape) in \(dtype.rawValue) "
          + "needs \(needed)")
    }
    return SafeTensorsEntry(dtype: dtype, shape: raw.shape, bytes: offsets[0]..<offsets[1])
  }

  /// The size of a tensor in bytes; nil if it does not fit an `Int`.
  private func byteCount(_ shape: [Int], _ dtype: SafeTensorsDType) -> Int? {
    var product = dtype.byteCount
    // A zero extent comes first, so that [2^62, 4, 0] is recognised as an empty tensor.
    guard !shape.contains(0) else { return 0 }
    for extent in shape {
      let (value, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      product = value
    }
    return product
  }

  private func checkCoverage(_ entries: [String: SafeTensorsEntry]) throws {
    let ordered = entries.sorted { first, second in
      let (a, b) = (first.value.bytes, second.value.bytes)
      // Names, which are slow to compare, matter only where tensors are at the same place.
      if a.lowerBound != b.lowerBound { return a.lowerBound < b.lowerBound }
      return a.upperBound == b.upperBound ? first.key < second.key : a.upperBound < b.upperBound
    }
    var (end, previous) = (0, "")
    for (name, entry) in ordered {
      let begin = entry.bytes.lowerBound
      guard begin >= end else {
        throw failure(name, "begins at byte \(begin) of the data and overlaps tensor \(previous), which ends at \(end)")
      }
      guard begin == end else {
        throw failure(name, "begins at byte \(begin) of the data, after a gap of \(begin - end) bytes")
      }
      (end, previous) = (entry.bytes.upperBound, name)
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
