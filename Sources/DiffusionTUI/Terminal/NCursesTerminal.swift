import CNCurses
import DiffusionCore
import Glibc

/// The terminal that the process runs in, through ncurses. There can be only one at a time, and it belongs to one
/// thread.
///
/// While it is open, signals that end the process restore the screen first, Ctrl-C is an ordinary key (but a signal
/// while the terminal takes no more), and `SIGTSTP` and `SIGCONT` are handled in ``nextEvent(timeout:)``.
public final class NCursesTerminal: Terminal {
  /// The capabilities, as chosen when the terminal was opened.
  public let capabilities: TerminalCapabilities
  /// The size, at least one cell.
  public private(set) var size: Size
  /// Makes ``nextEvent(timeout:)`` return at once. May be called on any thread.
  public let wake: @Sendable () -> Void

  private let wakeUp: WakeUp
  private let color: ColorNumbers
  private var pairs: ColorPairs
  private var images: KittyImageStore
  private var shown: Frame?
  private var isOpen = true
  private var pending: [TerminalEvent] = []
  private var emptyReads = 0
  private var decoder = InputDecoder()
  private let isInsideTmux: Bool
  /// The maximum number of scalars that ncurses keeps in a cell.
  private static let mostScalars = 5
  /// The maximum number of codes read at a time.
  private static let mostCodes = 4096

  /// Opens the screen.
  ///
  /// Sets `TERMINFO` for an instant, because the entry for 24-bit colour is built into the program. It is therefore
  /// best called before there are other threads.
  ///
  /// - Parameters:
  ///   - tier: The value of `--color`; nil for `auto`.
  ///   - renderer: The value of `--renderer`; nil if it was not given.
  ///   - environment: The environment of the process.
  /// - Throws: ``DiffusionError`` (`unavailable`) if input or output is not a terminal, if terminfo does not know the
  ///   terminal, or if its cursor cannot be moved.
  public init(
    color tier: ColorTier? = nil, renderer: ImageRendererKind? = nil, environment: [String: String]
  ) throws {
    let description = try Self.describe(environment: environment)
    let unicode = cnc_set_locale()
    let wakeUp = WakeUp()
    let choice = try Self.open(
      ColorTier.choose(flag: tier, environment: environment, terminfoColors: Int(description.colors)),
      colors: Int(description.colors), term: environment["TERM"] ?? "", wake: wakeUp.file)
    let pixels = PixelGraphicsChoice.choose(flag: renderer, environment: environment)
    capabilities = TerminalCapabilities(
      colorTier: choice.tier, unicode: unicode, reason: choice.reason, pixelGraphics: pixels.isOn,
      pixelGraphicsReason: pixels.reason)
    images = KittyImageStore(graphics: KittyGraphics(isInsideTmux: !(environment["TMUX"] ?? "").isEmpty))
    color = ColorNumbers(tier: choice.tier)
    pairs = ColorPairs()
    size = Self.currentSize()
    isInsideTmux = !(environment["TMUX"] ?? "").isEmpty
    wake = { wakeUp.signal() }
    self.wakeUp = wakeUp
  }

  deinit { close() }

  /// Shows a frame in one synchronized update, writing only what differs from the last one.
  public func show(_ frame: Frame) {
    guard isOpen else { return }
    var changes = FrameDiff(from: shown, to: frame, within: size)
    guard !changes.places.isEmpty || shown == nil else { return }
    if pairs.isShort(of: changes.places.count) {
      pairs.forget(cells: size.columns * size.rows)
      changes = FrameDiff(from: nil, to: frame, within: size)
    }
    for place in changes.places { put(frame[place.column, place.row], at: place) }
    let update = images.update(to: frame.images)
    // The images are freed however the process ends.
    if !update.before.isEmpty { cnc_reset_first(images.reset, Int32(images.reset.count)) }
    write(update.before)
    cnc_update()
    write(update.after)
    shown = frame
  }

  /// Captures the mouse, or returns it to the terminal, which uses it to select text.
  public func captureMouse(_ capture: Bool) {
    if isOpen { cnc_capture_mouse(capture) }
  }

  /// Puts text on the clipboard through OSC 52, which also works inside tmux and over ssh.
  public func copy(_ text: String) -> Bool {
    guard isOpen, let sequence = ClipboardSequence(text, insideTmux: isInsideTmux) else { return false }
    cnc_write(Array(sequence.text.utf8), Int32(sequence.text.utf8.count))
    return true
  }

  /// The next key press, mouse event, paste or resize, after waiting at most `timeout`; nil if there was none, or if
  /// ``wake`` was called.
  public func nextEvent(timeout: Duration) -> TerminalEvent? {
    guard isOpen, cnc_end_signal() == 0 else { return .hangUp }
    if let event = takePending() ?? readKey() { return event }
    let happened = cnc_wait(wakeUp.file, Self.milliseconds(timeout))
    if cnc_end_signal() != 0 { return .hangUp }
    if let event = takePending() ?? readKey() { return event }
    let isInput = happened & Int32(cnc_input) != 0
    // Repeatedly readable with nothing to read: the other end is gone.
    emptyReads = isInput ? emptyReads + 1 : 0
    return happened & Int32(cnc_hangup) != 0 || emptyReads > 8 ? .hangUp : nil
  }

  /// Forgets what is on the screen, so that the next frame is written in full.
  public func redraw() {
    guard isOpen else { return }
    write(images.removeAll())
    cnc_repaint()
    shown = nil
  }

  /// Releases the screen, stops the process group, and takes the screen again when it is continued; a resize event
  /// follows.
  public func suspend() {
    guard isOpen else { return }
    write(images.removeAll())
    cnc_suspend()
    takeAgain()
  }

