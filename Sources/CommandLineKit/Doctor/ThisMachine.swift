import DiffusionCore
import Glibc

extension ReceiptMachine {
  /// This machine by its host name and its processor.
  ///
  /// - Parameter cpuinfo: The text of `/proc/cpuinfo`; empty if it cannot be read.
  public static func named(cpuinfo: String) -> ReceiptMachine {
    var name = [CChar](repeating: 0, count: 256)
    // The last byte stays 0.
    let isKnown = gethostname(&name, name.count - 1) == 0
    let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return ReceiptMachine(
      name: isKnown && !host.isEmpty ? host : "unknown",
      processor: cpuinfo.isEmpty ? nil : CPUFeatures(cpuinfo: cpuinfo).model)
  }
}
