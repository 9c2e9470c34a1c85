import Foundation
import Testing

/// The built program runs branches and keeps them in its files.
@Suite("diffusion-tui --branch")
struct BranchProgramTests {
  private static let line = [
    "--seed", "3", "--steps", "6", "--branch", "2,eta=1,scheduler=euler", "--branch", "4,steps=8,seed=7",
  ]

  @Test("a receipt of a branched run holds the start's settings and the branches, and verifies")
  func receipt() throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/r.json"
    let report = try Program.report(["generate", "--json", "--receipt", receipt] + Self.line)
    let settings = try #require(report["settings"] as? [String: Any])
    let branches = try #require(settings["branches"] as? [[String: Any]])
    #expect(settings["eta"] as? Int == 0 && settings["steps"] as? Int == 6)
    #expect(branches.map { $0["at"] as? Int } == [2, 4] && branches[0]["scheduler"] as? String == "euler")
    let kept = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: receipt)))
    let inputs = try #require((kept as? [String: Any])?["settings"] as? [String: Any])
    #expect((inputs["branches"] as? [[String: Any]])?.map { $0["at"] as? Int } == [2, 4])
    for arguments in [[], ["--device", "cpu:portable", "--threads", "1"]] {
      let verified = try Program.run(["verify", receipt] + arguments)
      #expect(verified.status == 0 && verified.output.hasPrefix("equal: "), "\(verified.error)\(verified.output)")
    }
    let text = try String(contentsOfFile: receipt, encoding: .utf8)
    try text.replacing("\"at\" : 2", with: "\"at\" : 3").write(toFile: receipt, atomically: true, encoding: .utf8)
    #expect(try Program.run(["verify", receipt]).status == 1)
  }

  @Test("the table says what changes, and where")
  func table() throws {
    let lines = try Program.run(["generate"] + Self.line).output.split(separator: "\n")
    #expect(lines.contains("after step 2  eta 1, euler") && lines.contains("after step 4  seed 7, 8 steps"), "\(lines)")
  }

  @Test(
    "what cannot be is one line, and exit status 64",
    arguments: [
      ("6,eta=1", "branch at step 6 of 6: expected 1 to 5"), ("2,eta=7", "branch at step 2: eta 7 is not a decimal"),
      ("2,batch_size=2", "branch at step 2: batch_size cannot change"), ("x", "--branch 'x' is not a step from 1"),
    ])
  func refused(branch: String, message: String) throws {
    let result = try Program.run(["generate", "--seed", "3", "--steps", "6", "--branch", branch])
    #expect(result.status == 64 && result.error.hasPrefix("diffusion-tui: \(message)"), "\(result.error)")
    #expect(result.error.split(separator: "\n").count == 1)
  }
}
