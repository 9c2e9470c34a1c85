import DiffusionCore
import Foundation
import Glibc
import TestSupport
import Testing

/// What is no regular file, and one that changes, is refused in one line, and never waited for.
@Suite struct SpecialFileTests {
  /// Makes a file at a path; the result says what it is.
  enum Kind: CaseIterable, Sendable {
    case pipe, device, socket

    var words: String {
      switch self {
      case .pipe: "not a regular file but a pipe"
      case .device: "not a regular file but a device"
      case .socket: "not a regular file but a socket"
      }
    }

    func make(at path: String) throws {
      unlink(path)
      switch self {
      case .pipe: try #require(mkfifo(path, 0o600) == 0)
      case .device: try #require(symlink("/dev/zero", path) == 0)
      case .socket:
        // The address of a socket has 107 bytes at most.
        let short = "/tmp/\(UUID().uuidString)"
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(short.utf8)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(result == 0 && rename(short, path) == 0)
      }
    }
  }

  private static let files = [
    "model_index.json", "unet/config.json", "scheduler/scheduler_config.json",
    "unet/diffusion_pytorch_model.safetensors", "unet/diffusion_pytorch_model.safetensors.index.json",
  ]

  @Test(arguments: Kind.allCases, files)
  func inPlaceOfAModelsFile(kind: Kind, name: String) throws {
    let scratch = try ScratchFolder(), folder = "\(scratch.path)/m"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/unet/no-attention", toPath: folder)
    try kind.make(at: "\(folder)/\(name)")
    #expect(throws: DiffusionError(.badData, "\(folder)/\(name): \(kind.words)")) {
      try DiffusionPipeline.fromPretrained(folder, threads: 1)
    }
    #expect(throws: DiffusionError.self) { try ContentHash.sha256(contentsOf: "\(folder)/\(name)") }
  }

  /// Training writes its checkpoints over each other, while they are open here. The rest of a file that became shorter
  /// cannot be read: the system would end the program.
  @Test(arguments: [0, 100, nil])
  func thatIsWrittenToWhileItIsOpen(length: Int?) throws {
    let scratch = try ScratchFolder(), folder = "\(scratch.path)/m"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/unet/no-attention", toPath: folder)
    let path = "\(folder)/unet/diffusion_pytorch_model.safetensors"
    let pipeline = try DiffusionPipeline.fromPretrained(folder, threads: 1)
    let device = try #require(Device.available.last)
    _ = try pipeline.to(device)
    if let length {
      #expect(truncate(path, length) == 0)
    } else {
      let file = try FileHandle(forUpdating: URL(filePath: path))
      try file.seek(toOffset: 8)
      try file.write(contentsOf: Data([0x7B]))
      try file.close()
    }
    #expect(
      throws: DiffusionError(
        .badData,
        "\(path): was written to since it was opened: open the model again, and write a new file in its place")
    ) { try pipeline.to(device) }
    // A file that takes the place of another leaves it as it is.
    let other = "\(scratch.path)/other"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/unet/no-attention", toPath: other)
    let second = try DiffusionPipeline.fromPretrained(other, threads: 1)
    #expect(rename(path, "\(other)/unet/diffusion_pytorch_model.safetensors") == 0)
    _ = try second.to(device)
  }
}
