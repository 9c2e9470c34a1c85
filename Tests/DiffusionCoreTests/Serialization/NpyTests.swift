import DiffusionCore
import TestSupport
import Testing

@Suite struct NpyTests {
  private static let folder = "\(Fixtures.folder)/serialization"

  /// Reads a file from NumPy and writes the same bytes.
  private func roundTrip<Scalar: TensorScalar>(_ type: Scalar.Type, _ name: String, _ shape: [Int]) throws {
    let path = "\(Self.folder)/\(name).npy"
    let tensor = try Tensor<Scalar>(npyFile: path)
    #expect(tensor.shape == shape)
    #expect(try tensor.npyData() == FileAccess.read(path))
  }

  @Test(arguments: [("vector-f4", [5]), ("scalar-f4", []), ("empty-f4", [0, 4]), ("image-f4", [1, 8, 8, 3])])
  func writesFloat32AsNumPyDoes(_ name: String, _ shape: [Int]) throws { try roundTrip(Float.self, name, shape) }

  @Test func writesFloat64AsNumPyDoes() throws { try roundTrip(Double.self, "matrix-f8", [2, 3]) }

  @Test func writesFloat16AsNumPyDoes() throws { try roundTrip(Float16.self, "cube-f2", [2, 3, 4]) }

  @Test func readsNumPysValues() throws {
    #expect(try Tensor<Double>(npyFile: "\(Self.folder)/matrix-f8.npy").scalars == (0..<6).map { Double($0) / 7 })
    #expect(try Tensor<Float16>(npyFile: "\(Self.folder)/cube-f2.npy").scalars.first == -2)
  }

  @Test func writesBFloat16AsFloat32() throws {
    let values: [Float] = [1, -0.5, 0x1p-130]
    let tensor = try Tensor(shape: [3], scalars: values.map { BFloat16(rounding: $0) })
    #expect(try Tensor<Float>(npy: tensor.npyData(), path: "x").scalars == values)
  }

  @Test(arguments: [
    ("fortran-f4", "not in C order; save numpy.ascontiguousarray of it"),
    ("integers", "element type is not one of <f2, <f4 and <f8"),
    ("matrix-f8", "holds float64, expected float32"),
    ("types", "no such file"),
    ("sha256.txt", "not a .npy file of format 1.0"),
  ])
  func refusesOtherArrays(_ name: String, _ message: String) throws {
    let path = "\(Self.folder)/\(name.contains(".") ? name : name + ".npy")"
    let error = try #require(throws: DiffusionError.self) { try Tensor<Float>(npyFile: path) }
    #expect(error.message == "\(path): \(message)")
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try FileAccess.read("\(Self.folder)/vector-f4.npy")
    for count in 0..<bytes.count {
      #expect(throws: DiffusionError.self, "cut to \(count) bytes") {
        try Tensor<Float>(npy: Array(bytes[..<count]), path: "x")
      }
    }
  }

  @Test(arguments: ["(-5,)", "(x,)", "(9223372036854775807,9)", "(99999999999999999999,)", "5", "(6,)"])
  func refusesShapesThatDoNotFit(_ shape: String) throws {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }\n"
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
    let bytes = magic + Array(header.utf8) + [UInt8](repeating: 0, count: 20)
    #expect(throws: DiffusionError.self) { try Tensor<Float>(npy: bytes, path: "x") }
  }
}
