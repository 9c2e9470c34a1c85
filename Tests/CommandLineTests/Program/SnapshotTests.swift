import DiffusionTUI
import Foundation
import Testing

/// The built program's screens as files.
@Suite("Snapshots") struct SnapshotTests {
  @Test("an SVG has the colours that --color names", arguments: ColorTier.allCases)
  func colors(tier: ColorTier) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/screen.svg"
    let result = try Program.run([
      "snapshot", "--seed", "0", "--steps", "1", "--size", "80x24", "--color", tier.rawValue, "--output", path,
    ])
    try #require(result.status == 0, "\(result.error)")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let used = Set(text.matches(of: #/fill="(#[0-9a-f]{6})"/#).map { String($0.output.1) })
    // The terminal's two default colours count too.
    let most = [ColorTier.mono: 2, .ansi8: 10, .ansi16: 18, .palette256: 258, .trueColor: .max][tier] ?? 0
    #expect(used.count <= most)
    if tier == .trueColor { #expect(used.count > 258) }
  }
}
