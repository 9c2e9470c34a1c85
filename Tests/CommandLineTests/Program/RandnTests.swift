import Testing

@Suite struct RandnTests {
  private func values(_ arguments: String) throws -> String {
    let result = try Program.run(["randn"] + arguments.split(separator: " ").map(String.init))
    #expect(result.status == 0)
    let line = try #require(result.output.split(separator: "\n").first { $0.hasPrefix("values") })
    return String(line.drop { $0 != " " }.drop { $0 == " " })
  }

  /// `torch.randn` with `torch.manual_seed` of torch 2.13.
  @Test(arguments: [
    ("--shape 3 --seed 0", "1.5409961 -0.2934289 -2.1787894"),
    ("--shape 1,1,3 --seed=0", "1.5409961 -0.2934289 -2.1787894"),
    ("--shape 2 --seed 0 --dtype float64", "1.5409961082440433 -0.29342890576094"),
  ])
  func startsAsTorch(arguments: String, expected: String) throws {
    #expect(try values(arguments).hasPrefix(expected))
  }

  @Test func callsContinueTheState() throws {
    let folder = try TemporaryFolder()
    for (name, arguments) in [("two", "--shape 64 --calls 2"), ("one", "--shape 64")] {
      _ = try values("\(arguments) --seed 0 --output \(folder.path)/\(name).npy")
    }
    #expect(try NPYFile(folder.bytes("two.npy")).floats != NPYFile(folder.bytes("one.npy")).floats)
  }

  @Test(arguments: [("float16", "<f2", 2), ("bfloat16", "<f4", 4), ("float32", "<f4", 4), ("float64", "<f8", 8)])
  func filesHaveTheElementType(dtype: String, code: String, size: Int) throws {
    let folder = try TemporaryFolder()
    _ = try values("--shape 2,3 --seed 0 --dtype \(dtype) --output \(folder.path)/x.npy")
    let bytes = try folder.bytes("x.npy")
    let header = try NPYFile(bytes).header
    #expect(header.contains("'descr': '\(code)', 'fortran_order': False, 'shape': (2, 3), }"))
    #expect((bytes.count - 6 * size) % 64 == 0)
  }

  @Test func theGeneratorDeviceMatters() throws {
    #expect(try values("--shape 16 --seed 0") != values("--shape 16 --seed 0 --generator-device cuda"))
  }
}
