import DiffusionCore
import DiffusionTUI

/// Examines everything that the program depends on, without running a model.
public struct Doctor {
  private let environment: [String: String]
  private let files: FileSystem
  private let survey: (ColorTier?) -> TerminalSurvey
  private let cpuinfo: String
  private let threads: Int
  private let sources: [ModelSource]
  private let expectedHashes: [String: String]
  private let folders: UserFolders

  /// Creates a doctor for this machine.
  ///
  /// - Parameters:
  ///   - environment: The environment of the process.
  ///   - cpuinfo: The text of `/proc/cpuinfo`.
  ///   - threads: The default number of threads.
  ///   - sources: The demo models.
  ///   - expectedHashes: The SHA-256 of each of their files, by its path.
  public init(
    environment: [String: String], cpuinfo: String, threads: Int, sources: [ModelSource],
    expectedHashes: [String: String]
  ) {
    self.init(
      environment: environment, files: .system(),
      survey: { TerminalSurvey.system(color: $0, environment: environment) }, cpuinfo: cpuinfo, threads: threads,
      sources: sources, expectedHashes: expectedHashes)
  }

  /// Creates a doctor for any machine.
  package init(
    environment: [String: String], files: FileSystem, survey: @escaping (ColorTier?) -> TerminalSurvey, cpuinfo: String,
    threads: Int, sources: [ModelSource], expectedHashes: [String: String]
  ) {
    self.environment = environment
    self.files = files
    self.survey = survey
    self.cpuinfo = cpuinfo
    self.threads = threads
    self.sources = sources
    self.expectedHashes = expectedHashes
    folders = UserFolders(environment: environment)
  }

  /// Examines everything.
  public func report() -> DoctorReport {
    let configuration = Result { try ConfigurationFile.load(folders, files: files) }
    let terminal = survey((try? configuration.get())?.appearance.colorTier)
    let features = CPUFeatures(cpuinfo: cpuinfo)
    return DoctorReport(
      paths: paths, terminal: Self.described(terminal), renderers: Self.renderers(terminal),
      processor: DoctorReport.Processor(
        model: features.model, features: features.present, missingFeatures: features.missing, threads: threads),
      devices: devices,
      checks: [configurationCheck(configuration), themesCheck, stateCheck, sessionCheck, terminalCheck(terminal)]
        + [deviceCheck] + modelChecks,
      engineVersion: EngineVersion.current)
  }

  // MARK: - Facts

  private var paths: [DoctorReport.Place] {
    let cache = HubCache(environment: environment).folder
    return [
      ("config", folders.configurationFile), ("themes", folders.themes), ("session", folders.sessionFile),
      ("Hub cache", cache),
    ].map { name, path in
      DoctorReport.Place(
        name: name, path: path,
        state: path.map { FileAccess.kind(of: $0) == nil ? "not there" : "there" } ?? "unknown")
    }
  }

  private static func described(_ terminal: TerminalSurvey) -> DoctorReport.Terminal {
    DoctorReport.Terminal(
      term: terminal.term, inputIsTerminal: terminal.inputIsTerminal, outputIsTerminal: terminal.outputIsTerminal,
      columns: terminal.size?.columns, rows: terminal.size?.rows, locale: terminal.locale, isUTF8: terminal.unicode,
      isLocaleInstalled: terminal.isLocaleInstalled, colorTier: terminal.color.tier.rawValue,
      colorReason: terminal.color.reason)
  }

  private static func renderers(_ terminal: TerminalSurvey) -> [DoctorReport.Capability] {
    let capabilities = TerminalCapabilities(
      colorTier: terminal.color.tier, unicode: terminal.unicode, pixelGraphics: terminal.pixels.isOn)
    return ImageRendererKind.allCases.map { kind in
      let isAvailable = kind.isAvailable(on: capabilities)
      let reason = kind == .kitty ? " (\(terminal.pixels.reason))" : ""
      return DoctorReport.Capability(
        name: kind.rawValue, isAvailable: isAvailable,
        detail: (isAvailable ? kind.summary : "needs \(kind.requirement)") + reason)
    }
  }

  /// Those that the engine knows, then the further ones of drivers; these are opened, since only that proves them.
  private var devices: [DoctorReport.Capability] {
    let further = Device.installed.map(\.description).filter { !Device.knownNames.contains($0) }
    return (Device.knownNames + further).map { name in
      do {
        let device = try Device(parsing: name, environment: environment)
        if device.hardware != nil { try device.prove() }
        return DoctorReport.Capability(name: name, isAvailable: true, detail: device.summary)
      } catch {
        return DoctorReport.Capability(name: name, isAvailable: false, detail: "\(error)")
      }
    }
  }

  // MARK: - Checks

  private func check(_ name: String, _ problem: String?, passed: String = "") -> DoctorReport.Check {
    DoctorReport.Check(name: name, isPassed: problem == nil, detail: problem ?? passed)
  }

  private func configurationCheck(_ result: Result<Configuration, any Error>) -> DoctorReport.Check {
    guard case .failure(let error) = result else { return check("config.toml", nil) }
    return check("config.toml", "\(error)")
  }

  private var themesCheck: DoctorReport.Check {
    let library = UserThemes.library(folders, files: files)
    let problems = library.notices.isEmpty ? nil : library.notices.joined(separator: "; ")
    return check("themes", problems, passed: "\(library.themes.count) can be picked")
  }

  /// The session's folder, or the nearest existing one above it, must be writable.
  private var stateCheck: DoctorReport.Check {
    guard let folder = folders.state else { return check("state folder", "HOME is not set") }
    var place = folder
    while FileAccess.kind(of: place) == nil, place != "/", place != "." { place = FileAccess.parent(of: place) }
    return check("state folder", SystemCall.isWritableFolder(place) ? nil : "\(folder): \(place) cannot be written to")
  }

  private var sessionCheck: DoctorReport.Check {
    let model = ModelReference.demoName
    let notice = folders.sessionFile.flatMap { SessionStore(path: $0, files: files).load(model: model).notice }
    return check("session", notice)
  }

  /// A missing terminal is not a failure; one that the explorer cannot use is.
  private func terminalCheck(_ terminal: TerminalSurvey) -> DoctorReport.Check {
    guard terminal.outputIsTerminal else {
      return check("terminal", nil, passed: "not looked at: output is no terminal")
    }
    guard let term = terminal.term else {
      return check("terminal", "TERM is not set: expected one such as xterm-256color")
    }
    return check("terminal", terminal.isKnown ? nil : "terminfo does not know TERM='\(term)'")
  }

  private var deviceCheck: DoctorReport.Check {
    do {
      let device = try Device.cpu(environment: environment)
      return check("device", nil, passed: "cpu computes with \(device.instructionSet)")
    } catch {
      return check("device", "\(error)")
    }
  }

  private var modelChecks: [DoctorReport.Check] { sources.flatMap(checks(of:)) }

  private func checks(of source: ModelSource) -> [DoctorReport.Check] {
    do {
      return try source.files().map { file in
        let found = try file.sha256()
        let expected = expectedHashes[file.path] ?? "none"
        return check(file.path, found == expected ? nil : "SHA-256 is \(found): expected \(expected)", passed: found)
      }
    } catch {
      return [check(source.name, "\(error)")]
    }
  }
}
