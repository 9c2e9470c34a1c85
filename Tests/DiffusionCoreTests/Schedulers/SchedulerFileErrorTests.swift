import DiffusionCore
import Foundation
import Testing

@Suite("An error of a scheduler's file") struct SchedulerFileErrorTests {
  private static let wrong: [SettingValue] = [
    .number(.nan), .number(.infinity), .integer(-1), .integer(0), .integer(9), .integer(2_000_000), .text("x"), .null,
    .bool(true), .list([.number(0.1)]), .list([.text("x")]), .list(Array(repeating: .number(.nan), count: 20)),
  ]

  @Test(
    "names the file and the option, whatever the class and the option", arguments: SchedulerClass.all.map(\.className))
  func file(name: String) throws {
    let scheduler = try SchedulerClass(named: name)
    for option in scheduler.configurationOptions {
      for value in Self.wrong {
        let values = ["num_train_timesteps": .integer(20)].merging([option: value]) { $1 }
        let reader = ConfigurationReader(file: "a/scheduler_config.json", values: values)
        do {
          var made = try scheduler.scheduler(from: reader)
          // What can be made can be asked for a run: a number that is none is NaN in the sample, and no trap.
          Self.use(&made)
        } catch let error as DiffusionError {
          #expect(error.kind == .badData, "\(error.message)")
          #expect(error.message.hasPrefix("a/scheduler_config.json: "), "\(option) \(value): \(error.message)")
          #expect(error.message.hasSuffix("; correct it there"), "\(error.message)")
          #expect(error.message.contains("expected"), "\(error.message)")
        }
      }
    }
  }

  @Test("betas beyond 1 are NaN in the sigmas of a run, and no trap") func traps() throws {
    let reader = ConfigurationReader(file: "a.json", values: ["beta_end": .integer(9)])
    for name in SchedulerClass.all.map(\.className) {
      if var made = try? SchedulerClass(named: name).scheduler(from: reader) { Self.use(&made) }
    }
  }

  private static func use(_ scheduler: inout some Scheduler) {
    guard (try? scheduler.setTimesteps(8)) != nil else { return }
    for step in scheduler.timesteps.indices { _ = try? scheduler.noiseLevel(at: step) }
  }

  @Test(
    "says which of the betas is wrong",
    arguments: [
      (
        ["trained_betas": .list([.number(0.1), .text("x")])] as [String: SettingValue],
        "trained_betas[1] is 'x': expected a number"
      ),
      (["beta_start": .number(.nan)], "beta_start is nan: expected a finite number"),
      (
        ["beta_start": .integer(-1), "beta_schedule": .text("scaled_linear")],
        "beta_start is -1.0: expected a finite number of at least 0, for scaled_linear"
      ),
      (
        ["trained_betas": .list([.number(0.1)])],
        "trained_betas has 1 numbers: expected one for each of num_train_timesteps, 1000"
      ),
    ])
  func betas(values: [String: SettingValue], message: String) throws {
    let reader = ConfigurationReader(file: "a.json", values: values)
    #expect(throws: DiffusionError(.badData, "a.json: \(message); correct it there")) {
      try SchedulerClass(named: "ddim").scheduler(from: reader)
    }
    // An option of the run replaces what the file says, and is an error of its own.
    #expect(throws: DiffusionError(.usage, "scheduler option: beta_end is inf: expected a finite number")) {
      let reader = ConfigurationReader(file: "a.json", values: [:])
      return try SchedulerClass(named: "ddim").scheduler(from: reader, options: ["beta_end": .number(.infinity)])
    }
  }
}
