import DiffusionCore

/// Computes a gallery's images on a session's thread, one step at a time, so that requests from panes can come in
/// between. Belongs to the terminal's thread; its method does not wait.
final class GalleryRunner {
  private let session: DenoisingSession
  private let mailbox: Mailbox
  private let now: @Sendable () -> Duration
  private var task: Task<Void, Never>?

  /// Creates an idle runner.
  init(session: DenoisingSession, mailbox: Mailbox, now: @escaping @Sendable () -> Duration) {
    self.session = session
    self.mailbox = mailbox
    self.now = now
  }

  /// Stops the current computation, and starts another if the effect requests one.
  func carryOut(_ effect: GalleryEffect) {
    task?.cancel()
    task = nil
    guard case .develop(let request) = effect else { return }
    task = Task.detached(executorPreference: session.executor) { [session, mailbox, now] in
      var request = request
      while !request.entries.isEmpty {
        // Throws only when stopped, and then nobody waits for an answer.
        guard let advance = try? await session.develop(request, now: now) else { return }
        mailbox.post(.galleryAdvanced(advance))
        request = advance.request
        await Task.yield()
      }
    }
  }
}
