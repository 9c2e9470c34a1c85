#if arch(x86_64)
import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The program on processors that lack instructions of this one. An environment variable that selects narrower kernels
/// would not show that the rest of the program needs no wide instructions: the emulator refuses to run them.
@Suite(.serialized) struct EmulatedProcessorTests {
  private static let qemu = Tool.find("qemu-x86_64", "qemu-x86_64-static")

  /// Processors, and the kernels that they can run: Nehalem lacks AVX, Haswell has AVX2 and FMA but not AVX-512.
  private static let processors = [("Nehalem", "portable"), ("Haswell", "avx2")]

  @Test(
    "The bits are the same on processors without wide instructions",
    .enabled(if: qemu != nil, "qemu-x86_64 (Debian: qemu-user) is needed to emulate a processor"),
    arguments: processors)
  func sameBits(processor: String, instructionSet: String) throws {
    let arguments = [
      "generate", "\(Fixtures.folder)/unet/scale-shift", "--seed", "0", "--steps", "1", "--threads", "2", "--json",
    ]
    let here = try report(try Tool.output(of: try Program.path, arguments))
    let qemu = try #require(Self.qemu)
    let there = try report(try Tool.output(of: qemu, ["-cpu", processor, try Program.path] + arguments))
    #expect(there.instructionSet == instructionSet)
    #expect(there.hash == here.hash)
  }

  private func report(_ json: Data) throws -> (hash: String, instructionSet: String) {
    let report = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    let images = try #require(report["images"] as? [String: Any])
    let engine = try #require(report["engine"] as? [String: Any])
    return (try #require(images["sha256"] as? String), try #require(engine["isa"] as? String))
  }
}
#endif
