import DiffusionCore

/// Computes a gallery's images on a session's thread, a step at a time, so that what panes ask for comes in between.
/// Belongs to the terminal's thread; its method does not wait.
final class GalleryRunner {
  private let session: DenoisingSession
  private let mailbox: Mailbox
  private let now: @Sendable () -> Duration
  private var task: Task<Void, Never>?

  /// Makes one that has nothing to do.
  init(session: DenoisingSession, mailbox: Mailbox, now: @escaping @Sendable () -> Duration) {
    self.session = session
    self.mailbox = mailbox
    self.now = now
  }

  /// Stops what is computed, and goes on as it is told.
  func carryOut(_ effect: GalleryEffect) {
    task?.cancel()
    task = nil
    guard case .develop(let request) = effect else { return }
    task = Task.detached(executorPreference: session.executor) { [session, mailbox, now] in
      var request = request
      while !request.seeds.isEmpty {
        // Throws only where it was stopped, and nobody waits for an answer.
        guard let advance = try? await session.develop(request, now: now) else { return }
        mailbox.post(.galleryAdvanced(advance))
        request = advance.request
        await Task.yield()
      }
    }
  }
}
