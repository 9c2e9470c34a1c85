import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Channels") struct ChannelTests {
  private func state(_ channels: Int, _ columns: Int = 120, _ rows: Int = 40, runs: Int = 1) -> State {
    var engine = SmilingEngine()
    engine.channels = channels
    var state = Scenes.after(3, columns, rows, steps: 8, engine: &engine)
    for _ in 1..<runs { engine.press(.character("c"), on: &state) }
    return state
  }

  private func press(_ key: Character, on state: inout State) { _ = reduce(&state, .key(.character(key))) }

  @Test("are named as what they are, and counted", arguments: [(80, 24), (100, 30), (120, 40), (200, 60)])
  func named(columns: Int, rows: Int) {
    for (channels, words) in [(2, "of 2"), (4, "4 channels: 1"), (8, "8 channels: 1")] {
      let state = state(channels, columns, rows)
      let text = FrameText(view(state)).text
      #expect(text.contains(words) || channels == 2 && text.contains("2 channels: 1 in gray"), "\(channels)")
    }
    let compared = FrameText(view(state(4, columns, rows, runs: 2))).text
    #expect(compared.contains("4 channels: 1") || compared.contains("channels 1-3 of 4"))
  }

  @Test("all have their standard deviation in one row, or it says how many are missing", arguments: [1, 2, 3, 4, 8])
  func deviations(channels: Int) {
    let look = Look(theme: .plain, capabilities: Scenes.fullColor)
    for columns in [12, 20, 41, 80] {
      var frame = Frame(size: Size(columns: columns, rows: 1))
      let values = (0..<channels).map { 1 + Double($0) / 8 }
      ChannelSection(channelStd: values)
        .draw(&frame, Rect(column: 0, row: 0, columns: columns, rows: 1), look)
      let text = FrameText(frame).text
      let shown = text.matches(of: #/\d\.\d+/#).count
      #expect(shown == channels || text.hasSuffix("+\(channels - shown)\n"), "\(columns): \(text)")
      if columns >= 41, channels <= 4 { #expect(shown == channels) }
    }
  }

  @Test("one alone is gray, one after another, and then all again", arguments: [1, 2, 3, 4, 8])
  func alone(channels: Int) throws {
    var state = state(channels)
    let whole = view(state)
    let tensor = try #require(state.run?.tensor(.sample, at: 3))
    for channel in 0..<(channels == 1 ? 0 : channels) {
      press("V", on: &state)
      #expect(state.inspection.channel(of: tensor) == channel)
      let picture = try #require(state.inspection.picture(of: tensor))
      let level = Picture.level(tensor.scalars[channel * 1024 + 33])
      #expect(picture[1, 1] == RGB(level, level, level))
      let name = channels == 3 ? ["R", "G", "B"][channel] : "\(channel + 1)"
      #expect(FrameText(view(state)).text.contains("channel \(name)"))
    }
    press("V", on: &state)
    #expect(state.inspection.channel(of: tensor) == nil)
    if channels == 1 { #expect(state.notice == "the picture has one channel") }
    state.notice = nil
    #expect(view(state) == whole)
  }

  @Test("the difference of one channel is that of the channel") func difference() throws {
    let tensor = try Tensor<Float>(shape: [1, 2, 1, 2], scalars: [0.1, 0.2, -0.9, 0.05])
    #expect(DifferencePicture(of: tensor, channel: 0, scale: .init())?.values == [0.1, 0.2])
    #expect(DifferencePicture(of: tensor, channel: 1, scale: .init())?.values == [-0.9, 0.05])
    #expect(DifferencePicture(of: tensor, scale: .init())?.values == [-0.9, 0.2])
    #expect(DifferencePicture(of: tensor, channel: 2, scale: .init()) == nil)
  }

  @Test("fit and channel are remembered") func session() {
    var state = state(4)
    press("V", on: &state)
    press("V", on: &state)
    press("f", on: &state)
    let restored = SavedInspection(state).inspection
    #expect(restored.channel == 1 && restored.fit == .whole)
  }
}
