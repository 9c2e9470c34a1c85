import DiffusionCore
import DiffusionTUI
import Glibc

/// The progress of a download: a bar that is rewritten in place on a terminal, elsewhere a line for each file and every
/// ten seconds.
public final class DownloadLine {
  private enum Style { case bar, lines, none }

  private let style: Style
  private let columns: () -> Int
  private let now: () -> Double
  private let write: (PrintedText) -> Void
  private var shown: (time: Double, progress: HubProgress)?

  /// Creates a line on a stream. A failure to write does not stop the download.
  ///
  /// - Parameters:
  ///   - stream: Where it is shown.
  ///   - format: Anything but `line` shows nothing.
  public convenience init(on stream: DescriptorStream, format: GenerateRequest.Progress = .line) {
    let columns = {
      var window = winsize()
      return ioctl(stream.descriptor, UInt(TIOCGWINSZ), &window) == 0 && window.ws_col > 0 ? Int(window.ws_col) : 80
    }
    let now = {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    self.init(isTerminal: stream.isTerminal, format: format, columns: columns, now: now) { try? stream.write($0) }
  }

  /// Creates a line that calls a function to write, with a clock in seconds.
  package init(
    isTerminal: Bool, format: GenerateRequest.Progress = .line, columns: @escaping () -> Int,
    now: @escaping () -> Double, write: @escaping (PrintedText) -> Void
  ) {
    style = format == .line ? isTerminal ? .bar : .lines : .none
    (self.columns, self.now, self.write) = (columns, now, write)
  }

  /// Shows how far the download is, at most ten times a second. Nothing is shown before the first byte. The bar leaves
  /// room for the `^C` of a terminal, which would otherwise begin another line.
  public func show(_ progress: HubProgress) {
    guard style != .none, progress.totalBytes > 0 else { return }
    let time = now()
    switch style {
    case .bar:
      if let shown, time - shown.time < 0.1 || progress == shown.progress { return }
      write("\r\(DownloadText.bar(progress, columns: columns() - 3))\u{1B}[K")
    case .lines:
      if let shown, shown.progress.file == progress.file, time - shown.time < 10 { return }
      write("\(progress.name): \(progress.file): \(DownloadText.amount(progress))\(DownloadText.pace(progress))\n")
    case .none: break
    }
    shown = (time, progress)
  }

  /// Erases the bar.
  public func clear() {
    if style == .bar, shown != nil { write("\r\u{1B}[K") }
  }
}

/// How far a download is, for people.
package enum DownloadText {
  /// `owner/name [=====>     ]  45%  64.1 of 143.1 MB, 12.3 MB/s, 6.4 s left`, in a number of columns.
  package static func bar(_ progress: HubProgress, columns: Int) -> String {
    let percent = Int(100 * Double(progress.bytes) / Double(max(1, progress.totalBytes)))
    let end =
      "\(String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0))\(percent)%  "
      + amount(progress) + pace(progress)
    let width = min(40, columns - progress.name.columns - end.columns - 4)
    guard width >= 5 else { return "\(progress.name) \(end)".prefix(columns: max(0, columns)) }
    let done = min(width, width * percent / 100)
    let head =
      done < width && done > 0 ? String(repeating: "=", count: done - 1) + ">" : String(repeating: "=", count: done)
    return "\(progress.name) [\(head)\(String(repeating: " ", count: width - done))] \(end)"
  }

  /// `64.1 of 143.1 MB`, in units of 1,000,000 bytes.
  static func amount(_ progress: HubProgress) -> String {
    let (done, all) = (Double(progress.bytes) / 1e6, Double(progress.totalBytes) / 1e6)
    return "\(FixedDecimal.text(done, digits: 1)) of \(FixedDecimal.text(all, digits: 1)) MB"
  }

  /// `, 12.3 MB/s, 6.4 s left`; empty before that is known.
  static func pace(_ progress: HubProgress) -> String {
    guard let rate = progress.rate, let left = progress.secondsLeft else { return "" }
    return ", \(FixedDecimal.text(rate / 1e6, digits: 1)) MB/s, \(NumberText.duration(left)) left"
  }
}
