import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The devices of the machine in the explorer") struct DeviceListTests {
  private var engine = SmilingEngine()
  private static let hardware = "pthread-skylake-avx512-Intel(R) Xeon(R) Processor (no GPU), 8.4 GB, driver 3.1+debian"
  private static let devices = [
    ListedDevice(name: "cpu", detail: "computes with avx2", isAvailable: true),
    ListedDevice(name: "cpu:avx512", detail: "this processor lacks AVX-512", isAvailable: false),
    ListedDevice(name: "opencl", detail: hardware + " of Portable Computing Language", isAvailable: true),
    ListedDevice(name: "opencl:1", detail: "Stub 40, 48.0 GB, driver 1.2 of Stub", isAvailable: true),
    ListedDevice(name: "cuda", detail: "libcuda.so.1 is missing: install NVIDIA's driver", isAvailable: false),
  ]

  private mutating func opened(_ columns: Int = 80, _ rows: Int = 24) -> State {
    engine.devices = Self.devices
    var state = Scenes.started(columns, rows, engine: &engine)
    engine.press(.character("d"), on: &state)
    return state
  }

  @Test("the editor lists each with its name, memory and driver, or why it cannot be used") mutating func listed() {
    let lines = FrameText(view(opened(120, 40))).text.split(separator: "\n").map(String.init)
    for device in Self.devices {
      let line = lines.first { $0.hasPrefix(" \(device.name) ") && $0.contains(device.detail.prefix(40)) }
      #expect(line?.contains("cannot be used: ") == !device.isAvailable, "\(device.name)")
    }
    #expect(lines.contains { $0.contains("opencl:1") && $0.contains("48.0 GB, driver 1.2 of Stub") })
  }

  @Test("a row is cut on a narrow screen, with a mark", arguments: [(80, 24), (60, 12), (44, 9)])
  mutating func narrow(columns: Int, rows: Int) {
    let text = FrameText(view(opened(columns, rows))).text
    #expect(text.contains("pthread-skylake") && !text.contains("Portable Computing Language"))
    #expect(text.split(separator: "\n").contains { $0.contains("pthread") && $0.contains("\u{2026}") })
    #expect(text.contains("device cpu"), "the line that is edited is there")
  }

  @Test("Tab goes through those that can be used; the hint names no other") mutating func choices() {
    var state = opened(120, 40)
    var reached: Set<String> = []
    for _ in 0..<12 {
      engine.press(.tab, on: &state)
      reached.insert(state.editor?.text ?? "")
    }
    #expect(reached == Set(Device.available.map(\.description) + ["opencl", "opencl:1"]).subtracting(["cpu:avx512"]))
    let hint = FrameText(view(state)).text.split(separator: "\n").first { $0.hasPrefix(" device ") }
    #expect(hint?.contains("cuda") == false && hint?.contains("opencl, opencl:1") == true)
  }

  @Test("the palette lists them, with why one cannot be used, and takes none for it") mutating func palette() {
    engine.devices = Self.devices
    var state = Scenes.after(2, steps: 8, engine: &engine)
    for character in ":device " { engine.press(.character(character), on: &state) }
    let text = FrameText(view(state)).text
    #expect(text.contains("device opencl:1") && text.contains("Stub 40, 48.0 GB, driver 1.2 of Stub"))
    #expect(text.contains("cannot be used: libcuda.so.1 is missing"))
    for character in "cuda" { engine.press(.character(character), on: &state) }
    engine.press(.enter, on: &state)
    #expect(state.palette == nil && state.settings.device == .cpu && state.notice?.contains("unavailable") == true)
    #expect(state.position == 2)
  }

  @Test("drivers are asked when someone looks for a device, once") mutating func asked() {
    var state = Scenes.started(engine: &engine)
    #expect(!reduce(&state, .key(.character("s"))).contains(.listDevices))
    _ = reduce(&state, .key(.escape))
    #expect(reduce(&state, .key(.character("d"))).contains(.listDevices))
    #expect(FrameText(view(state)).text.contains("asking the drivers for their devices"))
    for key in [Key.tab, .escape, .character("d")] { #expect(reduce(&state, .key(key)) == []) }
    for character in "opencl" { _ = reduce(&state, .key(.character(character))) }
    #expect(reduce(&state, .key(.enter)) == [])
    #expect(state.editor?.error?.contains("still being asked") == true, "the screen does not wait for a driver")
    _ = reduce(&state, .devicesListed(Self.devices))
    #expect(!FrameText(view(state)).text.contains("asking the drivers"))
    _ = reduce(&state, .key(.escape))
    #expect(reduce(&state, .key(.character("d"))) == [])
    #expect(FrameText(view(state)).text.contains("opencl:1"))
    _ = reduce(&state, .key(.escape))
    for character in ":device " { #expect(reduce(&state, .key(.character(character))) == []) }
  }

  @Test("an error takes the place of the list") mutating func error() {
    var state = opened()
    for character in "tpu" { engine.press(.character(character), on: &state) }
    engine.press(.enter, on: &state)
    let text = FrameText(view(state)).text
    #expect(text.contains("device 'tpu' is not one of") && !text.contains("cannot be used"))
  }
}
