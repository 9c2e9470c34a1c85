import DiffusionCore
import DiffusionTUI
import Glibc

/// What `--version` prints: the version alone on the first line, for scripts, then what else tells two programs apart.
public struct VersionReport: Sendable {
  /// How the program was compiled.
  let build: String
  /// The SHA-256 of the program's file; nil where it cannot be read.
  let digest: String?
  /// Every device that can compute here, with what it computes with.
  let devices: [String]

  /// Asks the program, the processor and the drivers.
  public init() {
    self.init(
      build: "\(Self.configuration), \(Self.architecture), Swift's library \(Self.isStatic ? "inside" : "beside it")",
      digest: try? ContentHash.sha256(contentsOf: "/proc/self/exe"),
      devices: (Device.available + Device.installed).map { device in
        let name = "\(device)", set = device.instructionSet
        return name.hasSuffix(":\(set)") ? name : "\(name) (\(set))"
      })
  }

  init(build: String, digest: String?, devices: [String]) {
    (self.build, self.digest, self.devices) = (build, digest, devices)
  }

  /// The report; without a line feed at its end.
  public var text: PrintedText {
    var lines: [PrintedText] = [
      "\(ProgramVersion.current)", "engine  \(EngineVersion.current)", "build   \(build)",
    ]
    if let digest { lines.append("sha256  \(digest)") }
    lines.append("devices \(devices.joined(separator: ", "))")
    return lines.joined(separator: "\n")
  }

  private static var configuration: String {
    #if DEBUG
    "debug"
    #else
    "release"
    #endif
  }

  private static var architecture: String {
    #if arch(x86_64)
    "x86_64"
    #elseif arch(arm64)
    "arm64"
    #else
    "another processor"
    #endif
  }

  /// Whether the program has Swift's standard library in its own file.
  private static var isStatic: Bool {
    guard let library = dlopen("libswiftCore.so", RTLD_LAZY | RTLD_NOLOAD) else { return true }
    dlclose(library)
    return false
  }
}
