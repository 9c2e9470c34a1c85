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

  @Test func aListOfGeneratorsDrawsAnImageEach() throws {
    let folder = try TemporaryFolder()
    func floats(_ name: String, _ arguments: String) throws -> [Float] {
      _ = try values("\(arguments) --output \(folder.path)/\(name).npy")
      return try NPYFile(folder.bytes("\(name).npy")).floats
    }
    let list = try floats("list", "--shape 2,16 --seeds 0,7 --calls 2")
    let alone = try [0, 7].flatMap { try floats("\($0)", "--shape 1,16 --seed \($0) --calls 2") }
    #expect(list == alone)
    let report = try Program.run(["randn", "--shape", "2,16", "--seeds", "0,7"]).output
    #expect(report.hasPrefix("noise    cpu, seeds 0,7, "))
    // As in Diffusers, a list of one is one generator for the batch.
    #expect(try floats("one", "--shape 2,16 --seeds 7") == floats("single", "--shape 2,16 --seed 7"))
  }

  @Test func aDrawnSeedIsShown() throws {
    let first = try Program.run(["randn", "--shape", "16"]).output
    let seed = try #require(first.split(separator: ",").first { $0.hasPrefix(" seed ") }).dropFirst(6)
    #expect(try Program.run(["randn", "--shape", "16", "--seed", String(seed)]).output == first)
    #expect(try Program.run(["randn", "--shape", "16"]).output != first)
  }

  @Test func wholeNumbersHaveNoPoint() throws {
    let output = try Program.run(["randn", "--shape", "3", "--seed", "72", "--dtype", "float16"]).output
    #expect(output.contains("values   -1 -0.725 -0.356\n"))
    #expect(output.contains("min      -1\n"))
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
