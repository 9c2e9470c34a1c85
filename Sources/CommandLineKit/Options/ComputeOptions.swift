import ArgumentParser
import DiffusionCore
import FoundationEssentials

/// Who computes and on how many threads: the options that every command that computes shares. Neither changes a bit.
struct ComputeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Who computes: cpu, cpu:avx512, cpu:avx2, cpu:portable or cpu:reference. cpu has the widest instructions of the processor, or those that the environment variable DIFFUSION_ISA names: avx512, avx2 or portable. The bits are the same. (default: cpu)",
      valueName: "d"))
  var device: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads that compute. Left out, one for each processor. The bits are the same.", valueName: "n")
  )
  var threads: Int?

  /// Whether one of the options was given.
  var isAnyGiven: Bool { device != nil || threads != nil }

  /// Who computes.
  ///
  /// - Parameter environment: Where `DIFFUSION_ISA` may say what `cpu` means.
  /// - Throws: ``DiffusionError``: `usage` that names the device; `unavailable` for one that is not here.
  func pickedDevice(environment: [String: String]) throws -> Device {
    try Device(parsing: device ?? Device.cpu.description, environment: environment)
  }

  /// How many threads: as said, or one for each processor.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option.
  func threadCount() throws -> Int {
    try OptionRange.check(
      threads ?? ProcessInfo.processInfo.activeProcessorCount, in: 1...OptionRange.maximumThreads, option: "--threads")
  }
}
