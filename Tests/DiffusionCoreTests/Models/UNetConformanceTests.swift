import DiffusionCore
import TestSupport
import Testing

/// The UNet against Diffusers on PyTorch.
@Suite struct UNetConformanceTests {
  /// Torch's own error against binary64 is up to 1.3e-6 here.
  static let tolerance = 2e-5

  @Test(arguments: UNetFixture.names, Device.available)
  func agreesWithDiffusers(name: String, device: Device) throws {
    let fixture = try UNetFixture(name, device: device)
    #expect(fixture.cases.count == 4)
    for item in fixture.cases {
      let output = try fixture.unet(item.input)
      // Predictions at high noise levels are small.
      let limit = Self.tolerance * min(1, Double(item.output.scalars.map(\.magnitude).max() ?? 0))
      #expect(largestDifference(output, item.output) <= limit, "\(item.name), against torch")
      #expect(largestDifference(output, item.output64) <= limit, "\(item.name), against binary64")
    }
  }
}
