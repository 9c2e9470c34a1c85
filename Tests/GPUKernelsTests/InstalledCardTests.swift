import CGPU
import DiffusionCore
import Foundation
import GPUKernels
import StubDrivers
import TestSupport
import Testing

extension StubDriverTests {
  /// CUDA's noise without a card named: that of the card which is there.
  @Suite("The card of this machine", .onDevice) struct InstalledCardTests {
    private static func card() throws -> InstalledCard {
      var message = [CChar](repeating: 0, count: 256)
      stub_cuda_fail(nil, 0)
      stub_cuda_devices(2)
      let driver = try GPUDriver(.cuda, find: stub_cuda_find, context: cgpu_open_library("libOpenCL.so.1", &message))
      return try #require(driver.devices().first.flatMap { InstalledCard($0) })
    }

    private static func settings(_ options: [String: [String]], _ card: InstalledCard?) throws -> RunSettings {
      var request = RunRequest(settings: RunSettings(threads: 1))
      let values = try SettingValues(options: options)
      try values.assign(to: &request)
      values.takeInstalledCard(in: &request) { card }
      return request.settings
    }

    @Test("its numbers are read from the driver, taken, and said") func numbers() throws {
      let card = try Self.card()
      #expect(card == InstalledCard(name: "Stub 40", multiprocessors: 48, threadsPerMultiprocessor: 1536))
      let settings = try Self.settings(["generator_device": ["cuda"]], card)
      #expect(settings.card == .cuda(multiprocessors: 48, threadsPerMultiprocessor: 1536))
      #expect(settings.cardText == "Stub 40 of this machine, 48 multiprocessors of 1536 threads")
      // The published row of that card is the noise of these numbers.
      let noise = try TensorNoise.last(settings.noiseDevice)
      #expect(zip(noise, [8.2207, 6.5395, 4.2604]).allSatisfy { abs($0 - $1) < 5e-5 }, "\(noise)")
    }

    @Test("a card that is named is taken instead, and so are numbers") func named() throws {
      let card = try Self.card()
      let a100 = try Self.settings(["generator_device": ["cuda"], "gpu_model": ["a100"]], card)
      #expect(a100.card == .cuda(multiprocessors: 108, threadsPerMultiprocessor: 2048))
      let numbers = try Self.settings(["generator_device": ["cuda"], "multiprocessors": ["28"]], card)
      #expect(numbers.card == .cuda(multiprocessors: 28, threadsPerMultiprocessor: 1536))
      #expect(!numbers.cardText.contains("of this machine"))
      let threads = try Self.settings(["generator_device": ["cuda"], "threads_per_multiprocessor": ["1024"]], card)
      #expect(threads.card == .cuda(multiprocessors: 132, threadsPerMultiprocessor: 1024))
      #expect(try Self.settings([:], card).multiprocessors == 132, "noise of the CPU asks no driver")
      #expect(
        try Self.settings(["generator_device": ["cuda"]], nil).card
          == .cuda(multiprocessors: 132, threadsPerMultiprocessor: 2048))
    }

    @Test("a receipt has the numbers, so that it verifies where no card is") func receipt() throws {
      let settings = try Self.settings(["generator_device": ["cuda"]], Self.card())
      let json = try JSONEncoder().encode(ReceiptSettings(settings)), text = String(decoding: json, as: UTF8.self)
      #expect(text.contains(#""multiprocessors":48"#) && text.contains(#""threads_per_multiprocessor":1536"#))
      let read = try JSONDecoder().decode(ReceiptSettings.self, from: json).runSettings
      #expect(read.card == settings.card && read.installedCard == nil)
      #expect(read.cardText == "48 multiprocessors of 1536 threads")
    }
  }
}

/// The noise of seed 14 and shape 1000 x 100, times the root of 5 plus 5, as it was published for an RTX A4000.
private enum TensorNoise {
  static func last(_ device: Generator.Device) throws -> [Double] {
    let all = try Generator(device: device).manualSeed(14).randn([1000, 100])
    return all.scalars.suffix(3).map { Double($0) * 5.0.squareRoot() + 5 }
  }
}
