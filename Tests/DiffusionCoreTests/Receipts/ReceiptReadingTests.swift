import DiffusionCore
import TestSupport
import Testing

@Suite("A receipt's file")
struct ReceiptReadingTests {
  private func text(_ scene: ReceiptScene = ReceiptScene()) throws -> String {
    String(decoding: try scene.receipt().json(), as: UTF8.self)
  }

  private func read(_ text: String) throws -> Receipt { try Receipt(json: Array(text.utf8), source: "r.json") }

  private func error(of text: String) throws -> DiffusionError {
    let error = try #require(throws: DiffusionError.self) { try read(text) }
    #expect(error.kind == .badData)
    #expect(error.message.hasPrefix("r.json: "))
    #expect(!error.message.contains("\n"))
    return error
  }

  @Test("decodes to the receipt that was encoded, with every number")
  func roundTrip() throws {
    let receipt = try ReceiptScene().receipt()
    let back = try read(String(decoding: receipt.json(), as: UTF8.self))
    #expect(back == receipt)
    #expect(try back.json() == receipt.json())
    #expect(try back.changedSections().isEmpty)
  }

  @Test("its layout does not matter")
  func layout() throws {
    let dense = try text().filter { $0 != "\n" }.replacing("  ", with: "").replacing(" : ", with: ":")
    #expect(try read(dense) == ReceiptScene().receipt())
    #expect(try read(dense).changedSections().isEmpty)
  }

  @Test("a tensor with NaN and infinity keeps its numbers")
  func notNumbers() throws {
    var scene = ReceiptScene()
    scene.model.factor = .infinity
    let receipt = try scene.receipt()
    let back = try read(String(decoding: receipt.json(), as: UTF8.self))
    #expect(try back.json() == receipt.json())
    #expect(try back.changedSections().isEmpty)
    #expect(back.result.steps[0].modelOutput.max == .infinity)
    #expect(back.result.steps[0].modelOutput.std.isNaN)
    #expect(back.result.images.absoluteSum.isNaN)
    #expect(try scene.difference(from: back) == nil)
  }

  @Test(
    "a section that was changed after it was written is named",
    arguments: [
      ("\"eta\" : 0.3", "\"eta\" : 0.4", "settings"), ("      7\n", "      8\n", "settings"),
      ("\"steps\" : 4", "\"steps\" : 5", "settings"),
      ("\"clip_sample\" : true", "\"clip_sample\" : false", "scheduler"),
      ("\"sha256\" : \"00\"", "\"sha256\" : \"01\"", "model"), ("\"index\" : 2", "\"index\" : 1", "result"),
      ("\"threads\" : 1", "\"threads\" : 2", "computed_by"),
    ])
  func changed(from: String, to: String, section: String) throws {
    let before = try text(), after = before.replacing(from, with: to)
    #expect(before != after)
    let receipt = try read(after)
    #expect(try receipt.changedSections() == [section])
    let difference = try #require(try receipt.changeDifference())
    #expect(difference.place == .receipt)
    #expect(difference.message.contains("changed after it was written: section '\(section)' does not"))
  }

  @Test("images of a negative number are an error") func negative() throws {
    let before = try text(), shape = try #require(before.firstRange(of: /"shape" : \[\s*\d+/))
    let changed = before[..<shape.lowerBound] + "\"shape\" : [ -1" + before[shape.upperBound...]
    #expect(try error(of: String(changed)).message.contains("expected no negative extent"))
  }

  @Test(
    "unknown keys are errors that name them",
    arguments: [
      ("\"eta\" : 0.3", "settings.guidance"), ("\"index\" : 2", "result.steps.guidance"),
      ("\"kind\"", "guidance"), ("\"clip_sample\" : true", "scheduler.config.guidance"),
    ])
  func unknownKeys(beside: String, key: String) throws {
    let changed = try text().replacing(beside, with: "\"guidance\" : null, \(beside)")
    #expect(try error(of: changed).message.contains("key \(key) is unknown"))
  }

  @Test(
    "a file that is not a receipt, or not of this format, gives a one-line error",
    arguments: [
      ("", "not a receipt"), ("{}", "it has no kind"), ("[]", "not a receipt"), ("null", "not a receipt"),
      ("{\"kind\": \"recipe\", \"format\": 1}", "its kind is 'recipe'"),
      ("{\"kind\": \"diffusion-tui receipt\"}", "not a receipt"),
      ("{\"kind\": \"diffusion-tui receipt\", \"format\": 2}", "format 2: this program reads up to 1; use a newer one"),
      ("{\"kind\": \"diffusion-tui receipt\", \"format\": 0}", "format 0, which does not exist"),
      ("{\"kind\": \"diffusion-tui receipt\", \"format\": 1}", "\"computed_by\" is missing"),
    ])
  func foreign(text: String, message: String) throws {
    #expect(try error(of: text).message.contains(message))
  }

  @Test(
    "values that no run could have are errors that name them",
    arguments: [
      ("\"eta\" : 0.3", "\"eta\" : 2", "settings: eta 2 is not a decimal from 0 to 1"),
      ("\"eta\" : 0.3", "\"eta\" : \"much\"", "settings: eta 'much' is not a decimal"),
      ("\"batch_size\" : 2,", "", "settings: batch_size is missing"),
      ("\"batch_size\" : 2", "\"batch_size\" : 0", "settings: batch_size 0 is not"),
      ("\"steps\" : 4", "\"steps\" : 4.5", "settings: steps 4.5 is not a whole number"),
      (
        "\"generator_device\" : \"cpu\"", "\"generator_device\" : \"tpu\"",
        "settings: generator_device 'tpu' is not one of cpu, cuda"
      ),
      ("\"timestep_spacing\" : \"leading\"", "\"timestep_spacing\" : \"odd\"", "timestep_spacing is 'odd'"),
    ])
  func wrongValues(from: String, to: String, message: String) throws {
    let before = try text(), after = before.replacing(from, with: to)
    #expect(before != after)
    #expect(try error(of: after).message.contains(message))
  }

  @Test("a truncated file is refused, wherever it ends")
  func truncated() throws {
    let whole = Array(try text().utf8)
    for length in stride(from: 0, to: whole.count - 2, by: 97) {
      _ = try error(of: String(decoding: whole[..<length], as: UTF8.self))
    }
  }

  @Test("damaged bytes are refused or give another receipt, and never trap")
  func damaged() throws {
    let whole = try ReceiptScene().receipt().json()
    let before = try Receipt(json: whole, source: "r.json")
    var random = SplitMix64(seed: 1)
    for _ in 0..<300 {
      var bytes = whole
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      guard let read = try? Receipt(json: bytes, source: "r.json") else { continue }
      if try read.json() != before.json() { #expect(try !read.changedSections().isEmpty) }
    }
  }
}
