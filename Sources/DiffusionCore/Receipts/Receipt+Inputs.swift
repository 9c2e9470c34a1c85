/// Comparisons that need no run.
extension Receipt {
  /// A note for a receipt from another version of the arithmetic; nil if the versions match.
  ///
  /// - Parameter version: The version of the engine.
  public func engineNote(version: String = EngineVersion.current) -> String? {
    guard computedBy.engineVersion != version else { return nil }
    return "the receipt was made by version \(computedBy.engineVersion) of the engine, this is version \(version): "
      + "the bits may differ for that alone"
  }

  /// Notes for a receipt, or a check, by a demonstration.
  ///
  /// - Parameters:
  ///   - device: The device that repeats the run.
  ///   - threads: Its number of threads.
  public func demonstrationNotes(device: Device, threads: Int) -> [String] {
    [demonstrationNote, device.demonstrationNote(threads: threads)].compactMap { $0 }
  }

  /// A note for a receipt by a demonstration; nil for another.
  package var demonstrationNote: String? {
    computedBy.demonstration.map { what in
      "the receipt was made by \(computedBy.demonstrator), \(Device.outsideOfContract) (\(what)): "
        + "--device \(computedBy.device) --threads \(computedBy.threads) repeats it"
    }
  }

  /// The sections that were changed after the receipt was written, as one difference.
  public func changeDifference() throws -> ReceiptDifference? {
    let sections = try changedSections()
    guard !sections.isEmpty else { return nil }
    let names = sections.map { "'\($0)'" }.joined(separator: ", ")
    let verb = sections.count == 1 ? "section \(names) does" : "sections \(names) do"
    return ReceiptDifference(
      .receipt,
      message: "the receipt was changed after it was written: \(verb) not give the digest that was written with it")
  }

  /// The first file that differs from the receipt's, is missing, or is new.
  public func difference(from found: ReceiptModel) -> ReceiptDifference? {
    let hashes = Dictionary(found.files.map { ($0.name, $0.sha256) }, uniquingKeysWith: { first, _ in first })
    for file in model.files {
      guard let sha256 = hashes[file.name] else {
        return ReceiptDifference(
          .model, expected: file.sha256,
          message: "the model differs: \(found.id) has no \(file.name), which the receipt names")
      }
      guard sha256 != file.sha256 else { continue }
      return ReceiptDifference(
        .model, expected: file.sha256, found: sha256,
        message: "the model differs: \(file.name) of \(found.id) has sha256 \(sha256), the receipt's has \(file.sha256)"
      )
    }
    guard let new = found.files.first(where: { file in !model.files.contains { $0.name == file.name } }) else {
      return nil
    }
    return ReceiptDifference(
      .model, found: new.sha256, message: "the model differs: the receipt has no \(new.name), which \(found.id) has")
  }

  /// Whether a picture is another file than the receipt's.
  public func difference(from found: PictureRecord?) -> ReceiptDifference? {
    guard let picture, picture.sha256 != found?.sha256 else { return nil }
    let here = found.map { "\($0.name) has sha256 \($0.sha256)" } ?? "there is none"
    return ReceiptDifference(
      .picture, expected: picture.sha256, found: found?.sha256,
      message: "the picture differs: \(here), \(picture.name) of the receipt had \(picture.sha256)")
  }

  /// The first scheduler option whose value differs from the receipt's.
  public func difference(from found: ReceiptScheduler) throws -> ReceiptDifference? {
    guard found != scheduler else { return nil }
    guard found.name == scheduler.name else {
      return ReceiptDifference(
        .scheduler, expected: scheduler.name, found: found.name,
        message: "the scheduler differs: it is \(found.name), the receipt's is \(scheduler.name)")
    }
    let options = try ReceiptJSON.options(of: found.config), expected = try ReceiptJSON.options(of: scheduler.config)
    let name = options.keys.sorted().first { options[$0] != expected[$0] } ?? "config"
    let (here, there) = (options[name] ?? "", expected[name] ?? "")
    return ReceiptDifference(
      .scheduler, expected: there, found: here,
      message: "the scheduler differs: \(name) is \(here), the receipt's is \(there)")
  }
}

extension ReceiptComputer {
  /// What demonstrates: the device, or one behind a branch too.
  package var demonstrator: String {
    let isOfDevice = DeviceEntry.all.contains { $0.name == device && $0.demonstration != nil }
    return isOfDevice ? device : "\(device) and a branch's device"
  }
}

extension Device {
  /// What a demonstration is.
  package static var outsideOfContract: String { "a demonstration outside of the numerics contract" }

  /// A note for a check by a demonstration; nil for another device.
  ///
  /// - Parameter threads: Its number of threads.
  package func demonstrationNote(threads: Int) -> String? {
    demonstration.map { what in
      "checked with \(self) --threads \(threads), \(Self.outsideOfContract) (\(what)): this says nothing about the "
        + "engine's bits"
    }
  }
}
