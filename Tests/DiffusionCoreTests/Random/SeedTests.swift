import DiffusionCore
import Testing

/// The range and the parsing of seeds.
@Suite("Seed")
struct SeedTests {
  @Test(arguments: [
    ("0", 0), ("-1", UInt64.max), ("4294967296", 1 << 32), ("9223372036854775808", 1 << 63),
    ("-9223372036854775808", 1 << 63), ("18446744073709551615", UInt64.max),
  ])
  func readsTheWholeRangeModulo2To64(text: String, bits: UInt64) throws {
    let seed = try Seed(parsing: text)
    #expect(seed.bits == bits)
    #expect(seed.description == text)
  }

  @Test(arguments: ["", "x", "1.5", " 1", "18446744073709551616", "-9223372036854775809", "1e3"])
  func refusesWhatIsNoSeed(text: String) {
    let error = #expect(throws: DiffusionError.self) { try Seed(parsing: text) }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains("'\(text)'") == true)
  }
}
