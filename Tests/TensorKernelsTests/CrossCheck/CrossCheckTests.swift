import Foundation
import TensorKernels
import TestSupport
import Testing

/// The committed problems and their hashes: the scalar oracle and every set of this processor give them, and
/// `Tests/CrossCheck/run.sh` shows that the kernels compiled for arm64 do.
@Suite(.serialized) struct CrossCheckTests {
  private static let folder = "\(Fixtures.folder)/../CrossCheck"
  private static let isRecording = ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1"

  private static let lines: [Substring] =
    ((try? String(contentsOfFile: folder + "/problems.txt", encoding: .utf8)) ?? "").split(separator: "\n")
  private static let problems = lines.compactMap(CrossCheckProblem.init)

  @Test("Every line can be read")
  func everyLine() {
    #expect(Self.problems.count >= 25)
    #expect(Self.lines.allSatisfy { $0.hasPrefix("#") || CrossCheckProblem($0) != nil })
  }

  @Test("Records the oracle's hashes", .enabled(if: isRecording, "RECORD_GOLDEN=1 records the hashes again"))
  func record() throws {
    let pool = try #require(ThreadPool(threads: 1))
    let text = try Self.lines.map { line in
      guard let problem = CrossCheckProblem(line) else { return "\(line)\n" }
      return problem.line(hash: try CrossCheckProblem.hash(problem.run(on: ReferenceKernels(), pool: pool))) + "\n"
    }
    try text.joined().write(toFile: Self.folder + "/problems.txt", atomically: true, encoding: .utf8)
  }

  @Test("The oracle and all kernels give the committed bits", .disabled(if: isRecording), arguments: problems)
  func sameBits(problem: CrossCheckProblem) throws {
    let pool = try #require(ThreadPool(threads: 1))
    let expected = try problem.run(on: ReferenceKernels(), pool: pool)
    #expect(CrossCheckProblem.hash(expected) == problem.hash)
    for set in kernelSets { #expect(try problem.run(on: set, pool: pool) == expected, "\(set.name)") }
  }

  @Test(
    "Problems with awkward values have finite numbers and NaN in their output",
    arguments: problems.filter { $0.rare > 0 })
  func awkwardValues(problem: CrossCheckProblem) throws {
    let pool = try #require(ThreadPool(threads: 1))
    let output = try problem.run(on: ReferenceKernels(), pool: pool).map(Float.init(bitPattern:))
    #expect(output.contains { $0.isFinite && $0 != 0 })
    #expect(output.contains { $0.isNaN })
  }

  private static let tools = ["clang", "qemu-aarch64", "aarch64-linux-gnu-gcc"]

  private static var hasTools: Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return tools.allSatisfy { tool in folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
    }
  }

  @Test(
    "The kernels compiled for arm64 give the committed bits", .disabled(if: isRecording),
    .enabled(if: hasTools, "clang, qemu-user and gcc-aarch64-linux-gnu (Debian) are needed to run kernels for arm64"))
  func arm64() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [Self.folder + "/run.sh", "aarch64"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "run.sh prints what differs")
  }
}
