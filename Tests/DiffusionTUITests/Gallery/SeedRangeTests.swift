import DiffusionCore
import DiffusionTUI
import Testing

@Suite("A range of seeds") struct SeedRangeTests {
  @Test(
    "is parsed from both ends, or from its start",
    arguments: [
      ("0-63", 0, 64), ("100 200", 100, 101), ("7", 7, 64), ("-5-5", -5, 11), ("-9 -7", -9, 3), ("-9--7", -9, 3),
      ("3 - 4", 3, 2), ("5-5", 5, 1),
    ] as [(String, Seed, Int)])
  func read(text: String, first: Seed, count: Int) throws {
    let range = try SeedRange(parsing: text)
    #expect(range.first == first && range.count == count)
    #expect(range.seeds.count == count && Set(range.seeds).count == count)
    for (index, seed) in range.seeds.enumerated() { #expect(range.index(of: seed) == index) }
  }

  @Test(
    "says what is wrong with it",
    arguments: [
      ("", "0-63"), ("a-b", "seed 'a'"), ("9-3", "ends before it begins"), ("0-5000", "at most 1024"),
      ("1 2 3", "range of seeds"), ("18446744073709551616", "2^64-1"),
    ])
  func refused(text: String, word: String) throws {
    let error = try #require(throws: DiffusionError.self) { try SeedRange(parsing: text) }
    #expect(error.message.contains(word))
  }

  @Test("ends at the largest seed") func end() throws {
    let range = try SeedRange(parsing: "18446744073709551610")
    #expect(range.count == 6)
    #expect(range.seeds.last?.number == Seed.range.upperBound)
  }
}
