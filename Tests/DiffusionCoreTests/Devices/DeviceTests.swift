import DiffusionCore
import GPUKernels
import TensorKernels
import Testing

/// Names of devices, and the effect of `DIFFUSION_ISA` on them.
@Suite struct DeviceTests {
  @Test func everyAvailableDeviceReadsBack() throws {
    #expect(Device.available.first == .cpu)
    #expect(Device.available.last == .cpuReference)
    for device in Device.available {
      #expect(try Device(parsing: device.description) == device)
      let suffix = device.description.split(separator: ":").dropFirst().first.map(String.init)
      #expect(device.instructionSet == suffix ?? InstructionSet.available.first?.rawValue)
    }
    #expect(Set(Device.available.map(\.description)).isSubset(of: Device.names))
  }

  @Test(arguments: InstructionSet.available.filter { $0 != .reference })
  func theVariableSelectsTheInstructionSet(instructions: InstructionSet) throws {
    let device = try Device.cpu(environment: ["DIFFUSION_ISA": instructions.rawValue])
    #expect(device.description == "cpu")
    #expect(device.instructionSet == instructions.rawValue)
    #expect((device == .cpu) == (instructions == InstructionSet.available.first))
    // The named set computes, and `cpu` still means the same afterwards.
    let reference = try device.named("cpu:reference")
    #expect(reference == .cpuReference)
    #expect(reference.instructionSet == "reference")
    #expect(try reference.named("cpu") == device)
    #expect(try device.named("cpu:portable").instructionSet == "portable")
  }

  @Test(arguments: [[:], ["DIFFUSION_ISA": ""]])
  func withoutTheVariableItIsTheWidest(environment: [String: String]) throws {
    #expect(try Device.cpu(environment: environment) == .cpu)
  }

  @Test(arguments: ["sse", "AVX2", "reference", "cpu:avx2", " avx2"])
  func unknownInstructionsAreAnErrorOfTheVariable(name: String) throws {
    let error = try #require(throws: DiffusionError.self) { try Device.cpu(environment: ["DIFFUSION_ISA": name]) }
    #expect(error.kind == .usage)
    #expect(error.message.hasPrefix("DIFFUSION_ISA: '\(name)' is unknown: expected one of "))
  }

  @Test(arguments: [
    ([InstructionSet.avx2, .portable, .reference], "avx512", "AVX-512"),
    ([.portable, .reference], "avx512", "AVX-512"), ([.portable, .reference], "avx2", "AVX2 and FMA"),
  ])
  func whatTheProcessorLacksIsUnavailable(here: [InstructionSet], name: String, requirement: String) throws {
    let named = try #require(throws: DiffusionError.self) {
      try Device(parsing: "cpu:\(name)", environment: [:], available: here)
    }
    let chosen = try #require(throws: DiffusionError.self) {
      try Device(parsing: "cpu", environment: ["DIFFUSION_ISA": name], available: here)
    }
    #expect(named.kind == .unavailable)
    #expect(named.message.hasPrefix("device 'cpu:\(name)' is unavailable: this processor lacks \(requirement)"))
    #expect(chosen.kind == .unavailable)
    #expect(chosen.message.hasPrefix("DIFFUSION_ISA: '\(name)' is unavailable: this processor lacks \(requirement)"))
    #expect(chosen.message.contains("use one of \(here.dropLast().map(\.rawValue).joined(separator: ", ")) "))
    #expect(try Device(parsing: "cpu", environment: [:], available: here).instructionSet == here[0].rawValue)
  }

  @Test(arguments: [
    ("cuda:99", DiffusionError.Kind.unavailable), ("opencl:99", .unavailable), ("opencl:", .usage),
    ("cpu:neon", .usage), ("", .usage),
  ])
  func otherNames(name: String, kind: DiffusionError.Kind) throws {
    let error = try #require(throws: DiffusionError.self) { try Device(parsing: name) }
    #expect(error.kind == kind)
    #expect(error.message.hasPrefix("device '\(name)' is "))
  }

  @Test func withoutADriverTheLineIsShort() throws {
    guard (try? GPUDriver.installed(.cuda)) == nil else { return }
    let error = #expect(throws: DiffusionError.self) { try Device(parsing: "cuda") }
    #expect(
      error?.message
        == "device 'cuda' is unavailable: no libcuda.so.1 (NVIDIA's driver); use cpu (noise: --generator-device cuda)")
    // As the program prints it.
    #expect("diffusion-tui: \(error?.message ?? "")".count <= 120)
  }

  @Test func theRegistryHasTheseEntries() throws {
    let processor = ["cpu", "cpu:avx512", "cpu:avx2", "cpu:portable", "cpu:reference", "cpu:reassociated"]
    #expect(Device.names == processor + ["opencl", "cuda"])
    #expect(Device.knownNames == Device.names)
    #expect(Device.available.allSatisfy { $0.hardware == nil })
    for device in Device.installed {
      #expect(device.hardware?.hasPrefix("\(device.instructionSet), ") == true)
      #expect(try Device(parsing: device.description) == device)
    }
  }

  @Test func aListNamesEachDeviceAndSaysWhyOneCannotBeUsed() throws {
    let list = ListedDevice.all(environment: ["DIFFUSION_ISA": "portable"]), known = Set(Device.names)
    let further = Device.installed.map(\.description).filter { !known.contains($0) }
    #expect(list.map(\.name) == Device.names.filter { $0 != "cpu:reassociated" } + further)
    #expect(list.first == ListedDevice(name: "cpu", detail: "computes with portable", isAvailable: true))
    for device in list {
      let found = Result { try Device(parsing: device.name) }
      #expect(device.isAvailable == ((try? found.get()) != nil), "\(device.name)")
      if let hardware = try? found.get().hardware { #expect(device.detail == hardware) }
      guard case .failure(let error) = found else { continue }
      #expect("\(error)".contains(device.detail))
    }
  }

  @Test func anEntryWithoutKernelsCannotBeOpened() {
    let device = Device(DeviceEntry(name: "cuda", instructionSet: { _ in "cuda" }, open: nil))
    let error = #expect(throws: DiffusionError.self) { try device.open(threads: 1) }
    #expect(error?.kind == .unavailable)
    #expect(error?.message.hasPrefix("device 'cuda' is unavailable: ") == true)
  }

  @Test(arguments: Device.available, [0, -1, 1025, .max])
  func numbersOfThreadsThatNoDeviceStarts(device: Device, threads: Int) {
    let error = #expect(throws: DiffusionError.self) { try device.open(threads: threads) }
    #expect(error?.kind == .usage)
    #expect(error?.message == "threads \(threads) is not a whole number from 1 to 1024")
  }
}
