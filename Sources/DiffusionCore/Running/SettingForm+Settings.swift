// The values of the settings that are more than a number or a name.

extension SettingForm {
  /// The form with a further check of its values against the other settings.
  func refusing(_ check: @escaping @Sendable (Value, RunRequest) throws -> Void) -> SettingForm {
    SettingForm(expected, short: shortHint, write: write) { [read] value, scope in
      let found = try read(value, scope)
      if let found { try check(found, scope.request) }
      return found
    }.with { ($0.parse, $0.print, $0.names, $0.choices) = (parse, print, names, choices) }
  }
}

extension SettingForm where Value == Seed {
  /// A seed: a number, or its digits, since numbers in TOML cannot hold them all.
  static let seed = SettingForm({ _ in "a whole number from -2^63 to 2^64-1" }) { _ in
    "a whole number"
  } write: {
    .integer($0.number)
  } read: { value, _ in
    switch value {
    case .integer(let number): try? Seed(parsing: "\(number)")
    case .text(let digits): try? Seed(parsing: digits)
    default: nil
    }
  }.with { $0.parse = { text in Int128(text).map { .integer($0) } ?? .text(text) } }
}

extension SettingForm where Value == [Seed] {
  /// A seed, or a list of seeds.
  static let seeds = SettingForm(SettingForm<Seed>.seed.expected, short: SettingForm<Seed>.seed.shortHint) {
    .list($0.map(SettingForm<Seed>.seed.write))
  } read: { value, scope in
    guard case .list(let values) = value else { return try SettingForm<Seed>.seed.read(value, scope).map { [$0] } }
    guard !values.isEmpty else { throw DiffusionError(.usage, "there is no seed: expected at least one") }
    let seeds = try values.compactMap { try SettingForm<Seed>.seed.read($0, scope) }
    return seeds.count == values.count && seeds.count <= scope.limits.images ? seeds : nil
  }.with {
    $0.parse = { text in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int128($0) }
      guard parts.count > 1, !parts.contains(nil) else { return SettingForm<Seed>.seed.parse(text) }
      return .list(parts.compactMap { $0.map { .integer($0) } })
    }
  }
}

extension SettingForm where Value == String {
  /// A scheduler, by its short name.
  static let scheduler = SettingForm.name(
    of: SchedulerClass.all.map(\.shortName), write: { $0 }
  ) { name, _ in
    SchedulerClass.find(name)?.shortName
  }.with { $0.names = SchedulerClass.names }
}

extension SettingForm where Value == Device {
  /// A device by its name. `cpu` keeps the instruction set that it has in the request. A demonstration is not among the
  /// choices: it must be named.
  static let device = SettingForm.name(of: Device.labels, write: \.description) { name, scope in
    do {
      return try scope.request.settings.device.named(name)
    } catch let error as DiffusionError where error.kind == .usage {
      return nil
    }
  }.with {
    let usual = DeviceEntry.all.filter { $0.open != nil && $0.demonstration == nil }.map(\.name)
    $0.hint = { _ in usual.joined(separator: ", ") }
    $0.choices = Device.available.map(\.description)
    // Drivers are loaded when someone looks for their devices, not at every start.
    $0.moreChoices = { Device.installed.map(\.description) }
    $0.names = Device.names
  }
}

extension SettingForm where Value == Double {
  /// The strength of a variation.
  static let strength = decimal(0...1)
}

extension SettingForm where Value == PictureReference {
  /// The path of a picture, or the name of the built-in one. One that would read as a number has a folder before it.
  static let picture = named(
    "a PNG file, or \(PictureReference.demoName)", short: "file, \(PictureReference.demoName)", \.name
  ) { PictureReference($0) }
}

extension SettingForm where Value == ModelReference {
  /// A folder, the name of a model on the Hub, or that of the demo model.
  static let model = named(
    "a folder, a Hub id such as owner/name, \(ModelReference.builtInNames.joined(separator: " or "))",
    short: "folder, Hub id", \.name
  ) { ModelReference($0) }
}

extension SettingForm {
  /// What a text names: any but an empty or blank one.
  private static func named(
    _ hint: String, short: String, _ name: any KeyPath<Value, String> & Sendable,
    make: @escaping @Sendable (String) -> Value
  ) -> SettingForm {
    SettingForm({ _ in hint }) { _ in
      short
    } write: {
      .text($0[keyPath: name])
    } read: { value, _ in
      guard case .text(let text) = value, text.contains(where: { $0 != " " }) else { return nil }
      return make(text)
    }
  }
}

extension SettingForm where Value == Double? {
  /// The strength of a picture; nothing without one.
  static let pictureStrength = SettingForm({ _ in "a decimal from 0 to 1" }, short: { _ in "0 to 1" }) {
    $0.map { SettingValue(number: $0) } ?? .null
  } read: { value, scope in
    if value == .null { return .some(nil) }
    guard let strength = try SettingForm<Double>.strength.read(value, scope) else { return nil }
    guard scope.request.settings.initImage != nil else {
      throw DiffusionError(
        .usage, "strength \(value.text) has no picture to work on: give one with --image FILE, or as init_image")
    }
    return strength
  }.with {
    $0.parse = { $0 == "none" ? .null : SettingValue(decimal: $0) }
    $0.print = { $0 == .null ? "none" : $0.text }
  }
}

extension SettingForm where Value == NoiseVariation? {
  /// A table with a seed and a strength; typed as `7 0.35`, or `off` for none.
  static let variation = SettingForm(
    { _ in "another seed and a strength from 0 to 1, such as 7 0.35; or off" }, short: { _ in "7 0.35, off" }
  ) { variation in
    variation.map { ["seed": .integer($0.seed.number), "strength": SettingValue(number: $0.strength)] }.map {
      .table($0)
    } ?? .null
  } read: { value, scope in
    if value == .null { return .some(nil) }
    guard case .table(let parts) = value, Set(parts.keys).isSubset(of: ["seed", "strength"]) else { return nil }
    func part<Part>(_ key: String, _ form: SettingForm<Part>) throws -> Part {
      let value = parts[key] ?? .null
      guard let part = try form.read(value, scope) else {
        throw DiffusionError(value.fault("variation_\(key)", expected: form.expected(scope)))
      }
      return part
    }
    return NoiseVariation(seed: try part("seed", .seed), strength: try part("strength", .strength))
  }.with {
    $0.parse = { text in
      if text == "off" { return .null }
      let words = text.split(separator: " ").filter { $0 != "x" }.map(String.init)
      guard words.count == 2, let seed = words.first, let strength = words.last else { return .text(text) }
      return .table(["seed": SettingForm<Seed>.seed.parse(seed), "strength": SettingValue(decimal: strength)])
    }
    $0.print = { value in
      guard case .table(let parts) = value else { return "off" }
      return "\((parts["seed"] ?? .null).text) x \((parts["strength"] ?? .null).text)"
    }
  }
}
