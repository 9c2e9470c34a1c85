import DiffusionCore
import DiffusionTUI

/// Opens the explorer for a request, on the terminal or as a snapshot.
public struct ExplorerLauncher: Sendable {
  private let request: ExploreRequest
  private let modelName: String
  private let environment: [String: String]

  /// Makes a launcher.
  ///
  /// - Parameters:
  ///   - request: What was asked for.
  ///   - modelName: What people call the model.
  ///   - environment: The process's environment.
  public init(request: ExploreRequest, modelName: String, environment: [String: String]) {
    self.request = request
    self.modelName = modelName
    self.environment = environment
  }

  /// Opens the explorer on the terminal and returns when it is quit.
  ///
  /// - Parameter load: Opens the model; called off the terminal's thread, so that the screen stands before.
  /// - Throws: ``DiffusionError``: `usage` for a theme that is not there, `unavailable` without a terminal.
  public func explore(load: @escaping @Sendable () throws -> DDIMPipeline) throws {
    let library = try themes()
    var terminal = try NCursesTerminal(color: request.appearance.colorTier, environment: environment)
    defer { terminal.close() }
    var state = state(size: terminal.size, capabilities: terminal.capabilities, library: library)
    let effects = state.start()
    var explorer = Explorer(
      state: state, environment: .system(load: load), reduce: { reduce(&$0, $1) },
      view: { view($0, size: $1, capabilities: $2, theme: $0.theme) })
    explorer.run(on: &terminal, effects: effects)
  }

  /// Plays keys without a terminal.
  ///
  /// - Parameters:
  ///   - snapshot: The screen and the keys.
  ///   - pipeline: The model.
  ///   - checkCancellation: Asked before every block of the model; throws to stop there.
  /// - Returns: What the file shall hold.
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func snapshot(
    _ snapshot: SnapshotRequest, pipeline: DDIMPipeline, checkCancellation: @escaping @Sendable () throws -> Void
  ) throws -> String {
    let tier = request.appearance.colorTier ?? .trueColor
    let capabilities = TerminalCapabilities(colorTier: tier, unicode: true, reason: "snapshot")
    let state = state(size: snapshot.size, capabilities: capabilities, library: try themes())
    var player = SnapshotPlayer(
      state: state, engine: PipelineEngine(load: { pipeline }), drawSeed: RandomSeed.draw,
      checkCancellation: checkCancellation)
    let frame = try player.play(snapshot.keys)
    switch snapshot.format {
    case .svg: return FrameSVG(frame).text
    case .ansi: return FrameANSI(frame, tier: tier).text
    case .txt: return FrameText(frame).text
    }
  }

  private func themes() throws -> ThemeLibrary {
    let library = UserThemes.library(environment: environment)
    if let name = request.appearance.theme { _ = try library.theme(named: name) }
    return library
  }

  private func state(size: Size, capabilities: TerminalCapabilities, library: ThemeLibrary) -> State {
    State(
      size: size, capabilities: capabilities, modelName: modelName, settings: request.settings,
      others: request.others, themes: library.themes, themeName: request.appearance.theme,
      renderer: request.appearance.renderer, notice: library.notices.first)
  }
}
