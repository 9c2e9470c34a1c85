import DiffusionCore
import TestSupport
import Testing

/// The numerics contract: bits depend on the model and the input, not on who computes, how many, or what stands beside.
@Suite struct UNetBitsTests {
  @Test(arguments: UNetFixture.names)
  func devicesGiveTheSameBits(name: String) throws {
    let reference = try UNetFixture(name, device: .cpuReference, threads: 1)
    for device in Device.available where device != .cpuReference {
      let unet = try reference.unet.on(device, threads: 2)
      #expect(unet.device == device)
      for item in reference.cases {
        let expected = try reference.unet(item.sample, timestep: item.timestep)
        #expect(sameBits(try unet(item.sample, timestep: item.timestep), expected), "\(device), \(item.name)")
      }
    }
  }

  @Test(arguments: ["four-levels", "scale-shift", "non-square", "odd-channels"], [2, 3, 7])
  func threadsGiveTheSameBits(name: String, threads: Int) throws {
    let alone = try UNetFixture(name, threads: 1)
    let unet = try alone.unet.on(.cpu, threads: threads)
    #expect(unet.threads == threads)
    for item in alone.cases {
      let expected = try alone.unet(item.sample, timestep: item.timestep)
      #expect(sameBits(try unet(item.sample, timestep: item.timestep), expected), "\(item.name)")
    }
  }

  @Test(arguments: ["four-levels", "scale-shift", "non-square", "odd-channels"], [2, 4])
  func anImageIsTheSameInABatch(name: String, size: Int) throws {
    let fixture = try UNetFixture(name)
    let images = try Tensor.batch(fixture.cases.map(\.sample)).images(0..<size)
    let together = try fixture.unet(images, timestep: 500)
    for index in 0..<size {
      let alone = try fixture.unet(images.images(index..<index + 1), timestep: 500)
      #expect(sameBits(try together.images(index..<index + 1), alone), "image \(index)")
    }
  }

  @Test func aSecondForwardGivesTheSameBits() throws {
    let fixture = try UNetFixture("two-levels")
    let item = try #require(fixture.cases.first)
    let first = try fixture.unet(item.sample, timestep: item.timestep)
    for other in fixture.cases { _ = try fixture.unet(other.sample, timestep: other.timestep) }
    #expect(sameBits(try fixture.unet(item.sample, timestep: item.timestep), first))
  }
}
