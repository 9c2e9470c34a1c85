import CNCurses
import Dispatch
import Glibc
import Synchronization

/// Looks into the folder of a sweep again and again, on a thread of its own, and posts what changed. Belongs to the
/// terminal's thread; its methods do not wait.
final class SweepWatcher {
  /// The number of the request that is wanted; nil for none.
  private final class Wanted: Sendable {
    private let number = Mutex<Int?>(nil)

    func set(_ wanted: Int?) { number.withLock { $0 = wanted } }

    func isStill(_ wanted: Int) -> Bool { number.withLock { $0 == wanted } }
  }

  /// The shortest time between two looks, in microseconds. A large folder is left alone ten times as long as a look at
  /// it takes.
  private static let pause = 500_000
  /// How soon the end of a watch is noticed, in microseconds.
  private static let patience = 50_000

  private let read: SweepReader
  private let mailbox: Mailbox
  private let queue = DispatchQueue(label: "sweep")
  private let wanted = Wanted()

  /// Creates an idle watcher.
  init(read: @escaping SweepReader, mailbox: Mailbox) {
    (self.read, self.mailbox) = (read, mailbox)
  }

  /// Stops what it watches, and watches another folder if the effect asks for one.
  func carryOut(_ effect: SweepEffect) {
    switch effect {
    case .stop: stop()
    case .watch(let request):
      wanted.set(request.number)
      queue.async { [read, mailbox, wanted] in
        cnc_use_alternate_stack()
        cnc_yield_to_terminal()
        Self.watch(request, read, mailbox, while: { wanted.isStill(request.number) })
      }
    }
  }

  /// Stops watching.
  func stop() { wanted.set(nil) }

  /// Looks into the folder as long as that is wanted.
  private static func watch(
    _ request: SweepWatch, _ read: SweepReader, _ mailbox: Mailbox, while isWanted: () -> Bool
  ) {
    let clock = ContinuousClock()
    var known: Set<Int> = []
    var last: SweepFinding?
    while isWanted() {
      let start = clock.now
      let found = read(request, known)
      guard isWanted() else { return }
      known.formUnion(found.pictures.keys)
      if found != last { mailbox.post(.sweepFound(found)) }
      last = found
      let spent = Int(start.duration(to: clock.now) / .microseconds(1))
      var rest = max(pause, 10 * spent)
      while rest > 0, isWanted() {
        usleep(UInt32(patience))
        rest -= patience
      }
    }
  }
}
