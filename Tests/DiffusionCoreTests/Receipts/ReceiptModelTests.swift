import DemoModel
import DiffusionCore
import TestSupport
import Testing

@Suite("The model in a receipt")
struct ReceiptModelTests {
  private static let files = [
    ("model_index.json", "{}"), ("unet/config.json", "{\"a\": 1}"), ("scheduler/scheduler_config.json", "{\"b\": 2}"),
    ("unet/diffusion_pytorch_model.safetensors", String(repeating: "w", count: 100_000)),
  ]

  private func folder() throws -> ScratchFolder {
    let folder = try ScratchFolder()
    for (name, text) in Self.files { try folder.write(text, name) }
    return folder
  }

  private func model(_ folder: ScratchFolder) throws -> ReceiptModel {
    try ReceiptModel(hashing: ModelSource(resolving: folder.path, environment: [:]))
  }

  private func receipt(_ model: ReceiptModel) throws -> Receipt {
    let receipt = try ReceiptScene().receipt()
    return try Receipt(
      computedBy: receipt.computedBy, model: model, scheduler: receipt.scheduler, settings: receipt.settings,
      result: receipt.result)
  }

  @Test("the demo model's own files are hashed in place")
  func demo() throws {
    let model = try ReceiptModel(hashing: DemoModel.source)
    #expect(model.id == "ddpm-emoji-32")
    #expect(model.files.map(\.name) == Self.files.map(\.0))
    #expect(model.files.map(\.sha256) == (try DemoModel.source.files().map { try $0.sha256() }))
  }

  @Test("file names are relative to the model's folder, so that they apply on another machine")
  func names() throws {
    let (here, there) = (try folder(), try folder())
    #expect(try model(here).files.map(\.name) == Self.files.map(\.0))
    #expect(try receipt(model(here)).difference(from: model(there)) == nil)
  }

  @Test("a changed byte is found in its file, and both hashes are reported", arguments: files.map(\.0))
  func changedByte(name: String) throws {
    let folder = try folder()
    let before = try model(folder), receipt = try receipt(before)
    var bytes = try FileAccess.read("\(folder.path)/\(name)")
    bytes[bytes.count - 1] ^= 1
    try folder.write(bytes, name)
    let after = try model(folder)
    let difference = try #require(receipt.difference(from: after))
    #expect(difference.place == .model)
    #expect(difference.message.contains("\(name) of \(folder.path) has sha256 \(difference.found ?? "?")"))
    #expect(difference.expected == before.files.first { $0.name == name }?.sha256)
    #expect(difference.found == after.files.first { $0.name == name }?.sha256)
  }

  @Test("a file that is missing or new is named")
  func otherFiles() throws {
    let all = try model(folder())
    let fewer = ReceiptModel(id: "m", files: Array(all.files.dropLast()))
    let missing = try receipt(all).difference(from: fewer)
    #expect(missing?.message.contains("m has no unet/diffusion_pytorch_model.safetensors") == true)
    let new = try receipt(fewer).difference(from: all)
    #expect(new?.message.contains("the receipt has no unet/diffusion_pytorch_model.safetensors") == true)
  }

  @Test("hashing can be cancelled")
  func cancellation() throws {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try ReceiptModel(hashing: DemoModel.source, checkCancellation: { throw Stop() })
    }
  }
}
