import ArgumentParser
import CommandLineKit

struct RandnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "randn",
    abstract: "Draw standard normal noise as torch.randn does, and describe it.",
    usage: "diffusion-tui randn --shape <n,n,...> [<options>]")

  @OptionGroup var options: RandnOptions

  func run() throws {
    // Before the outputs are tried, so that a signal never leaves a temporary file behind.
    let interruption = Interruption()
    let request = try options.request(drawSeed: RandomSeed.draw)
    let table = try RandnJob(request: request, checkCancellation: interruption.check).run()
    try DescriptorStream.standardOutput.write(table)
  }
}
