import DiffusionCore
import TestSupport
import Testing

/// Requests by libcurl to a server on loopback.
@Suite struct CurlTransportTests {
  private static func body(_ path: String) -> [UInt8] {
    Array(repeating: Array(path.utf8), count: 20_000).flatMap { $0 }
  }

  @Test("requests of several threads take turns", .timeLimit(.minutes(1)))
  func turns() async throws {
    let server = LoopbackServer { .init(body: Self.body($0.path)) }
    let transport = CurlTransport(environment: [:])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<16 {
        let url = try #require(HubURL("\(server.address)/\(number)"))
        group.addTask {
          var bytes: [UInt8] = []
          let head = try transport.perform(HubRequest(url), check: {}) { _, part in bytes += part }
          #expect(head.status == 200 && bytes == Self.body("/\(number)"), "\(number)")
        }
      }
      try await group.waitForAll()
    }
    #expect(server.requests.count == 16)
  }
}
