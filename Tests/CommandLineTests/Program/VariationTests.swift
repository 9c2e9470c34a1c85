import Foundation
import Testing

/// The built program with noise that is varied and weights that are rounded, on its demo model.
@Suite struct VariationTests {
  private func hash(_ arguments: String...) throws -> String {
    let report = try Program.report(["generate", "--json", "--steps", "2"] + arguments)
    return try #require((report["images"] as? [String: Any])?["sha256"] as? String)
  }

  @Test func aVariationGoesFromOneSeedToTheOther() throws {
    let (own, other) = (try hash("--seed", "0"), try hash("--seed", "5"))
    let varied = try ["0", "0.5", "1"].map {
      try hash("--seed", "0", "--variation-seed", "5", "--variation-strength", $0)
    }
    #expect(varied[0] == own)
    #expect(varied[2] == other)
    #expect(Set(varied).count == 3)
  }

  /// The demo model's weights are float16 in its file.
  @Test func weightsOfTheSamePrecisionLoseNothing() throws {
    #expect(try hash("--seed", "0", "--weights", "float16") == hash("--seed", "0"))
    #expect(try hash("--seed", "0", "--weights", "bfloat16") != hash("--seed", "0"))
  }
}
