/// A request for a run: its model and its settings.
public struct RunRequest: Sendable, Equatable {
  /// The model.
  public var model: ModelReference
  /// The settings that determine its result, and the device and threads.
  public var settings: RunSettings

  /// Creates a request; of the demo model by default.
  public init(model: ModelReference = .demo, settings: RunSettings) {
    (self.model, self.settings) = (model, settings)
  }

  /// The default of every setting.
  static let usual = RunRequest(settings: RunSettings(threads: 1))
}

/// The model of a run by name, not yet opened.
public struct ModelReference: Sendable, Hashable {
  /// Its name in the header: the folder as given, the Hub id, or that of a model that is part of the program.
  public let name: String
  /// A folder in Diffusers' layout or a Hub id as given; nil for a model that is part of the program.
  public var path: String? { Self.builtInNames.contains(name) ? nil : name }
  /// The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  public let variant: String?
  /// What tells it from other references.
  public var key: String { variant.map { "\(name) \($0)" } ?? name }

  /// The demo model, which is part of the program and takes no prompt.
  public static let demo = ModelReference(demoName)
  /// The name of the demo model. A folder of that name needs a path with a slash, such as `./ddpm-emoji-32`.
  public static let demoName = "ddpm-emoji-32"
  /// The demo model that takes a prompt, which is part of the program.
  public static let promptDemo = ModelReference(promptDemoName)
  /// The name of the demo model that takes a prompt.
  public static let promptDemoName = "sd-emoji-64"
  /// The names of the models that are part of the program.
  public static let builtInNames = [demoName, promptDemoName]

  /// Creates a reference to a model by name, or to the demo model for nil or an empty name.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - variant: The kind of weights that is preferred, such as `fp16`; nil for the usual one.
  public init(_ name: String?, variant: String? = nil) {
    self.name = name.flatMap { $0.isEmpty ? nil : $0 } ?? Self.demoName
    self.variant = variant
  }

  /// The model that settings mean where none is named: the demo model that takes a prompt if they have one.
  public init(meantBy settings: RunSettings) {
    let request = RunRequest(settings: settings)
    let speaks = Setting.ofPrompts.contains { $0 != .classLabels && !$0.isUsual(in: request) }
    self = speaks ? .promptDemo : .demo
  }

  /// The model that a file in a folder means by this name: what is beside the file, before what is in the working
  /// folder.
  ///
  /// - Parameter folder: The path of the folder.
  public func relative(to folder: String) -> ModelReference {
    guard let path, folder != ".", !path.hasPrefix("/"), !path.hasPrefix("~") else { return self }
    let beside = "\(folder)/\(path)", isPath = path.hasPrefix("./") || path.hasPrefix("../")
    let isMeant = FileAccess.kind(of: beside) != nil || isPath && FileAccess.kind(of: path) == nil
    return isMeant ? ModelReference(beside, variant: variant) : self
  }

  /// The last component of its name.
  public var shortName: String { ending(1) }

  /// A label that tells it from other models: as many of its name's last components as that takes.
  public func label(among others: [ModelReference]) -> String {
    let distinct = Set(others).subtracting([self])
    let count = (1...max(1, parts.count)).first { count in
      !distinct.contains { $0.ending(count) == ending(count) }
    }
    return count.map(ending) ?? name
  }

  private var parts: [Substring] { name.split(separator: "/") }

  /// The last components of its name; its name if there are none.
  private func ending(_ count: Int) -> String {
    parts.isEmpty ? name : parts.suffix(count).joined(separator: "/")
  }
}
