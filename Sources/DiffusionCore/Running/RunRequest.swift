/// A run as it is asked for: of which model, and with which settings.
public struct RunRequest: Sendable, Equatable {
  /// The model.
  public var model: ModelReference
  /// Everything else that decides its result, and what computes it.
  public var settings: RunSettings

  /// Describes a run; of the demo model unless another is named.
  public init(model: ModelReference = .demo, settings: RunSettings) {
    (self.model, self.settings) = (model, settings)
  }

  /// What holds where nothing is said.
  static let usual = RunRequest(settings: RunSettings(threads: 1))
}

/// Which model a run is of: as it was named, not yet opened.
public struct ModelReference: Sendable, Hashable {
  /// A folder in Diffusers' layout or a Hub id as it was named; nil for the demo model.
  public let path: String?

  /// The demo model, which is part of the program.
  public static let demo = ModelReference(path: nil)
  /// What the demo model is called. A folder of that name is named by a path with a slash, such as `./ddpm-emoji-32`.
  public static let demoName = "ddpm-emoji-32"

  /// A model as it was named, or the demo model for nil, for no name and for ``demoName``.
  public init(_ name: String?) {
    self.init(path: name.flatMap { $0.isEmpty || $0 == Self.demoName ? nil : $0 })
  }

  private init(path: String?) { self.path = path }

  /// What the header calls it: the folder as it was named, the Hub id, or ``demoName``.
  public var name: String { path ?? Self.demoName }

  /// The last part of its name.
  public var shortName: String { ending(1) }

  /// What it is called beside others: as many of the last parts of its name as tell it from them.
  public func label(among others: [ModelReference]) -> String {
    let rivals = Set(others).subtracting([self])
    let count = (1...max(1, parts.count)).first { count in
      !rivals.contains { $0.ending(count) == ending(count) }
    }
    return count.map(ending) ?? name
  }

  private var parts: [Substring] { name.split(separator: "/") }

  /// The last parts of its name; its name where there are none.
  private func ending(_ count: Int) -> String {
    parts.isEmpty ? name : parts.suffix(count).joined(separator: "/")
  }
}
