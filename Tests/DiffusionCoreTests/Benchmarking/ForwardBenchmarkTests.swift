import DiffusionCore
import TensorKernels
import TestSupport
import Testing

/// The counts of a benchmark. They do not depend on the speed of the machine: the clock ticks when it is read.
@Suite struct ForwardBenchmarkTests {
  private func benchmark(_ name: String, batchSize: Int = 1) throws -> ForwardBenchmark {
    try ForwardBenchmark(
      source: ModelSource(resolving: "\(Fixtures.folder)/unet/\(name)", environment: [:]), device: .cpu, threads: 2,
      batchSize: batchSize, clock: TickingClock())
  }

  @Test(arguments: UNetFixture.names)
  func everyLayerIsMeasuredAndItsWorkIsTheDescription(name: String) throws {
    let benchmark = try benchmark(name, batchSize: 3), config = try benchmark.unet.config
    let layers = try benchmark.profile().layers.map(\.work)
    let described = try benchmark.unet.describe(height: config.sampleHeight ?? 32, width: config.sampleWidth ?? 32)
      // Looking up the row of a class is no layer that runs.
      .layers.filter { $0.kind != "Embedding" }
    #expect(Set(layers.map(\.name)) == Set(described.map(\.name)))
    #expect(layers.count == described.count)
    for layer in described {
      let work = try #require(layers.first { $0.name == layer.name })
      #expect(work.flops == 3 * layer.flops, "\(layer.name)")
      #expect(work.outputShape == [3] + layer.outputShape, "\(layer.name)")
      // At the least, weights are read and an output is written.
      #expect(work.bytes >= 4 * (layer.parameterCount + work.outputShape.reduce(1, *)), "\(layer.name)")
    }
  }

  @Test("measures the size that is asked for, and counts the same work as `inspect`", arguments: [(16, 32), (nil, 24)])
  func size(height: Int?, width: Int?) throws {
    let source = try ModelSource(resolving: "\(StableDiffusionFixture.folder)/sd1", environment: [:])
    let benchmark = try ForwardBenchmark(
      source: source, device: .cpu, threads: 2, batchSize: 2, height: height, width: width, clock: TickingClock())
    let model = try DiffusionPipeline.load(source, threads: 2).model
    let settings = RunSettings(threads: 2, height: height, width: width)
    #expect(try benchmark.inputShape == [2] + model.sampleShape(of: settings))
    let described = try #require(try model.networks(of: settings).first?.description.layers)
    let measured = try benchmark.profile().layers.map(\.work)
    #expect(measured.reduce(0) { $0 + $1.flops } == 2 * described.reduce(0) { $0 + $1.flops })
  }

  @Test("refuses a size that the model cannot make")
  func refusedSize() {
    #expect(throws: DiffusionError.self) {
      try ForwardBenchmark(
        source: ModelSource(resolving: "\(Fixtures.folder)/unet/two-levels", environment: [:]), device: .cpu,
        threads: 1, batchSize: 1, height: 8192, width: 16)
    }
  }

  @Test func layersTakeNoLongerThanTheForwardPass() throws {
    let forward = try benchmark("two-levels").profile()
    // The clock is read twice for the pass, and twice for each layer.
    #expect(forward.layers.allSatisfy { $0.seconds == 0.25 })
    #expect(forward.seconds == 0.25 * Double(2 * forward.layers.count + 1))
    #expect(forward.layers.reduce(0) { $0 + $1.seconds } <= forward.seconds)
  }

  @Test func everyProfileHasItsOwnLayers() throws {
    let benchmark = try benchmark("two-levels")
    #expect(benchmark.loadSeconds == 0.25)
    #expect(try benchmark.profile() == benchmark.profile())
  }

  @Test func noLayerIsTimedInAPassThatCounts() throws {
    // The clock is read twice.
    #expect(try benchmark("two-levels").forward() == 0.25)
  }

  @Test func aPassThatIsStoppedLeavesNothingBehind() throws {
    let benchmark = try benchmark("two-levels"), whole = try benchmark.profile()
    var blocks = 0
    #expect(throws: CancellationError.self) {
      try benchmark.profile { _ in
        blocks += 1
        if blocks == 4 { throw CancellationError() }
      }
    }
    #expect(try benchmark.profile() == whole)
  }

  @Test func kindsMatchTheLayers() throws {
    let layers = try benchmark("four-levels").profile().layers.map(\.work)
    func kind(_ name: String) -> LayerWork.Kind? { layers.first { $0.name == name }?.kind }
    #expect(kind("conv_in") == .convolution)
    #expect(kind("down_blocks.0.downsamplers.0.conv") == .downsampling)
    #expect(kind("up_blocks.0.upsamplers.0.conv") == .upsampling)
    #expect(kind("time_embedding.linear_1") == .linear)
    #expect(kind("conv_norm_out") == .groupNorm)
    #expect(kind("mid_block.attentions.0.attention") == .attention)
    #expect(kind("mid_block.attentions.0.to_qkv") == .pointwise || kind("mid_block.attentions.0.to_qkv") == .linear)
  }

  @Test func aProfilerDoesNotChangeTheBits() throws {
    let fixture = try UNetFixture("four-levels"), item = try #require(fixture.cases.first)
    let unet = fixture.unet, profiler = LayerProfiler(clock: TickingClock())
    let profiled = try unet.predict(item.input, profiler: profiler, progress: nil)
    #expect(!profiler.timings.isEmpty)
    #expect(sameBits(profiled, try unet(item.sample, timestep: item.timestep)))
  }

  @Test func theMachineIsMeasured() throws {
    let peak = try MachinePeak.measure(threads: 2, clock: TickingClock())
    #expect(peak.isa == InstructionSet.available.first?.rawValue)
    #expect(peak.flopsPerSecond > 0)
    // Each try takes one tick of the clock, in which the buffer is read once.
    #expect(peak.bytesPerSecond >= 4 * Double(64 << 20) * 0.99)
  }

  @Test func peakMemoryIsReadFromTheStatus() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("Name:\tx\nVmPeak:\t  9000 kB\nVmHWM:\t   1234 kB\nVmRSS:\t 12 kB\n", "status")
    #expect(PeakMemory.bytes(status: path) == 1234 * 1024)
    #expect(PeakMemory.bytes(status: path + "-missing") == nil)
    #expect(PeakMemory.bytes().map { $0 > 1 << 20 } == true)
  }
}
