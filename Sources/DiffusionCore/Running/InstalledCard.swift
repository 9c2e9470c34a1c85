import GPUKernels

/// An NVIDIA card of this machine, as its driver describes it: what the noise of its CUDA generator depends on.
public struct InstalledCard: Sendable, Equatable {
  /// Its name: `NVIDIA RTX A4000`.
  public let name: String
  /// Its number of streaming multiprocessors.
  public let multiprocessors: Int
  /// The number of threads that each of them holds.
  public let threadsPerMultiprocessor: Int

  /// Describes a card.
  package init(name: String, multiprocessors: Int, threadsPerMultiprocessor: Int) {
    (self.name, self.multiprocessors) = (name, multiprocessors)
    self.threadsPerMultiprocessor = threadsPerMultiprocessor
  }

  /// The card of a driver's device; nil where the driver does not say the numbers.
  package init?(_ description: GPUDescription) {
    guard LaunchGrid.multiprocessorRange.contains(description.multiprocessors),
      LaunchGrid.threadRange.contains(description.threadsPerMultiprocessor)
    else { return nil }
    self.init(
      name: description.name, multiprocessors: description.multiprocessors,
      threadsPerMultiprocessor: description.threadsPerMultiprocessor)
  }

  /// The first card of this machine; nil if there is none. Its driver is loaded when this is first asked for.
  public static func first() -> InstalledCard? {
    (try? GPUDevices.all(.cuda))?.first.flatMap { InstalledCard($0) }
  }
}

extension SettingValues {
  /// Sets the numbers of a card of this machine where CUDA's noise is asked for, and no card.
  ///
  /// - Parameters:
  ///   - request: The run that these values were assigned to.
  ///   - card: Finds the card; asked only where it is wanted.
  public func takeInstalledCard(in request: inout RunRequest, _ card: () -> InstalledCard?) {
    guard self[.generatorDevice] != nil, request.settings.generatorDevice == .cuda,
      ![Setting.gpuModel, .multiprocessors, .threadsPerMultiprocessor].contains(where: { self[$0] != nil }),
      let card = card()
    else { return }
    request.settings.take(card)
  }
}

extension InstalledCard {
  /// Stands for the card of this machine until its driver is asked, which takes time: whoever starts the run asks it.
  static let sought = InstalledCard(name: "", multiprocessors: 0, threadsPerMultiprocessor: 0)
}

extension RunRequest {
  /// Asks for the card of this machine where an edit asks for CUDA's noise and no card is named.
  ///
  /// - Parameter former: The run before the edit.
  package mutating func seekInstalledCard(insteadOf former: RunRequest) {
    guard former.settings.generatorDevice != .cuda, settings.generatorDevice == .cuda, namesNoCard else { return }
    settings.installedCard = .sought
  }

  /// The request with the numbers of this machine's card, where it asks for them.
  ///
  /// - Parameter card: Finds the card; asked only where it is wanted.
  func takingSoughtCard(_ card: () -> InstalledCard?) -> RunRequest {
    guard settings.installedCard == .sought else { return self }
    var request = self
    request.settings.installedCard = nil
    guard settings.generatorDevice == .cuda, namesNoCard, let card = card() else { return request }
    request.settings.take(card)
    return request
  }

  /// Whether it has neither a card nor numbers of one.
  private var namesNoCard: Bool {
    settings.gpuModel == nil && settings.threadsPerMultiprocessor == nil
      && settings.multiprocessors == Self.usual.settings.multiprocessors
  }
}

extension RunSettings {
  /// Sets the numbers of a card of this machine.
  fileprivate mutating func take(_ card: InstalledCard) {
    (gpuModel, installedCard) = (nil, card)
    (multiprocessors, threadsPerMultiprocessor) = (card.multiprocessors, card.threadsPerMultiprocessor)
  }
}
