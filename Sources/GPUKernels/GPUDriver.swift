import CGPU

/// What a device or its driver reports: one line that names the device and what it was doing.
package struct DeviceFault: Error, Sendable, Equatable {
  /// The line.
  package let message: String

  /// Creates a fault.
  package init(_ message: String) { self.message = message }
}

/// The interfaces by which devices are reached.
package enum GPUInterface: String, Sendable, CaseIterable {
  case opencl, cuda

  /// The library that has its functions.
  package var library: String {
    switch self {
    case .opencl: "libOpenCL.so.1"
    case .cuda: "libcuda.so.1"
    }
  }

  /// What to install where a device is not found.
  var remedy: String {
    switch self {
    case .opencl: "install the driver of your GPU, or Debian's packages ocl-icd-libopencl1 and pocl-opencl-icd"
    case .cuda: "install NVIDIA's driver"
    }
  }

  /// What is said where the library is not found.
  fileprivate var absence: String {
    switch self {
    case .opencl: "there is no driver (no \(library)); \(remedy)"
    case .cuda: "no \(library) (NVIDIA's driver)"
    }
  }

  /// How users name the device of an index: the first one by the interface alone.
  package func name(of index: Int) -> String { index == 0 ? rawValue : "\(rawValue):\(index)" }

  /// The first other device that has all that is needed, for whom one is of no use: `opencl:1 (NVIDIA H200)`; nil if
  /// there is none.
  package func substitute(for index: Int, among devices: [GPUDescription]) -> String? {
    let other = devices.indices.first { $0 != index && devices[$0].lacks == nil }
    return other.map { "\(name(of: $0)) (\(devices[$0].name))" }
  }
}

/// A device, as its driver describes it.
package struct GPUDescription: Sendable, Equatable {
  /// Its name: `NVIDIA H200`.
  package let name: String
  /// The name of its platform: `NVIDIA CUDA`.
  package let platform: String
  /// The version of its driver.
  package let driverVersion: String
  /// Its memory in bytes.
  package let byteCount: Int
  /// Whether it is a GPU; otherwise it is, as a rule, the processor.
  package let isGPU: Bool
  /// Its multiprocessors, and the threads that each of them holds; 0 where the driver does not say.
  package let multiprocessors: Int
  package let threadsPerMultiprocessor: Int
  /// What it lacks to be used, as the middle of a sentence; nil if it has all that is needed.
  package let lacks: String?

  init(_ description: cgpu_description) {
    func text<Characters>(_ characters: Characters) -> String {
      withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    (name, platform) = (text(description.name), text(description.platform))
    (driverVersion, isGPU) = (text(description.driver_version), description.is_gpu)
    byteCount = Int(clamping: description.memory)
    multiprocessors = Int(description.multiprocessors)
    threadsPerMultiprocessor = Int(description.threads_per_multiprocessor)
    let missing = text(description.lacks)
    lacks = missing.isEmpty ? nil : missing
  }
}

/// The functions of a driver's library.
///
/// It is `@unchecked Sendable` because the compiler cannot see behind a C handle. The invariant: what it refers to is a
/// table of functions that the initialiser fills, that is never written again and never freed; OpenCL and CUDA let any
/// thread call those that are called outside of a ``GPUQueue``. OpenCLDeviceTests, "Two models and four runs at
/// once", calls them from several threads.
package final class GPUDriver: @unchecked Sendable {
  package let interface: GPUInterface
  let handle: OpaquePointer

  /// Finds functions by their names in some library.
  package typealias Finder = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>) -> UnsafeMutableRawPointer?

  /// Collects the functions of a library.
  ///
  /// - Throws: ``DeviceFault`` that names the first that is missing.
  package init(_ interface: GPUInterface, find: Finder, context: UnsafeMutableRawPointer? = nil) throws {
    self.interface = interface
    handle = try withMessage { message in
      switch interface {
      case .opencl: cgpu_opencl(find, context, message)
      case .cuda: cgpu_cuda(find, context, message)
      }
    } orThrow: {
      DeviceFault("\(interface.library) cannot be used: \($0)")
    }
  }

  private static let opencl = Result { try open(.opencl) }
  private static let cuda = Result { try open(.cuda) }

  /// The driver of this machine, which is loaded when it is first asked for.
  ///
  /// - Throws: ``DeviceFault`` where there is none, with what to install.
  package static func installed(_ interface: GPUInterface) throws -> GPUDriver {
    switch interface {
    case .opencl: try opencl.get()
    case .cuda: try cuda.get()
    }
  }

  private static func open(_ interface: GPUInterface) throws -> GPUDriver {
    let library = try withMessage {
      cgpu_open_library(interface.library, $0)
    } orThrow: { reason in
      // The loader's usual words say less than the name of the library.
      let isMissing = reason.contains("No such file")
      return DeviceFault(isMissing ? interface.absence : "there is no driver (\(reason)); \(interface.remedy)")
    }
    return try GPUDriver(interface, find: cgpu_find_in, context: library)
  }

  /// Its devices, GPUs first.
  ///
  /// - Throws: ``DeviceFault`` where there are none, or where the driver fails.
  package func devices() throws -> [GPUDescription] {
    var count: Int32 = 0
    try check(cgpu_count_devices(handle, &count))
    guard count > 0 else { throw DeviceFault("\(interface.library) finds no device; \(interface.remedy)") }
    return try (0..<count).map { index in
      var description = cgpu_description()
      try check(cgpu_describe(handle, index, &description))
      return GPUDescription(description)
    }
  }

  private func check(_ status: cgpu_status) throws {
    if let failure = status.failure { throw DeviceFault("\(interface.library): \(failure)") }
  }
}

extension cgpu_status {
  /// What failed, as a part of a line; nil if nothing did.
  var failure: String? {
    guard code != 0 else { return nil }
    let function = call.map { String(cString: $0) } ?? "a call"
    let line = "\(function) failed with \(name.map { "\(String(cString: $0)) (\(code))" } ?? "\(code)")"
    return is_lasting ? "\(line): the device can be used again once the program is restarted" : line
  }
}

/// Calls a function that returns a pointer or writes a message of at most 255 bytes.
private func withMessage<Pointer>(
  _ body: (UnsafeMutablePointer<CChar>) -> Pointer?, orThrow fault: (String) -> DeviceFault
) throws -> Pointer {
  var message = [CChar](repeating: 0, count: 256)
  guard let pointer = message.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap(body) }) else {
    throw fault(String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
  }
  return pointer
}
