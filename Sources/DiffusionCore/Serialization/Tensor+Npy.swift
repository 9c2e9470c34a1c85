extension Tensor {
  /// The tensor as a NumPy `.npy` file, format 1.0, C order, little endian. BFloat16, which NumPy lacks, is converted
  /// to float32, exactly.
  ///
  /// Reference: `numpy.lib.format`; the header is padded so that the data begin at a multiple of 64 bytes.
  public func npyData() -> [UInt8] {
    guard Scalar.dtype != .bfloat16 else {
      return Tensor<Float>(unchecked: shape, scalars.map(\.floatValue)).npyData()
    }
    return NpyHeader(dtype: Scalar.dtype, shape: shape).bytes() + scalars.withUnsafeBytes { Array($0) }
  }

  /// Creates a tensor from the bytes of a `.npy` file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file, as NumPy wrote it: C order, float16, float32 or float64, little endian.
  ///   - path: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) for any other format, or if the element type is not `Scalar`.
  public init(npy bytes: [UInt8], path: String) throws {
    let (header, start) = try NpyHeader.read(bytes, path: path)
    guard header.dtype == Scalar.dtype else {
      throw DiffusionError(.badData, "\(path): holds \(header.dtype.rawValue), expected \(Scalar.dtype.rawValue)")
    }
    var count = 1
    for extent in header.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw DiffusionError(.badData, "\(path): shape \(header.shape) overflows") }
      count = product
    }
    let found = bytes.count - start
    guard found % MemoryLayout<Scalar>.size == 0, found / MemoryLayout<Scalar>.size == count else {
      throw DiffusionError(
        .badData, "\(path): \(found) bytes of data do not fill shape \(header.shape) in \(header.dtype.rawValue)")
    }
    let scalars = [Scalar](unsafeUninitializedCapacity: count) { target, initialized in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: .init(rebasing: $0[start...])) }
      initialized = count
    }
    self.init(unchecked: header.shape, scalars)
  }

  /// Reads a `.npy` file; see ``init(npy:path:)``.
  ///
  /// - Throws: ``DiffusionError``: also `missingInput` or `inputOutput`.
  public init(npyFile path: String) throws {
    try self.init(npy: FileAccess.read(path), path: path)
  }
}
