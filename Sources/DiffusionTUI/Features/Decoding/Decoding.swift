import DiffusionCore

/// The decoding of latents, one image at a time: what the user asked for, then the last sample of every finished run.
package struct Decoding: Sendable, Equatable {
  /// The image that the user asked for; nil if none is, or once there is it.
  fileprivate(set) var asked: DecodeRequest?
  /// The image that is being decoded.
  package fileprivate(set) var current: DecodeRequest?
  /// Those that failed or were stopped; they are decoded only if the user asks again.
  fileprivate var refused: Set<DecodeRequest> = []
}

extension State {
  /// Asks for the image of the latents on the screen, or says why there is none.
  mutating func askForDecoding() -> [Effect] {
    guard let run, let request = run.decodeRequest(view, at: position) else {
      notice = reasonAgainstDecoding
      return []
    }
    if inspection.channel(of: run.description.initialNoise) != nil {
      // The image has no such channel.
      inspection.channel = nil
    }
    guard run.decodedImage(view, at: position) == nil else {
      news = "this is the decoded image"
      return []
    }
    decoding.refused.remove(request)
    decoding.asked = request
    return []
  }

  private var reasonAgainstDecoding: String {
    guard let run else { return "there is no run yet: \(pressing(.run(.restart))) to start it" }
    guard run.description.latents != nil else {
      return "\(run.description.model.name) makes images without a decoder: this is the image"
    }
    return view == .modelOutput
      ? "the model output is no image: \(pressing(.display(.cycleView))) for x_t, which can be decoded"
      : "there is no \(view.label) yet: \(pressing(.playback(.stepForward))) to take the first step"
  }

  /// Requests what is to be decoded next. Steps come first: decoding stops for them, and goes on after them.
  mutating func followDecoding() -> [Effect] {
    if let asked = decoding.asked, !isOpen(asked) { decoding.asked = nil }
    var effects: [Effect] = []
    if let current = decoding.current, isComputing || isStarting || !isOpen(current) || isSuperseded(current) {
      decoding.current = nil
      effects.append(.cancelDecoding)
    }
    guard decoding.current == nil, !isComputing, !isStarting, let next = decoding.asked ?? nextDecoding else {
      return effects
    }
    decoding.current = next
    return effects + [.decode(next)]
  }

  /// Whether the user has asked for another image since.
  private func isSuperseded(_ request: DecodeRequest) -> Bool { decoding.asked.map { $0 != request } ?? false }

  /// The last sample of a finished run that is not decoded yet, the focused one's first.
  private var nextDecoding: DecodeRequest? {
    ([focus] + panes.indices).lazy.compactMap { panes[$0].run }.first {
      $0.awaitsImages && !decoding.refused.contains($0.lastRequest)
    }?.lastRequest
  }

  /// Whether a request is of a run on the screen.
  private func isOpen(_ request: DecodeRequest) -> Bool { panes.contains { $0.run?.number == request.run } }

  /// Keeps a decoded image, unless nobody waits for it any more.
  mutating func decoded(_ request: DecodeRequest, _ image: DecodedImage) {
    guard endDecoding(of: request), let index = panes.firstIndex(where: { $0.run?.number == request.run }) else {
      return
    }
    panes[index].run?.keep(image, of: request)
  }

  /// Reports an image that could not be decoded.
  mutating func decodingFailed(_ request: DecodeRequest, _ message: String) {
    guard endDecoding(of: request) else { return }
    decoding.refused.insert(request)
    notice = message
  }

  /// Whether a request was the current one, which it is no longer.
  private mutating func endDecoding(of request: DecodeRequest) -> Bool {
    guard decoding.current == request else { return false }
    decoding.current = nil
    if decoding.asked == request { decoding.asked = nil }
    return true
  }

  /// Stops the image that is being decoded, for good.
  mutating func stopDecoding() -> [Effect] {
    guard let current = decoding.current, endDecoding(of: current) else { return [] }
    decoding.refused.insert(current)
    notice = "the latents are not decoded: \(pressing(.inspect(.decode))) for the image"
    return [.cancelDecoding]
  }
}

/// What the picture of a run of latents shows, in words.
extension State {
  /// How a pane's picture came from its latents: `linear preview`, `decoded`, or what is on the way; nil for images.
  package func pictureKind(of index: Int, _ view: TensorView? = nil, channel: Int?) -> String? {
    guard let run = panes[index].run, run.description.latents != nil else { return nil }
    let (shown, position) = (view ?? self.view, panes[index].position)
    switch run.pictured(shown, at: position, channel: channel)?.source {
    case .decoded: return "decoded"
    case .linearPreview:
      let isCurrent = decoding.current == DecodeRequest(run: run.number, view: shown, position: position)
      return isCurrent ? "linear preview, decoding..." : "linear preview"
    case .values, nil: return nil
    }
  }

  /// What a pane's picture shows of its values, longest text first; empty if there is nothing to say.
  package func pictureSummary(of index: Int) -> [String] {
    if let kind = pictureKind(of: index, channel: inspection.channel) { return [kind] }
    guard let tensor = panes[index].run?.tensor(view, at: panes[index].position) else { return [] }
    return inspection.channelSummary(of: tensor)
  }
}
