import DiffusionCore
import Testing

import CommandLineKit

@Suite struct DownloadLineTests {
  private final class Time {
    var seconds = 0.0
  }

  private func progress(_ bytes: Int, file: String = "a") -> HubProgress {
    var progress = HubProgress(name: "owner/name", file: file, bytes: bytes, totalBytes: 143_100_000)
    if bytes > 1_000_000 { (progress.rate, progress.secondsLeft) = (12_300_000, 6.4) }
    return progress
  }

  @Test(arguments: [
    (100, "owner/name [=================>                      ]  45%  64.4 of 143.1 MB, 12.3 MB/s, 6.4 s left"),
    (80, "owner/name [========>            ]  45%  64.4 of 143.1 MB, 12.3 MB/s, 6.4 s left"),
    (60, "owner/name  45%  64.4 of 143.1 MB, 12.3 MB/s, 6.4 s left"), (12, "owner/name  "), (0, ""),
  ])
  func aBarFitsTheTerminal(_ columns: Int, _ expected: String) {
    let bar = DownloadText.bar(progress(64_400_000), columns: columns)
    #expect(bar == expected && bar.count <= columns)
  }

  @Test(arguments: [(0, "  0%"), (1_431_000, "  1%"), (143_100_000, "100%"), (150_000_000, "104%")])
  func aBarIsAsLongAsItsShare(_ bytes: Int, _ share: String) {
    let bar = DownloadText.bar(progress(bytes), columns: 100)
    #expect(bar.contains("] \(share)  ") && bar.count <= 100)
  }

  @Test func aTerminalGetsABarThatIsErased() {
    let lines = Lines(), time = Time()
    let line = DownloadLine(isTerminal: true, columns: { 80 }, now: { time.seconds }, write: lines.append)
    line.clear()
    line.show(HubProgress(name: "owner/name", file: "a", bytes: 0, totalBytes: 0))
    for _ in 0..<10 {
      line.show(progress(1_000_000))
      time.seconds += 0.01
    }
    time.seconds = 1
    line.show(progress(2_000_000))
    line.clear()
    #expect(lines.all.count == 3 && lines.all.allSatisfy { $0.hasPrefix("\r") && $0.hasSuffix("\u{1B}[K") })
  }

  @Test func aFileGetsLines() {
    let lines = Lines(), time = Time()
    let line = DownloadLine(isTerminal: false, columns: { 80 }, now: { time.seconds }, write: lines.append)
    for second in 0..<25 {
      time.seconds = Double(second)
      line.show(progress(second * 1_000_000))
    }
    line.show(progress(30_000_000, file: "b"))
    line.clear()
    #expect(
      lines.all == [
        "owner/name: a: 0.0 of 143.1 MB\n", "owner/name: a: 10.0 of 143.1 MB, 12.3 MB/s, 6.4 s left\n",
        "owner/name: a: 20.0 of 143.1 MB, 12.3 MB/s, 6.4 s left\n",
        "owner/name: b: 30.0 of 143.1 MB, 12.3 MB/s, 6.4 s left\n",
      ])
  }

  @Test(arguments: [GenerateRequest.Progress.none, .json]) func otherwiseNothingIsShown(
    _ kind: GenerateRequest.Progress
  ) {
    let lines = Lines()
    let line = DownloadLine(isTerminal: true, format: kind, columns: { 80 }, now: { 0 }, write: lines.append)
    line.show(progress(1))
    line.clear()
    #expect(lines.all.isEmpty)
  }
}
