import CGPU
import GPUKernels
import StubDrivers
import TensorKernels
import Testing

extension StubDriverTests {
  /// A device must prove that it computes as the contract says. Drivers that are careless, in one way each, are refused
  /// with what they get wrong.
  @Suite("Opening a device proves it", .onDevice) struct ProbeTests {
    private static func open() throws -> GPUProgram {
      try GPUProgram(StubDriverTests.openCL(), index: 0, named: "opencl", cache: nil)
    }

    struct Careless: Sendable, CustomTestStringConvertible {
      var options: String?
      var piece: (from: String, to: String)?
      let fault: String
      var testDescription: String { options ?? piece?.from ?? "" }
    }

    static let careless: [Careless] = [
      Careless(options: " -cl-denorms-are-zero", fault: "flushes denormal"),
      Careless(
        piece: (
          "#define FMA(a, b, c) fma((float)(a), (float)(b), (float)(c))", "#define FMA(a, b, c) ((a) * (b) + (c))"
        ),
        fault: "rounds a fused multiply-add twice"),
      Careless(piece: ("case 1: x = a * b + c;", "case 1: x = fma(a, b, c);"), fault: "fuses products and sums"),
      Careless(
        piece: ("#define DIVIDE(a, b) ((float)(a) / (float)(b))", "#define DIVIDE(a, b) ((a) * (1.0f / (b)))"),
        fault: "rounds quotients wrongly"),
      Careless(
        piece: ("#define ROOT(a) sqrt((float)(a))", "#define ROOT(a) ((a) * (1.0f / sqrt((float)(a))))"),
        fault: "rounds square roots wrongly"),
      Careless(piece: ("0x1.555554p-3f", "0x1.555556p-3f"), fault: "computes exponentials wrongly"),
      Careless(piece: ("FLOAT(0x7FC00000u)", "FLOAT(0xFFC00000u)"), fault: "has another NaN than 0x7FC00000"),
    ]

    @Test("A careless compiler", arguments: careless) func compiler(careless: Careless) throws {
      defer { stub_opencl_careless(nil, nil, nil, 0) }
      func text(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Void) {
        if let text { text.withCString { body($0) } } else { body(nil) }
      }
      text(careless.options) { options in
        text(careless.piece?.from) { from in
          text(careless.piece?.to) { to in
            stub_opencl_careless(options, from, to, 0)
            let fault = #expect(throws: DeviceFault.self) { try Self.open() }
            #expect(fault?.message.contains(" has failed its probe: it ") == true, "\(fault?.message ?? "")")
            #expect(fault?.message.contains(careless.fault) == true, "\(fault?.message ?? "")")
          }
        }
      }
    }

    @Test(
      "What the configuration lacks",
      arguments: [
        (1, "denormals"), (2, "infinities and NaN"), (4, "rounding to nearest"), (32, "fused multiply-add"),
        (128, "correctly rounded division and square root"), (0xFF, "denormals"),
      ] as [(UInt, String)])
    func configuration(bits: UInt, what: String) throws {
      defer { stub_opencl_careless(nil, nil, nil, 0) }
      let driver = try StubDriverTests.openCL()
      stub_opencl_careless(nil, nil, nil, bits)
      let device = try #require(driver.devices().first)
      #expect(device.lacks == what)
      let fault = #expect(throws: DeviceFault.self) { try Self.open() }
      #expect(fault?.message == "\(device.name) lacks \(what)")
    }

    @Test("For whom a device is of no use, one that lacks nothing is named") func substitute() throws {
      defer { stub_opencl_careless(nil, nil, nil, 0) }
      let driver = try StubDriverTests.openCL(), whole = try #require(driver.devices().first)
      stub_opencl_careless(nil, nil, nil, 1)
      let lacking = try #require(driver.devices().first)
      let name = GPUInterface.opencl.substitute
      #expect(name(0, [lacking, lacking, whole, whole]) == "opencl:2 (\(whole.name))")
      #expect(name(1, [whole, lacking]) == "opencl (\(whole.name))")
      #expect(name(0, [whole]) == nil && name(0, [whole, lacking]) == nil && name(0, []) == nil)
    }

    @Test("A compiler that refuses the source is quoted") func refusal() throws {
      defer { stub_opencl_careless(nil, nil, nil, 0) }
      "KERNEL(64) probe(".withCString { from in
        "KERNEL(64) no probe(".withCString { to in
          stub_opencl_careless(nil, from, to, 0)
          let fault = #expect(throws: DeviceFault.self) { try Self.open() }
          #expect(fault?.message.contains("clBuildProgram failed with CL_BUILD_PROGRAM_FAILURE (-11): ") == true)
          #expect(fault?.message.contains("\n") == false, "\(fault?.message ?? "")")
        }
      }
    }

    @Test("A device that is not there is refused with those that are") func index() throws {
      let driver = try StubDriverTests.openCL()
      let fault = #expect(throws: DeviceFault.self) {
        try GPUProgram(driver, index: 7, named: "opencl:7", cache: nil)
      }
      #expect(fault?.message.hasPrefix("there is no device 7: opencl is ") == true)
    }

    @Test("Compiled kernels are taken from the cache, and compiled anew where they are of no use") func cache() throws {
      let cache = MemoryCache(), driver = try StubDriverTests.openCL()
      func compiles() throws -> Bool {
        stub_opencl_fail(0, 0)
        _ = try GPUProgram(driver, index: 0, named: "opencl", cache: cache)
        return stub_opencl_sources() > 0
      }
      #expect(try compiles())
      #expect(cache.count == 1)
      #expect(try !compiles())
      cache.spoil()
      #expect(try compiles())
      #expect(try !compiles())
    }
  }
}
