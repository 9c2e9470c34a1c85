import DemoModel
import DiffusionCore
import DiffusionTUI
import GPUKernels
import StubDrivers
import TensorKernels
import TestSupport
import Testing

extension StubDriverTests {
  /// The explorer on a device that is slow, or that fails in the middle of a run.
  @Suite("A device in trouble, in the explorer", .onDevice) struct DriverTroubleTests {
    /// `opencl` by a driver that can be made to fail and to be slow.
    private static let program = Result {
      try GPUProgram(StubDriverTests.openCL(), index: 0, named: "opencl", cache: nil)
    }

    private static func device() -> Device {
      Device(
        DeviceEntry(name: "opencl", instructionSet: { _ in "stub" }) { _, threads in
          try GPUBackend(program.get(), threads: threads) {
            DiffusionError(.unavailable, "\($0.message); use cpu (the bits are the same)")
          }
        })
    }

    private static func explore(_ script: [FakeTerminal.Scene]) -> (state: State, terminal: FakeTerminal) {
      let clock = FakeClock()
      var terminal = FakeTerminal(size: Size(columns: 110, rows: 30), clock: clock, script: script)
      var state = State(
        size: terminal.size, capabilities: terminal.capabilities,
        run: RunRequest(settings: RunSettings(seeds: [5], steps: 6, device: device(), threads: 1)))
      let effects = state.start()
      let environment = ExplorerEnvironment(
        now: { clock.now }, drawSeed: { 7 },
        makeEngine: { PipelineEngine { _ in try DiffusionPipeline.load(DemoModel.source) } })
      var explorer = Explorer(
        state: state, environment: environment, reduce: { reduce(&$0, $1) },
        view: { view($0, size: $1, capabilities: $2, theme: $0.theme) }, isTyping: \.isTyping)
      return (explorer.run(on: &terminal, effects: effects), terminal)
    }

    private static var toCPU: [FakeTerminal.Scene] {
      [.key("d")] + (0..<12).map { _ in .event(.key(.backspace)) } + "cpu".map { .key($0) } + [.event(.key(.enter))]
    }

    @Test("One that fails in the middle of a run: one line, the run stays at its step, and goes on, here or on cpu")
    func failing() throws {
      _ = try Self.program.get()
      defer { stub_opencl_fail(0, 0) }
      let line = "opencl (", failure = "failed with CL_OUT_OF_RESOURCES"
      var failed = "", afterwards = ""
      let (state, terminal) = Self.explore(
        [
          .until("paused"), .key("l"), .until("step 1/6"), .perform { stub_opencl_fail(0, 0) }, .key("l"),
          .until("step 2/6"),
          .perform {
            failed = "failing"
            stub_opencl_fail(stub_opencl_calls() / 2, -5)
          }, .key("l"), .until(failure), .until(line), .until("step 2/6"),
          .perform { stub_opencl_fail(0, 0) }, .key("l"), .until("step 3/6"),
          .perform { stub_opencl_fail(40, -5) }, .key("l"), .until(failure), .until("step 3/6"),
        ] + Self.toCPU + [
          .until("device cpu    noise"), .until("step 3/6"), .perform { afterwards = "cpu" }, .key("l"),
          .until("step 4/6"), .event(.key(.end)), .until("step 6/6"), .key("q"),
        ])
      #expect(terminal.unmet == nil, "\(terminal.text)")
      #expect(failed == "failing" && afterwards == "cpu")
      #expect(state.pane.request.settings.device == .cpu)
    }

    @Test("One that is slow: progress is shown, keys are answered, and a step is left within a block")
    func slow() throws {
      _ = try Self.program.get()
      defer { stub_opencl_slow(0) }
      var before = 0, after = 0
      let (state, terminal) = Self.explore([
        .until("paused"), .key("l"), .until("step 1/6"), .perform { stub_opencl_slow(0) }, .key("l"),
        .until("step 2/6"),
        .perform {
          before = stub_opencl_launches()
          stub_opencl_slow(60_000)
        }, .key("l"), .until("to step 3, "), .key("?"), .until("edit the seed"), .event(.key(.escape)),
        .until("to step 3, "),
        .key("d"), .event(.key(.escape)), .event(.key(.escape)), .until("paused"), .until("step 2/6"),
        .perform {
          after = stub_opencl_launches()
          stub_opencl_slow(0)
        }, .key("l"), .until("step 3/6"), .key("q"),
      ])
      #expect(terminal.unmet == nil, "\(terminal.text)")
      #expect(state.pane.request.settings.device.description == "opencl")
      // A step was left long before its end.
      #expect(before > 60 && after < before / 2, "\(after) launches of \(before)")
    }
  }
}
