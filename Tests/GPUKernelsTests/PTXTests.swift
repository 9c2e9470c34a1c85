import CGPU
import Testing

/// What the PTX for CUDA says about rounding. `Tests/GPU/make_ptx.py` makes it, and compares it with the kernels.
@Suite("The PTX keeps to the contract") struct PTXTests {
  private static let lines = String(cString: cgpu_ptx()).split(separator: "\n").dropFirst()

  /// The instructions of a kernel, without predicates and operands.
  private static func instructions(_ lines: some Sequence<Substring>) -> [String] {
    lines.compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      return words.first { !$0.hasPrefix("@") && !$0.hasPrefix("{") }.map { String($0.prefix { $0 != ";" }) }
    }
  }

  @Test("Every kernel is there, with its threads") func kernels() {
    let text = String(cString: cgpu_ptx())
    #expect(text.hasPrefix("// NVRTC 11.8 "))
    #expect(text.contains("\n.version 7.8\n") && text.contains("\n.target sm_50\n"))
    for index in 0..<cgpu_kernel_count.rawValue {
      let name = String(cString: cgpu_kernel_name(cgpu_kernel(rawValue: index)))
      #expect(text.contains(".visible .entry \(name)(\n"), "\(name)")
    }
    #expect(Self.lines.filter { $0.contains(".visible .entry ") }.count == Int(cgpu_kernel_count.rawValue))
  }

  @Test("Arithmetic is rounded as written: nothing fused, flushed or approximate") func rounding() {
    let allowed: Set<String> = [
      "fma.rn.f32", "add.rn.f32", "sub.rn.f32", "mul.rn.f32", "div.rn.f32", "sqrt.rn.f32", "neg.f32",
      "cvt.rn.f32.s32", "cvt.rzi.s32.f32", "mov.f32", "selp.f32", "ld.global.f32", "st.global.f32", "ld.shared.f32",
      "st.shared.f32",
      "ld.local.f32", "st.local.f32", "st.local.v4.f32", "ld.param.f32", "ld.global.v4.f32", "ld.shared.v4.f32",
    ]
    var found: [String: Int] = [:]
    for instruction in Self.instructions(Self.lines) where instruction.contains(".f32") || instruction.contains(".f64")
    {
      // Comparisons have the order of their operands and NaN in their names, and round nothing.
      guard !instruction.hasPrefix("setp."), !instruction.hasPrefix(".") else { continue }
      found[instruction, default: 0] += 1
    }
    let more = Set(found.keys).subtracting(allowed)
    #expect(more.subtracting(["max.f32"]).isEmpty, "\(more)")
    for name in ["fma.rn.f32", "add.rn.f32", "mul.rn.f32", "div.rn.f32", "sqrt.rn.f32"] {
      #expect(found[name, default: 0] > 0, "\(name)")
    }
    for word in ["ftz", "approx", ".rz", ".rm.", ".rp.", "mad.f", "ex2", "rcp", "rsqrt"] {
      #expect(!Self.lines.contains { $0.contains(word) && !$0.contains("cvt.rzi.s32.f32") }, "\(word)")
    }
  }

  @Test("Nothing is cut off to a whole number but the places of a resized image") func wholeNumbers() {
    let kernels = Self.lines.reduce(into: (names: [Substring](), kernel: Substring(""))) { found, line in
      if line.contains(".visible .entry ") { found.kernel = line }
      if line.contains("cvt.rzi") { found.names.append(found.kernel) }
    }
    #expect(kernels.names.count == 2 && kernels.names.allSatisfy { $0.contains(" placement(") })
  }

  @Test("The one maximum is that of gelu, which has 0 where x is NaN or -0 as `x > 0 ? x : 0` does") func maxima() {
    var kernel: Substring = ""
    for line in Self.lines {
      if line.contains(".visible .entry ") { kernel = line }
      guard line.contains("max.f32") else { continue }
      #expect(kernel.contains("activation(") && line.hasSuffix(", 0f00000000;"), "\(kernel) \(line)")
    }
  }
}
