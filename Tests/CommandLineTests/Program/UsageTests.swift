import Testing

/// The built program with wrong arguments: its exit status, and its one-line error.
@Suite struct UsageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: String
    let status: Int32
    let message: String

    init(_ arguments: String, _ status: Int32, _ message: String) {
      (self.arguments, self.status, self.message) = (arguments, status, message)
    }

    var testDescription: String { arguments }
  }

  static let cases = [
    Case("--nonsense", 64, "--nonsense"),
    Case("generate --steps many", 64, "--steps"),
    Case("generate --seed", 64, "--seed"),
    Case("generate --seed --steps 2", 64, "seed '--steps'"),
    Case("generate --seed 0 --seeds 1,2", 64, "--seeds"),
    Case("generate --seeds 0,1 --batch-size 3", 64, "list of generators of length 2"),
    Case("generate --eta 2", 64, "--eta"),
    Case("generate --threads 0", 64, "--threads"),
    Case("generate --scheduler heun3", 64, "--scheduler"),
    Case("generate --output image.jpg", 64, "image.jpg"),
    Case("generate --device tpu", 64, "tpu"),
    Case("generate --device cuda:99", 69, "device 'cuda:99' is unavailable: "),
    Case("generate --device opencl:99", 69, "device 'opencl:99' is unavailable: there is no d"),
    Case("generate --device opencl:x", 64, "'opencl:x' is not one of cpu, "),
    Case("generate --device gpu", 64, "'gpu' is not one of cpu, cpu:avx512, cpu:avx2, cpu:portable, cpu:reference, "),
    Case("generate --device gpu", 64, "cpu:reassociated (demonstration), opencl, cuda\n"),
    Case("generate --device cpu:portabel", 64, "cuda; did you mean cpu:portable?"),
    Case("generate --scheduler eulr", 64, "or own; did you mean euler?"),
    Case("generate --scheduler EulerDiscreteSchedulr", 64, "did you mean EulerDiscreteScheduler?"),
    Case("generate --scheduler-option clip_sampel=true", 64, "unknown to DDIMScheduler: did you mean clip_sample? "),
    Case("generate --weights bfloat", 64, "did you mean bfloat16?"),
    Case("generate --sed 0", 64, "Did you mean '--seed'?"),
    Case("genreate", 66, "; did you mean the command generate?"),
    Case("generat", 66, "; did you mean the command generate?"),
    Case("generat --output x.png", 64, "; did you mean the command generate?"),
    Case("inspct --json", 64, "; did you mean the command inspect?"),
    Case("docter", 66, "; did you mean the command doctor?"),
    Case("snap --output s.svg", 64, "; did you mean the command snapshot?"),
    Case("help generat", 64, "the command 'generat' is unknown: did you mean generate? expected one of explore, "),
    Case("help models pul", 64, "the command 'pul' is unknown: did you mean pull? expected one of list, pull, rm"),
    Case("no-such-model-and-no-command", 66, "no such folder"),
    Case("explore --device cuda:99", 69, "cuda"),
    Case("generate one two", 64, "two"),
    Case("generate --progress dots", 64, "--progress: 'dots' is unknown: expected one of line, json, none"),
    Case("generate /no/such/model", 66, "/no/such/model"),
    Case("generate owner/no-such-model-anywhere", 66, "owner/no-such-model-anywhere"),
    Case("generate --output /no/such/folder/image.png", 73, "/no/such/folder"),
    Case("generate --output /proc/image.png", 73, "/proc/image.png"),
    Case("generate --trace /proc/trace", 73, "/proc/trace"),
    Case("inspect /no/such/model", 66, "/no/such/model"),
    Case("inspect --yaml", 64, "--yaml"),
    Case("generate --call 0", 64, "--call"),
    Case("generate --batch-size 2 --image 3", 64, "--image"),
    Case("lesson stop", 64, "lesson 'stop' is unknown: did you mean step?"),
    Case("lesson /no/such/own.toml", 66, "/no/such/own.toml"),
    Case("lesson step --device tpu", 64, "tpu"),
    Case("lesson step more", 64, "more"),
    Case("randn --seed 0", 64, "--shape"),
    Case("randn --shape 3,3 --seeds 0,1", 64, "list of generators of length 2"),
    Case("randn --shape 2,3 --seed 0 --seeds 0,1", 64, "--seed and --seeds exclude each other"),
    Case("randn --shape 1,0 --seed 0", 64, "--shape"),
    Case("randn --shape 4 --seed x", 64, "seed 'x'"),
    Case("randn --shape 4 --seed 0 --dtype int8", 64, "--dtype"),
    Case("randn --shape 4 --seed 0 --dtype float23", 64, "--dtype: 'float23' is unknown: did you mean float32? "),
    Case("randn --shape 4 --seed 0 --calls 0", 64, "--calls"),
    Case("randn --shape 4 --seed 0 --output x.png", 64, ".npy"),
    Case("bench --batch-size 0", 64, "--batch-size"),
    Case("bench --threads 0", 64, "--threads"),
    Case("bench --repeats 0", 64, "--repeats"),
    Case("bench --device cpu:sse", 64, "cpu:sse"),
    Case("bench --device cuda:99", 69, "cuda"),
    Case("bench /no/such/model", 66, "/no/such/model"),
    Case("snapshot", 64, "--output"),
    Case("snapshot --output s.svg --keys warp", 64, "warp"),
    Case("snapshot --output s.svg --size 80", 64, "--size"),
    Case("snapshot --output s.gif", 64, "s.gif"),
    Case("snapshot --output s.svg --renderer oil", 64, "oil"),
    Case("snapshot --output s.svg --renderer braile", 64, "did you mean braille?"),
    Case("snapshot --output s.svg --theme drak", 64, "theme 'drak' is unknown: did you mean dark? expected one of"),
    Case("snapshot --output s.svg --color truecolr", 64, "did you mean truecolor?"),
    Case("snapshot --output s.svg --color 7", 64, "--color"),
    Case("snapshot --output s.svg --theme no-such-theme", 64, "no-such-theme"),
  ]

  @Test(arguments: cases)
  func oneLineAndItsStatus(_ example: Case) throws {
    let result = try Program.run(example.arguments.split(separator: " ").map(String.init))
    #expect(result.status == example.status)
    #expect(!result.wasSignalled)
    #expect(result.output == "")
    #expect(result.error.hasPrefix("diffusion-tui: "))
    #expect(result.error.contains(example.message))
    #expect(result.error.filter { $0 == "\n" }.count == 1)
    #expect(result.error.hasSuffix("\n"))
  }
}