  /// Restores the screen and the previous signal handlers.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    write(images.removeAll())
    cnc_close()
  }

  /// Whether the terminal took no more when the program was to end: nothing more should be written to it.
  public var isLost: Bool { cnc_output_lost() }

  /// Ends the process with the signal that requested its end, if there was one, so that its parent sees the cause. Call
  /// it last, once the terminal is closed.
  public func passOnSignal() {
    let signal = cnc_end_signal()
    if signal != 0, !isOpen { raise(signal) }
  }

  // MARK: - Input

  private func readKey() -> TerminalEvent? {
    var code: UInt32 = 0
    var isFunctionKey = false
    // A long paste is read in parts, so that a signal or a resize need not wait for its end.
    for _ in 0..<Self.mostCodes where cnc_end_signal() == 0 {
      guard cnc_next_key(&code, &isFunctionKey) else { break }
      emptyReads = 0
      if let event = decoder.event(code: code, isFunctionKey: isFunctionKey, mouseReport: Self.mouseReport) {
        return event
      }
    }
    return nil
  }

  private static func mouseReport() -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
      let count = cnc_mouse_report(buffer.baseAddress, Int32(buffer.count))
      return count > 0 ? String(decoding: buffer.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }
  }

  private func takePending() -> TerminalEvent? {
    let requests = cnc_take_requests()
    func asked(_ bit: Int) -> Bool { Int(requests) & bit != 0 }
    if asked(cnc_stop_asked) {
      suspend()
    } else if asked(cnc_continued) {
      // Stopped by a signal that cannot be caught: the shell had the screen in the meantime.
      cnc_reenter()
      takeAgain()
    } else if asked(cnc_resized) {
      takeSize()
    }
    return pending.isEmpty ? nil : pending.removeFirst()
  }

  /// Schedules a full redraw of the screen, whose size may have changed.
  private func takeAgain() {
    // Another program may have deleted the images in the meantime.
    write(images.removeAll())
    takeSize()
    cnc_repaint()
  }

  private func takeSize() {
    size = Self.currentSize()
    cnc_apply_size(Int32(size.columns), Int32(size.rows))
    shown = nil
    pending = [.resize(size)]
  }

  private static func currentSize() -> Size {
    var columns: Int32 = 0
    var rows: Int32 = 0
    cnc_screen_size(&columns, &rows)
    return Size(columns: max(1, Int(columns)), rows: max(1, Int(rows)))
  }

  /// Rounded up, so that a wait does not end just before the moment it waits for.
  private static func milliseconds(_ duration: Duration) -> Int32 {
    let (seconds, attoseconds) = duration.components
    guard seconds < 1_000_000 else { return 1_000_000_000 }
    let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(max(0, milliseconds))
  }

  // MARK: - Output

  private func put(_ cell: Cell, at place: FrameDiff.Place) {
    guard cell.part != .rightHalf else { return }
    let numbers = color.numbers(of: cell)
    let pair = pairs.number(foreground: numbers.foreground, background: numbers.background)
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.mostScalars) { buffer in
      var count = 0
      for scalar in cell.character.unicodeScalars.prefix(buffer.count) {
        buffer.initializeElement(at: count, to: scalar.value)
        count += 1
      }
      cnc_put(
        Int32(place.row), Int32(place.column), cell.part == .leftHalf ? 2 : 1, buffer.baseAddress, Int32(count),
        Int32(cell.style.attributes.rawValue), pair)
    }
  }

  private func write(_ bytes: [UInt8]) {
    if !bytes.isEmpty { cnc_write(bytes, Int32(bytes.count)) }
  }

  // MARK: - Opening

  private static func describe(environment: [String: String]) throws -> cnc_description {
    let instead = "use `diffusion-tui generate` or `diffusion-tui snapshot` instead"
    guard isatty(STDIN_FILENO) == 1 else {
      throw DiffusionError(.unavailable, "the explorer needs a terminal, and standard input is none; \(instead)")
    }
    guard isatty(STDOUT_FILENO) == 1 else {
      throw DiffusionError(.unavailable, "the explorer needs a terminal, and standard output is none; \(instead)")
    }
    guard let term = environment["TERM"], !term.isEmpty else {
      throw DiffusionError(
        .unavailable, "TERM is not set: set it to the terminal's name (xterm-256color), or \(instead)")
    }
    let description = cnc_describe(term)
    guard description.known else {
      throw DiffusionError(
        .unavailable, "terminfo does not know TERM='\(term)': set TERM to a known one (xterm-256color), or \(instead)")
    }
    guard description.addressable else {
      throw DiffusionError(
        .unavailable,
        "TERM='\(term)' is a terminal whose cursor cannot be moved: set TERM to a better one, or \(instead)")
    }
    return description
  }

  private static func open(
    _ choice: ColorChoice, colors: Int, term: String, wake: Int32
  ) throws -> ColorChoice {
    if choice.tier == .trueColor {
      if cnc_open(nil, wake, true) { return choice }
      let lesser = ColorChoice(
        tier: .palette256, reason: "\(choice.reason), but this ncurses refuses the entry for 24-bit colour")
      return try open(lesser, colors: colors, term: term, wake: wake)
    }
    // If more colours are needed than the terminal's entry has, use the entry that has them.
    let needed = choice.tier == .palette256 ? 256 : choice.tier == .ansi16 ? 16 : choice.tier == .ansi8 ? 8 : 0
    if needed > colors, cnc_open("xterm-256color", wake, needed == 256) { return choice }
    guard cnc_open(term, wake, colors >= 256) else {
      throw DiffusionError(.unavailable, "ncurses cannot open the terminal TERM='\(term)': set TERM to another one")
    }
    return choice
  }
}
