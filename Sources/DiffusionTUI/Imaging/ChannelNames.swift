/// The names of a tensor's channels: R, G and B only where there are three. The four or more of a latent have numbers,
/// since they are no colours.
package struct ChannelNames: Sendable, Equatable {
  /// The number of channels.
  package let count: Int

  package init(count: Int) { self.count = count }

  /// The name of a channel, from 0.
  package subscript(channel: Int) -> String {
    count == 3 && channel < 3 ? ["R", "G", "B"][channel] : String(channel + 1)
  }

  /// What a picture shows of the channels, longest text first; empty if there is nothing to say.
  ///
  /// - Parameter chosen: The only channel shown; nil for the usual picture.
  package func summary(chosen: Int?) -> [String] {
    if let chosen {
      let name = "channel \(self[chosen])" + (count == 3 ? "" : " of \(count)")
      return ["\(name), in gray", name]
    }
    switch count {
    case 2: return ["2 channels: 1 in gray", "channel 1 of 2"]
    case 4...:
      return [
        "\(count) channels: 1, 2, 3 as red, green, blue", "\(count) channels: 1-3 as RGB", "channels 1-3 of \(count)",
      ]
    default: return []
    }
  }
}
