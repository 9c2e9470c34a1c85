import DiffusionCore
import Foundation
import Glibc
import TestSupport
import Testing

/// What the built program takes to refuse weights: no more than their file, which is mapped, and a fixed amount.
@Suite struct RefusalMemoryTests {
  /// In KiB, beside the file.
  private static let allowance = 64 << 10

  @Test(arguments: [false, true])
  func isThatOfTheFile(isMissing: Bool) throws {
    let folder = try TemporaryFolder(), tensor = "time_embedding.linear_2.bias"
    let size = try LargeModel.write(to: folder.path, breaking: tensor, isMissing: isMissing)
    var peak = 0
    let result = try Program.run(["inspect", folder.path]) { process in
      while let found = ResidentMemory.peakKibibytes(of: process.processIdentifier) {
        peak = found
        usleep(500)
      }
    }
    #expect(!result.wasSignalled && result.status == 65, "\(result.status) \(result.error)")
    let what = isMissing ? "tensor \(tensor) of shape [640] is missing" : "tensor \(tensor) holds a NaN at element 639"
    #expect(result.error.contains(what), "\(result.error)")
    // Nearly all of it was read by then; packed, it would take more than 200 MiB beside.
    #expect(size > 60 << 10 && peak > size / 2, "\(peak) KiB of \(size)")
    #expect(peak <= size + Self.allowance, "\(peak) KiB for a file of \(size)")
  }
}

/// A UNet as in a fixture, 40 times as wide, whose weights are zeros that take no room on the disk.
private enum LargeModel {
  private static let factor = 40

  /// Writes a model whose weights are whole but for one tensor.
  ///
  /// - Parameters:
  ///   - tensor: Ends with a NaN, or is missing.
  /// - Returns: The size of the weights in KiB.
  static func write(to folder: String, breaking tensor: String, isMissing: Bool) throws -> Int {
    let fixture = "\(Fixtures.folder)/unet/two-levels/unet", weights = "diffusion_pytorch_model.safetensors"
    let config = try String(contentsOfFile: "\(fixture)/config.json", encoding: .utf8)
      .replacing("    4,\n    8\n", with: "    \(4 * factor),\n    \(8 * factor)\n")
      .replacing("\"sample_size\": 8", with: "\"sample_size\": 32")
    try config.write(toFile: "\(folder)/config.json", atomically: true, encoding: .utf8)
    var end = 0, entries: [String] = [], broken = 0
    let tensors = try SafeTensorsFile(opening: "\(fixture)/\(weights)").tensors
    for (name, stored) in tensors where !isMissing || name != tensor {
      // Kernels and images keep their sizes.
      let shape = stored.shape.map { $0 <= 3 ? $0 : $0 * factor }, first = end
      end += 4 * shape.reduce(1, *)
      entries.append(#""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(first),\#(end)]}"#)
      if name == tensor { broken = end }
    }
    let header = Data("{\(entries.joined(separator: ","))}".utf8), path = "\(folder)/\(weights)"
    let start = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header
    try start.write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.truncate(atOffset: UInt64(start.count + end))
    if !isMissing {
      try file.seek(toOffset: UInt64(start.count + broken - 4))
      try file.write(contentsOf: Data([0xFF, 0xFF, 0xFF, 0xFF]))
    }
    try file.close()
    return (start.count + end) >> 10
  }
}
