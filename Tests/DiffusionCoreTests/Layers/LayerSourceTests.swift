import Foundation
import TestSupport
import Testing

/// The names that the sources of a folder may use.
@Suite struct LayerSourceTests {
  private static let engine = "\(Fixtures.folder)/../../Sources/DiffusionCore"

  /// The Swift sources in a folder of the engine.
  private func sources(_ folder: String) throws -> [(path: String, text: String)] {
    let root = URL(filePath: "\(Self.engine)/\(folder)")
    let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map { file in
      (file.path, try String(contentsOf: file, encoding: .utf8))
    }
  }

  /// The words of a text that are names.
  private func names(_ text: String) -> Set<Substring> {
    Set(text.split { !($0.isLetter || $0.isNumber || $0 == "_") })
  }

  /// The types that the sources of a folder declare.
  private func types(_ folder: String) throws -> Set<Substring> {
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias"]
    return Set(
      try sources(folder).flatMap { source in
        source.text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") && !$0.hasPrefix(" ") }
          .compactMap { line in
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
            return words.firstIndex(where: kinds.contains).flatMap { words.dropFirst($0 + 1).first }
          }
      })
  }

  @Test func theEngineKnowsNoKernel() throws {
    let all = try sources("")
    #expect(all.count > 100)
    for source in all { #expect(!names(source.text).contains("CTensorKernels"), "\(source.path)") }
  }

  @Test(arguments: ["Layers", "Models"])
  func layersKnowNoThreadAndNoHostPointer(folder: String) throws {
    let forbidden: Set<Substring> = [
      "ThreadPool", "FloatBuffer", "FloatBufferPool", "CPUBackend", "KernelSet", "InstructionSet", "BufferAllocator",
    ]
    for source in try sources(folder) {
      let found = names(source.text).filter {
        forbidden.contains($0) || $0.hasPrefix("ctk_") || $0.contains("Unsafe") || $0.hasPrefix("withUnsafe")
      }
      #expect(found.isEmpty, "\(source.path): \(found)")
    }
  }

  @Test(arguments: [
    ("Layers", ["Models", "Benchmarking", "Pipelines", "Schedulers"]), ("Devices", ["Layers", "Models"]),
  ])
  func foldersKnowNothingOfThoseAboveThem(folder: String, above: [String]) throws {
    let known = try above.reduce(into: Set<Substring>()) { $0.formUnion(try types($1)) }
    #expect(known.count > 5)
    for source in try sources(folder) {
      let code = source.text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
      let found = names(code.joined(separator: "\n")).intersection(known)
      #expect(found.isEmpty, "\(source.path): \(found)")
    }
  }
}
