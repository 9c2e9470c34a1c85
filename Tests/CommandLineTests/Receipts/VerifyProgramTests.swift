import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The built program writes receipts and verifies them.
@Suite("diffusion-tui verify")
struct VerifyProgramTests {
  private let folder: TemporaryFolder
  private let receipt: String

  init() throws {
    folder = try TemporaryFolder()
    receipt = folder.path + "/r.json"
    let made = try Program.run(["generate", "--seed", "3", "--steps", "3", "--eta", "0.2", "--receipt", receipt])
    try #require(made.status == 0, "\(made.error)")
  }

  /// A copy of the receipt with one text replaced by another.
  private func edited(_ from: String, _ to: String) throws -> String {
    let before = try String(contentsOfFile: receipt, encoding: .utf8), after = before.replacing(from, with: to)
    try #require(before != after)
    let path = folder.path + "/edited.json"
    try after.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  @Test(
    "a receipt verifies on other devices, threads and instruction sets",
    arguments: [
      [], ["--threads", "1"], ["--device", "cpu:portable", "--threads", "2"], ["--device", "cpu:reference"],
    ])
  func equal(arguments: [String]) throws {
    let result = try Program.run(["verify", receipt] + arguments)
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("equal: 3 steps, final sha256 "))
    #expect(result.error == "")
  }

  @Test(
    "a receipt of the processor verifies by OpenCL, and the reverse",
    .enabled(if: Device.installed.contains { $0.description == "opencl" }, "no OpenCL device: install pocl-opencl-icd"))
  func byOpenCL() throws {
    // 50 steps take a processor some tens of seconds, by PoCL.
    let isLong = ProcessInfo.processInfo.environment["GPU_TRIALS"] != nil, steps = isLong ? 50 : 2
    func receipt(_ device: String) throws -> String {
      let path = "\(folder.path)/\(device).json"
      let made = try Program.run(
        ["generate", "--device", device, "--seed", "5", "--steps", "\(steps)", "--receipt", path])
      try #require(made.status == 0, "\(made.error)")
      return path
    }
    for (first, second) in [("cpu", "opencl"), ("opencl", "cpu")] {
      let path = try receipt(first), result = try Program.run(["verify", path, "--device", second])
      #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\"device\" : \"\(first)\""))
      #expect(result.status == 0 && result.error == "", "\(result.error)")
      #expect(result.output.hasPrefix("equal: \(steps) steps, final sha256 "), "\(result.output)")
    }
  }

  @Test(
    "what a receipt was written of verifies, alone and in a folder",
    arguments: [
      (["--image", "demo", "--invert", "--steps", "4"], 0), (["--scheduler", "kdpm2-ancestral", "--steps", "3"], 1),
      (["--image", "demo", "--strength", "0.5", "--scheduler", "dpm-multi", "--steps", "4"], 0),
      (["--scheduler", "heun", "--branch", "2,scheduler=euler", "--steps", "4"], 0),
      (["--prompt", "pizza", "--scheduler", "unipc", "--steps", "2"], 0),
    ])
  func kinds(arguments: [String], status: Int) throws {
    let made = try TemporaryFolder(), path = made.path + "/receipt.json"
    let run = try Program.run(["generate", "--seed", "1", "--receipt", path] + arguments)
    // An image that is not finite is status 1, and has a receipt all the same.
    #expect(Int(run.status) == status, "\(run.error)")
    for name in [path, made.path] {
      let result = try Program.run(["verify", name])
      #expect(result.status == 0, "\(name): \(result.output)\(result.error)")
    }
  }

  @Test("a model in a different location can be named")
  func elsewhere() throws {
    let path = try edited("\"id\" : \"ddpm-emoji-32\"", "\"id\" : \"./models/demo\"")
    let missing = try Program.run(["verify", path])
    #expect(missing.status == 66)
    #expect(missing.error.hasPrefix("diffusion-tui: ./models/demo: no such folder; "))
    #expect(missing.error.contains("give its location after the receipt"))
    let named = try Program.run(["verify", path, folder.path + "/none"])
    #expect(named.status == 66 && !named.error.contains("after the receipt"))
  }

