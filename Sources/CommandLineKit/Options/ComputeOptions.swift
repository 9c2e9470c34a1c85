import ArgumentParser
import DiffusionCore
import FoundationEssentials

/// Who computes and on how many threads, where no other setting of a run is asked for. Neither changes a bit.
struct ComputeOptions: ParsableArguments {
  @Option(help: ArgumentHelp(DeviceHelp.text, valueName: "d"))
  var device: String = "cpu"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads that compute. Left out, one for each processor. The bits are the same.", valueName: "n")
  )
  var threads: Int?

  /// Who computes.
  ///
  /// - Parameter environment: Where `DIFFUSION_ISA` may say what `cpu` means.
  /// - Throws: ``DiffusionError``: `usage` that names the device; `unavailable` for one that is not here.
  func pickedDevice(environment: [String: String]) throws -> Device {
    try Device(parsing: device, environment: environment)
  }

  /// How many threads: as said, or one for each processor.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option.
  func threadCount() throws -> Int {
    try OptionRange.check(
      threads ?? ProcessInfo.processInfo.activeProcessorCount, in: 1...OptionRange.maximumThreads, option: "--threads")
  }
}
