import DiffusionCore
import TestSupport
import Testing

/// The numerics contract: bits depend on the model and the input, not on the device, threads or batch.
@Suite struct UNetBitsTests {
  /// Together they cover every algorithm, odd sizes, odd channels and every batch size that is tested.
  static let models = ["four-levels", "scale-shift", "non-square", "odd-channels"]
  /// All but the oracle, with which the others are compared.
  static let devices = Device.available.filter { $0 != .cpuReference }

  @Test(arguments: UNetFixture.names)
  func devicesGiveTheSameBits(name: String) throws {
    let reference = try UNetFixture(name, device: .cpuReference, threads: 1)
    let expected = try reference.cases.map { try reference.unet($0.input) }
    for device in Self.devices {
      let unet = try reference.unet.on(device, threads: 2)
      #expect(unet.device == device)
      for (item, expected) in zip(reference.cases, expected) {
        #expect(sameBits(try unet(item.input), expected), "\(device), \(item.name)")
      }
    }
  }

  @Test(arguments: models, devices)
  func threadsGiveTheSameBits(name: String, device: Device) throws {
    let alone = try UNetFixture(name, device: device, threads: 1)
    let expected = try alone.cases.map { try alone.unet($0.input) }
    for threads in [2, 3, 7] {
      let unet = try alone.unet.on(device, threads: threads)
      #expect(unet.threads == threads)
      for (item, expected) in zip(alone.cases, expected) {
        #expect(sameBits(try unet(item.input), expected), "\(threads) threads, \(item.name)")
      }
    }
  }

  @Test(arguments: models, devices)
  func anImageIsTheSameInABatch(name: String, device: Device) throws {
    let fixture = try UNetFixture(name, device: device)
    let cases = fixture.cases.map(\.sample)
    // Eight different images: the cases, and the same again with all signs flipped.
    let images = try Tensor.batch(cases + cases.map { try Tensor(shape: $0.shape, scalars: $0.scalars.map { -$0 }) })
    let alone = try (0..<8).map { try fixture.unet(images.images($0..<$0 + 1), timestep: 500) }
    for size in [2, 4, 8] {
      let together = try fixture.unet(images.images(0..<size), timestep: 500)
      for index in 0..<size {
        #expect(sameBits(try together.images(index..<index + 1), alone[index]), "image \(index) of \(size)")
      }
    }
  }

  @Test(arguments: devices)
  func aHundredForwardsGiveTheSameBits(device: Device) throws {
    let fixture = try UNetFixture("two-levels", device: device)
    let first = try fixture.cases.map { try fixture.unet($0.input) }
    for _ in 0..<100 {
      for (item, first) in zip(fixture.cases, first) {
        #expect(sameBits(try fixture.unet(item.input), first))
      }
    }
  }
}
