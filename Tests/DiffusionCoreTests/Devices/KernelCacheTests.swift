import DiffusionCore
import Foundation
import GPUKernels
import Testing

@Suite("Compiled kernels are kept") struct KernelCacheTests {
  private static let key = BinaryKey(device: "NVIDIA H200 CUDA/../x", driver: "550.54", source: "kernels")

  @Test func readsWhatItWrote() throws {
    let scratch = try ScratchFolder(), cache = KernelCache(environment: ["XDG_CACHE_HOME": "\(scratch.path)/a"])
    #expect(cache.binary(for: Self.key) == nil)
    cache.keep([1, 2, 3], for: Self.key)
    #expect(cache.binary(for: Self.key) == [1, 2, 3])
    let path = try #require(cache.path(for: Self.key))
    #expect(path.hasPrefix("\(scratch.path)/a/diffusion-tui/kernels-nvidia-h200-cuda-..-x-550.54-"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/a/diffusion-tui").count == 1)
    for other in [
      BinaryKey(device: "NVIDIA H100 CUDA", driver: "550.54", source: "kernels"),
      BinaryKey(device: Self.key.device, driver: "551", source: "kernels"),
      BinaryKey(device: Self.key.device, driver: "550.54", source: "others"),
    ] { #expect(cache.binary(for: other) == nil) }
  }

  @Test func aDamagedFileCountsAsNone() throws {
    let scratch = try ScratchFolder(), cache = KernelCache(environment: ["HOME": scratch.path])
    cache.keep(Array(repeating: 7, count: 1000), for: Self.key)
    let path = try #require(cache.path(for: Self.key)), whole = try FileAccess.read(path)
    #expect(path.hasPrefix("\(scratch.path)/.cache/diffusion-tui/"))
    var changed = whole
    changed[500] ^= 1
    for bytes in [[], Array(whole.prefix(64)), whole.dropLast(), changed] as [[UInt8]] {
      try Data(bytes).write(to: URL(filePath: path))
      #expect(cache.binary(for: Self.key) == nil)
    }
    cache.keep([5], for: Self.key)
    #expect(cache.binary(for: Self.key) == [5])
  }

  @Test func withoutAFolderNothingIsKept() throws {
    let scratch = try ScratchFolder()
    try scratch.write("a file", "file")
    for environment in [
      [:], ["XDG_CACHE_HOME": "", "HOME": ""], ["XDG_CACHE_HOME": "a", "HOME": "b"],
      ["XDG_CACHE_HOME": "\(scratch.path)/file"],
    ] {
      let cache = KernelCache(environment: environment)
      cache.keep([1], for: Self.key)
      #expect(cache.binary(for: Self.key) == nil)
    }
    #expect(try scratch.list() == ["file"])
  }
}
