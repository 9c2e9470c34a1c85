import FoundationEssentials
import GPUKernels

extension DeviceEntry {
  /// A device of a driver: the first one, which is a GPU where there is one, or the one with an index.
  static func gpu(_ interface: GPUInterface, index: Int? = nil) -> DeviceEntry {
    let name = index.map { "\(interface.rawValue):\($0)" } ?? interface.rawValue, place = index ?? 0
    return DeviceEntry(
      name: name, numbered: { gpu(interface, index: $0) },
      unavailability: { _ in
        do {
          return try GPUDevices.lacks(interface, place)
        } catch {
          return (error as? DeviceFault)?.message ?? "\(error)"
        }
      },
      remedy: { GPUDevices.remedy(interface, place) },
      instructionSet: { _ in (try? GPUDevices.description(interface, place))?.title ?? interface.rawValue }
    ) { _, threads in
      do {
        let cache = KernelCache(environment: ProcessInfo.processInfo.environment)
        let program = try GPUProgram.shared(interface, index: place, named: name, cache: cache)
        return try GPUBackend(program, threads: threads) { fault in
          DiffusionError(.unavailable, "\(fault.message); \(usualRemedy)")
        }
      } catch let fault as DeviceFault {
        throw error(name, fault.message, GPUDevices.remedy(interface, place))
      }
    }
  }

  /// A device for each that a driver has and that can be used. The first of a driver goes by the driver's name alone.
  static let installed: [DeviceEntry] = GPUInterface.allCases.flatMap { interface in
    let devices = (try? GPUDevices.all(interface)) ?? []
    return devices.indices.filter { devices[$0].lacks == nil }
      .map { gpu(interface, index: $0 == 0 ? nil : $0) }
  }
}

/// What drivers say of their devices, which they are asked once.
enum GPUDevices {
  private static let opencl = Result { try GPUDriver.installed(.opencl).devices() }
  private static let cuda = Result { try GPUDriver.installed(.cuda).devices() }

  /// The devices of a driver, GPUs first.
  static func all(_ interface: GPUInterface) throws -> [GPUDescription] {
    switch interface {
    case .opencl: try opencl.get()
    case .cuda: try cuda.get()
    }
  }

  static func description(_ interface: GPUInterface, _ index: Int) throws -> GPUDescription {
    let devices = try all(interface)
    guard devices.indices.contains(index) else {
      let names = devices.enumerated().map { "\(interface.name(of: $0)) is \($1.name)" }
      throw DeviceFault("there is no device \(index): \(names.joined(separator: ", "))")
    }
    return devices[index]
  }

  /// What a device lacks, as the middle of a sentence; nil if it has all that is needed.
  static func lacks(_ interface: GPUInterface, _ index: Int) throws -> String? {
    let description = try description(interface, index)
    return description.lacks.map { "\(description.name) lacks \($0)" }
  }

  /// What to do where a device is unavailable. Another may do; and where it is CUDA's noise alone that someone wants,
  /// the processor has it.
  static func remedy(_ interface: GPUInterface, _ index: Int) -> String {
    if let other = interface.substitute(for: index, among: (try? all(interface)) ?? []) {
      return "use \(other) or cpu (the bits are the same)"
    }
    return interface == .cuda ? "use cpu (noise: --generator-device cuda)" : DeviceEntry.usualRemedy
  }
}

extension GPUDescription {
  /// Its name, marked where it is no GPU: a driver such as PoCL computes on the processor.
  var title: String { isGPU ? name : "\(name) (no GPU)" }
}

extension Device {
  /// What a driver says of it: `NVIDIA H200, 151 GB, driver 550.54 of NVIDIA CUDA`; nil for a device of the processor.
  public var hardware: String? {
    guard compilesKernels else { return nil }
    let parts = description.split(separator: ":"), index = parts.count > 1 ? Int(parts[1]) : 0
    guard let interface = GPUInterface(rawValue: String(parts[0])), let index,
      let found = try? GPUDevices.description(interface, index)
    else { return nil }
    return "\(found.title), \(MemoryBudget.size(found.byteCount)), driver \(found.driverVersion) of \(found.platform)"
  }

  /// Opens it and closes it again, which proves that it computes as the numerics contract says.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) with what it lacks or gets wrong.
  public func prove() throws { _ = try open(threads: 1) }
}