  @Test("its hash equals that of generate --json, and of the array in the file")
  func hash() throws {
    let array = folder.path + "/i.npy"
    let report = try Program.generate("--seed", "3", "--steps", "3", "--eta", "0.2", "--output", array)
    let hash = try #require((report["images"] as? [String: Any])?["sha256"] as? String)
    #expect(try Program.run(["verify", receipt]).output == "equal: 3 steps, final sha256 \(hash)\n")
    #expect(try ContentHash.sha256(Tensor<Float>(npyFile: array)) == hash)
  }

  @Test(
    "a changed seed and a changed setting fail with their reasons",
    arguments: [
      ("[\n      3\n    ]", "[\n      4\n    ]", "the initial noise differs by abs_sum"),
      ("\"generator_device\" : \"cpu\"", "\"generator_device\" : \"cuda\"", "the initial noise differs by abs_sum"),
      ("\"eta\" : 0.2", "\"eta\" : 0.3", "step 0 (timestep 999): x_{t-1} differs by abs_sum"),
      (
        "\"use_clipped_model_output\" : false", "\"use_clipped_model_output\" : true",
        "step 1 (timestep 666): x_{t-1} differs by abs_sum"
      ),
      ("\"steps\" : 3", "\"steps\" : 4", "the timesteps differ: step 1 of 4"),
    ])
  func changed(from: String, to: String, reason: String) throws {
    let result = try Program.run(["verify", try edited(from, to)])
    #expect(result.status == 1)
    #expect(result.error == "")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.contains("the receipt was changed after it was written: section 'settings' does not") == true)
    #expect(lines.last?.hasPrefix("differs: \(reason)") == true)
  }

  @Test("a trace of the run shows by how much")
  func reference() throws {
    let trace = folder.path + "/t"
    _ = try Program.generate("--seed", "3", "--steps", "3", "--eta", "0.2", "--trace", trace)
    let result = try Program.run(["verify", try edited("\"eta\" : 0.2", "\"eta\" : 0.3"), "--reference", trace])
    #expect(result.status == 1)
    #expect(result.output.contains("x_{t-1} differs by max|d| 0."))
  }

  @Test("a changed byte of the weights is found in its file, before anything runs")
  func weights() throws {
    let model = folder.path + "/model"
    let tree = String(Fixtures.folder.dropLast("Tests/Fixtures".count)) + "Sources/DemoModel/ddpm-emoji-32"
    try FileManager.default.copyItem(atPath: tree, toPath: model)
    let same = try Program.run(["verify", receipt, model])
    #expect(same.status == 0)
    let path = model + "/unet/diffusion_pytorch_model.safetensors"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let result = try Program.run(["verify", receipt, model, "--json"])
    #expect(result.status == 1)
    let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let differences = try #require(report["differences"] as? [[String: Any]])
    #expect(differences.map { $0["place"] as? String } == ["model"])
    #expect(
      (differences[0]["message"] as? String)?.contains("unet/diffusion_pytorch_model.safetensors of \(model)") == true)
    #expect(differences[0]["found"] as? String != differences[0]["expected"] as? String)
    #expect(report["steps"] as? Int == 0)
  }

  @Test(
    "what cannot be verified gives a one-line error and its status",
    arguments: [
      ("/no/such/receipt.json", 66, "no such file"), ("/", 65, "not a regular file"),
      ("/etc/passwd", 65, "not a receipt"),
    ])
  func unusable(path: String, status: Int32, message: String) throws {
    let result = try Program.run(["verify", path])
    #expect(result.status == status)
    #expect(result.output == "")
    #expect(result.error.hasPrefix("diffusion-tui: \(path): "))
    #expect(result.error.contains(message))
    #expect(result.error.filter { $0 == "\n" }.count == 1)
  }

  @Test("a receipt that asks for more than any machine has is refused", arguments: ["1000000000", "-1", "0"])
  func excessive(size: String) throws {
    let result = try Program.run(["verify", try edited("\"batch_size\" : 1", "\"batch_size\" : \(size)")])
    #expect(result.status == 65)
    #expect(result.error.contains("settings: batch"))
  }
}
