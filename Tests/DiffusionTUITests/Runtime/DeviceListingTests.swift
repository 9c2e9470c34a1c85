import DiffusionCore
import DiffusionTUI
import Dispatch
import TestSupport
import Testing

@Suite("Asking the drivers for their devices") struct DeviceListingTests {
  @Test("does not keep the screen from answering keys, and steps are computed meanwhile") func slow() {
    let gate = DispatchSemaphore(value: 0), clock = FakeClock()
    var terminal = FakeTerminal(
      size: Size(columns: 100, rows: 30), clock: clock,
      script: [
        .until("paused"), .key("d"), .until("asking the drivers"), .event(.key(.escape)), .key("l"), .until("step 1/5"),
        .key("d"), .until("asking the drivers"), .perform { gate.signal() }, .until("Stub 40, 48.0 GB"),
        .event(.key(.escape)), .key("q"),
      ])
    var state = State(
      size: terminal.size, capabilities: terminal.capabilities,
      run: RunRequest(settings: RunSettings(seeds: [5], steps: 5, threads: 1)))
    let effects = state.start()
    let environment = ExplorerEnvironment(
      now: { clock.now }, drawSeed: { 7 }, makeEngine: { FakeEngine(controls: FakeEngine.Controls()) },
      listDevices: {
        gate.wait()
        return [ListedDevice(name: "opencl", detail: "Stub 40, 48.0 GB, driver 1.2 of Stub", isAvailable: true)]
      })
    var explorer = Explorer(
      state: state, environment: environment, reduce: { reduce(&$0, $1) },
      view: { view($0, size: $1, capabilities: $2, theme: $0.theme) }, isTyping: \.isTyping)
    let end = explorer.run(on: &terminal, effects: effects)
    #expect(terminal.unmet == nil, "\(terminal.text)")
    #expect(end.position == 1)
  }
}
