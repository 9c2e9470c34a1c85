import DiffusionCore
import DiffusionTUI
import Testing

@Suite("A monkey with four runs") struct FourRunsMonkeyTests {
  @Test("200,000 keys, mouse events, pastes and resizes break nothing", arguments: 1...8 as ClosedRange<UInt64>)
  func plays(seed: UInt64) {
    var monkey = Monkey(seed: seed, panes: 4)
    while monkey.events < 25_000, monkey.complaints.isEmpty { monkey.act() }
    #expect(monkey.complaints == [])
    #expect(monkey.events == 25_000)
  }

  @Test("nor do they with runs of several models", arguments: 11...14 as ClosedRange<UInt64>)
  func playsWithModels(seed: UInt64) {
    var monkey = Monkey(seed: seed, panes: 4, models: [.demo, Monkey.wide, Monkey.twin, Monkey.gone])
    while monkey.events < 25_000, monkey.complaints.isEmpty { monkey.act() }
    #expect(monkey.complaints == [])
    #expect(monkey.events == 25_000)
  }

  @Test("nor do they with prompts and latents", arguments: 21...22 as ClosedRange<UInt64>)
  func playsWithPrompts(seed: UInt64) {
    var monkey = Monkey(seed: seed, panes: 3, hasPrompt: true)
    while monkey.events < 25_000, monkey.complaints.isEmpty { monkey.act() }
    #expect(monkey.complaints == [])
    #expect(monkey.events == 25_000)
  }

  @Test("the same seed gives the same events, another seed others") func repeats() {
    var monkeys = [7, 7, 8].map { Monkey(seed: $0, panes: 4) }
    for index in monkeys.indices {
      for _ in 0..<1000 { monkeys[index].act() }
    }
    #expect(monkeys[0].state == monkeys[1].state)
    #expect(monkeys[0].state != monkeys[2].state)
  }
}
