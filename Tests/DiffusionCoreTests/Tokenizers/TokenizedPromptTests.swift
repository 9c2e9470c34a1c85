import Testing

import DiffusionCore

@Suite("What fell off a prompt is text") struct TokenizedPromptTests {
  private func dropped(_ texts: [String]) -> String {
    let tokens = texts.map { TokenizedPrompt.Token(id: 0, text: $0) }
    return TokenizedPrompt(prompt: "", tokens: [], count: 0, dropped: tokens).droppedText
  }

  @Test(arguments: [
    (["piz", "za</w>", "and</w>"], "pizza and"), (["caf", "\u{C3}\u{A9}</w>"], "caf\u{E9}"),
    (["caf", "\u{C3}", "\u{A9}</w>"], "caf\u{E9}"), (["\u{A9}</w>", "x</w>"], "\u{FFFD} x"),
    (["\u{F0}\u{141}", "\u{12F}", "\u{137}</w>"], "\u{1F355}"), ([], ""),
  ])
  func bytes(texts: [String], expected: String) { #expect(dropped(texts) == expected) }

  @Test func aTokenThatIsNoWholeTextKeepsItsCharacters() {
    #expect(TokenizedPrompt.Token(id: 0, text: "\u{C3}\u{A9}</w>").plainText == "\u{E9}")
    #expect(TokenizedPrompt.Token(id: 0, text: "\u{C3}").plainText == "\u{C3}")
    #expect(TokenizedPrompt.Token(id: 0, text: "<|endoftext|>").plainText == "<|endoftext|>")
  }
}
