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
  /// A folder in Diffusers' layout or a Hub id as given; nil for the demo model.
  public let path: String?

  /// The demo model, which is part of the program.
  public static let demo = ModelReference(path: nil)
  /// The name of the demo model. A folder of that name needs a path with a slash, such as `./ddpm-emoji-32`.
  public static let demoName = "ddpm-emoji-32"

  /// Creates a reference to a model by name, or to the demo model for nil, an empty name or ``demoName``.
  public init(_ name: String?) {
    self.init(path: name.flatMap { $0.isEmpty || $0 == Self.demoName ? nil : $0 })
  }

  private init(path: String?) { self.path = path }

  /// Its name in the header: the folder as given, the Hub id, or ``demoName``.
  public var name: String { path ?? Self.demoName }

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
