import DiffusionCore

/// The attention maps of a step, which are computed while they are looked at.
package struct Attention: Sendable, Equatable {
  /// The maximum number of steps whose maps are kept.
  package static let capacity = 32

  /// The maps that are being computed.
  package fileprivate(set) var current: AttentionRequest?
  /// Why the maps of a step could not be computed; they are asked for again when the view is opened again.
  fileprivate var failures: [AttentionRequest: String] = [:]
  private var maps: [AttentionRequest: TokenMaps] = [:]
  /// Oldest first.
  private var order: [AttentionRequest] = []

  /// The maps of a step; nil if they are not computed, or no longer kept.
  package subscript(request: AttentionRequest) -> TokenMaps? { maps[request] }

  /// Keeps maps, in place of the oldest if there are too many.
  fileprivate mutating func keep(_ own: TokenMaps, of request: AttentionRequest) {
    order.removeAll { $0 == request }
    order.append(request)
    maps[request] = own
    if order.count > Self.capacity { maps[order.removeFirst()] = nil }
  }

  /// Drops the maps and failures of runs that are no longer open.
  fileprivate mutating func drop(unless isOpen: (AttentionRequest) -> Bool) {
    failures = failures.filter { isOpen($0.key) }
    maps = maps.filter { isOpen($0.key) }
    order.removeAll { !isOpen($0) }
  }
}

/// Whose map is chosen, and how it is shown.
package struct AttentionChoice: Sendable, Equatable {
  /// The index of the token.
  package var token = 0
  /// Whether it alone is shown, over a large picture.
  package var isLarge = false

  package init(token: Int = 0, isLarge: Bool = false) { (self.token, self.isLarge) = (max(0, token), isLarge) }
}

/// Attention of the step under the cursor.
extension State {
  /// The maps to show; nil if there are none yet.
  package var tokenMaps: TokenMaps? { attentionRequest.flatMap { attention[$0] } }

  /// The request for the maps of the step under the cursor; nil if it has none.
  package var attentionRequest: AttentionRequest? {
    guard let run, run.description.takesPrompt, run.history.indices.contains(position - 1) else { return nil }
    return AttentionRequest(run: run.number, position: position)
  }

  /// Why there are no maps to show, in one line; nil if there are some.
  package var reasonAgainstAttention: String? {
    guard let run else { return absence }
    guard run.description.takesPrompt else {
      return "\(run.description.model.name) reads no prompt: it has no tokens to attend to"
    }
    guard let request = attentionRequest else {
      return "not yet: \(pressing(.playback(.stepForward))) to take the first step"
    }
    if let failure = attention.failures[request] { return failure }
    guard attention[request] == nil else { return nil }
    return isComputing ? "after the step that is being computed" : "computing the attention of step \(position)"
  }

  /// Opens the view, or closes it; one that something covers comes to the top.
  mutating func toggleAttention() {
    guard !showsAttention else { return close(.attention) }
    attention.failures = [:]
    open(.attention(attentionChoice ?? AttentionChoice()))
  }

  /// Requests the maps of the step under the cursor while they are looked at. Steps and decoding come first: the maps
  /// are asked for again after them.
  mutating func followAttention() -> [Effect] {
    attention.drop { request in panes.contains { $0.run?.number == request.run } }
    let isWaiting = isComputing || isStarting || decoding.current != nil || decoding.asked != nil
    let isCovered = isInGallery || isInSweep || helpScroll != nil
    let wanted = showsAttention && !isCovered && !isWaiting ? attentionRequest : nil
    var effects: [Effect] = []
    if let current = attention.current, current != wanted {
      attention.current = nil
      effects.append(.cancelAttention)
    }
    guard attention.current == nil, let wanted, attention[wanted] == nil, attention.failures[wanted] == nil else {
      return effects
    }
    attention.current = wanted
    return effects + [.attend(wanted)]
  }

  /// Keeps maps, unless nobody waits for them any more.
  mutating func attended(_ request: AttentionRequest, _ maps: TokenMaps) {
    guard attention.current == request else { return }
    attention.current = nil
    attention.keep(maps, of: request)
  }

  /// Keeps why maps could not be computed.
  mutating func attentionFailed(_ request: AttentionRequest, _ message: String) {
    guard attention.current == request else { return }
    attention.current = nil
    attention.failures[request] = message
  }

  /// Handles a key press in the view; returns nil for a key that it passes on.
  mutating func press(_ key: Key, in choice: AttentionChoice) -> [Effect]? {
    guard showsAttention, let count = tokenMaps?.tokens.count, count > 0 else { return nil }
    var choice = choice
    let token = min(choice.token, count - 1)
    switch listKey(key) {
    case .up: choice.token = max(0, token - 1)
    case .down: choice.token = min(count - 1, token + 1)
    case .enter: choice.isLarge.toggle()
    default: return nil
    }
    update(.attention(choice))
    return []
  }
}
