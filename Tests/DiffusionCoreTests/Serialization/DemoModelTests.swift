import DemoModel
import DiffusionCore
import TestSupport
import Testing

@Suite struct DemoModelTests {
  /// The embedded folder, among the sources.
  private static let folder =
    FileAccess.parent(of: FileAccess.parent(of: Fixtures.folder)) + "/Sources/DemoModel/ddpm-emoji-32"

  @Test func embedsTheFilesOfTheSourceTree() throws {
    let tree = try ModelSource(resolving: Self.folder, environment: [:])
    let embedded = DemoModel.source
    #expect(embedded.name == "ddpm-emoji-32")
    #expect(
      try embedded.files().map(\.path) == [
        "ddpm-emoji-32/model_index.json", "ddpm-emoji-32/unet/config.json",
        "ddpm-emoji-32/scheduler/scheduler_config.json", "ddpm-emoji-32/unet/diffusion_pytorch_model.safetensors",
      ])
    #expect(try embedded.files().map { try $0.sha256() } == tree.files().map { try $0.sha256() })
    #expect(try embedded.modelIndex() == tree.modelIndex())
  }

  @Test func holdsItsParameters() throws {
    let parameters = try DemoModel.source.parameters(of: "unet")
    let counts = parameters.names.compactMap { parameters.shape(of: $0)?.reduce(1, *) }
    // From the card: 6.3 million parameters.
    #expect(counts.reduce(0, +) == 6_338_499)
    #expect(parameters.shape(of: "conv_in.weight") == [32, 3, 3, 3])
    #expect(try parameters.read("conv_in.weight", shape: [32, 3, 3, 3]).contains { abs($0) > 0.01 })
  }
}
