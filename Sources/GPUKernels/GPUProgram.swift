import CGPU
import Glibc
import Synchronization

/// What compiled kernels depend on.
package struct BinaryKey: Sendable, Equatable {
  /// The names of the device and of its platform.
  package let device: String
  /// The version of its driver.
  package let driver: String
  /// The source, and the options that it is compiled with.
  package let source: String

  /// Creates a key.
  package init(device: String, driver: String, source: String) {
    (self.device, self.driver, self.source) = (device, driver, source)
  }
}

/// Keeps compiled kernels from one start of the program to the next.
package protocol BinaryCache: Sendable {
  /// The bytes kept under a key; nil if there are none, or not those that were written.
  func binary(for key: BinaryKey) -> [UInt8]?
  /// Keeps bytes; it does nothing where it cannot.
  func keep(_ binary: [UInt8], for key: BinaryKey)
}

/// The kernels, compiled for a device that has proved to compute as the numerics contract says.
///
/// It is `@unchecked Sendable` because the compiler cannot see behind a C handle. The invariant: the program is not
/// changed once it is made, and closed only in `deinit`, with the last of its queues and buffers, which hold a
/// reference. Kernels, whose arguments do change, belong to a queue (OpenCLDeviceTests, "Two models and four runs at
/// once"; ProbeTests makes programs that come and go).
package final class GPUProgram: @unchecked Sendable {
  /// The name of the device as users know it, with its own: `opencl (NVIDIA H200)`.
  let label: String
  package let description: GPUDescription
  let handle: OpaquePointer
  private let driver: GPUDriver

  /// Opens a device: compiles the kernels, or takes them from the cache, and probes them.
  ///
  /// - Parameters:
  ///   - index: The device's place among those of the driver.
  ///   - name: How users name it.
  /// - Throws: ``DeviceFault`` with what the device lacks or gets wrong, or where the driver fails.
  package init(_ driver: GPUDriver, index: Int, named name: String, cache: (any BinaryCache)?) throws {
    let devices = try driver.devices()
    guard devices.indices.contains(index) else {
      let names = devices.enumerated().map { "\(driver.interface.name(of: $0)) is \($1.name)" }
      throw DeviceFault("there is no device \(index): \(names.joined(separator: ", "))")
    }
    description = devices[index]
    if let lacks = description.lacks { throw DeviceFault("\(description.name) lacks \(lacks)") }
    self.driver = driver
    label = "\(name) (\(description.name))"
    handle = try Self.compile(driver, index, description, cache)
    try DeviceProbe().check(self)
  }

  deinit { cgpu_program_close(handle) }

  private static func compile(
    _ driver: GPUDriver, _ index: Int, _ device: GPUDescription, _ cache: (any BinaryCache)?
  ) throws -> OpaquePointer {
    let key = BinaryKey(
      device: "\(device.name) \(device.platform)", driver: device.driverVersion,
      source: "\(String(cString: cgpu_options))\n\(String(cString: cgpu_source()))")
    // A driver may refuse the binaries of an earlier one, whatever it calls itself.
    if let binary = cache?.binary(for: key), let kept = try? open(driver, index, device, binary) { return kept }
    let program = try open(driver, index, device, [])
    var bytes: UnsafeMutableRawPointer?, count = 0
    if cgpu_program_binary(program, &bytes, &count).code == 0, let bytes {
      cache?.keep(Array(UnsafeRawBufferPointer(start: bytes, count: count)), for: key)
      free(bytes)
    }
    return program
  }

  private static func open(
    _ driver: GPUDriver, _ index: Int, _ device: GPUDescription, _ binary: [UInt8]
  ) throws -> OpaquePointer {
    var program: OpaquePointer?, log = [CChar](repeating: 0, count: 1024)
    let status = binary.withUnsafeBytes {
      cgpu_program_open(driver.handle, Int32(index), binary.isEmpty ? nil : $0.baseAddress, $0.count, &program, &log)
    }
    guard let program else {
      let text = String(decoding: log.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let line = text.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
      throw DeviceFault("\(device.name): \(status.failure ?? "no program")\(line)")
    }
    return program
  }

  // MARK: - Shared programs

  private struct Key: Hashable {
    let interface: GPUInterface, index: Int
  }

  private static let opened = Mutex<[Key: GPUProgram]>([:])

  /// The program of a device of this machine, which is opened once.
  ///
  /// - Throws: As ``init(_:index:named:cache:)``.
  package static func shared(
    _ interface: GPUInterface, index: Int, named name: String, cache: (any BinaryCache)?
  ) throws -> GPUProgram {
    try opened.withLock { opened in
      let key = Key(interface: interface, index: index)
      if let program = opened[key] { return program }
      let program = try GPUProgram(GPUDriver.installed(interface), index: index, named: name, cache: cache)
      opened[key] = program
      return program
    }
  }

  /// Opens the device anew when it is next asked for: after a fault its context may be of no more use. After some of
  /// CUDA's no other of this process is either, and the fault says so.
  func forget() {
    Self.opened.withLock { opened in opened = opened.filter { $0.value !== self } }
  }
}
