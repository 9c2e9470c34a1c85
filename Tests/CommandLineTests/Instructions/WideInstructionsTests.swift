#if arch(x86_64)
import Testing

/// A program for every x86-64 processor has wide instructions only in functions that are selected after a check of the
/// processor. A compiler flag for a whole target, or a generic function of the standard library that was specialised
/// with one and that the linker picks for all, would break that, unnoticed on the machine that builds.
@Suite struct WideInstructionsTests {
  private static let objdump = Tool.find("objdump", "llvm-objdump")

  /// Symbols (in part) and local labels of BoringSSL's (swift-crypto) own assembly, which it selects by CPUID at run
  /// time.
  private static let chosenByBoringSSL = (
    parts: ["_avx", "_adx", "gcmsiv", "aesni_gcm", "bn_mulx4x", "bn_sqrx8x", "beeu_mod_inverse"],
    labels: [
      "_aesni_ctr32_ghash_6x", "_aesni_ctr32_6x", "GFMUL", "mulx4x_internal", "__bn_sqrx8x_reduction",
      "__bn_postx4x_internal", "__ecp_nistz256_mul_montx", "__ecp_nistz256_sqr_montx",
    ]
  )

  private static func isBoringSSL(_ function: String) -> Bool {
    if chosenByBoringSSL.labels.contains(function) { return true }
    return function.hasPrefix("CCryptoBoringSSL_") && chosenByBoringSSL.parts.contains { function.contains($0) }
  }

  @Test(
    "Wide instructions are only in the kernels",
    .enabled(if: objdump != nil, "objdump (binutils) or llvm-objdump is needed to look at the program"))
  func kernelsAlone() throws {
    let objdump = try #require(Self.objdump)
    let program = Disassembly(try Tool.output(of: objdump, ["-d", "--no-show-raw-insn", try Program.path]))
    #expect(program.count > 1000, "the program's functions were not found")
    var seen: Set<InstructionWidth> = []
    for (function, widths) in program.functions where !Self.isBoringSSL(function) {
      let isAVX512 = function.hasSuffix("_avx512"), isAVX2 = function.hasSuffix("_avx2")
      #expect(isAVX512 || isAVX2, "\(function) has instructions that not every processor has: \(widths)")
      if isAVX2 { #expect(widths[.avx512] == nil, "\(function) has AVX-512 instructions") }
      if function == "convolution_avx512" || function == "convolution_avx2" { seen.formUnion(widths.keys) }
    }
    // A change in a disassembler's output must not make this test pass for everything.
    #expect(seen.isSuperset(of: [.avx, .avx512]))
  }

  static let instructions: [(String, InstructionWidth?)] = [
    ("vfmadd231ps (%rsi){1to16},%zmm0,%zmm1", .avx512), ("vmovups\t(%rdi), %ymm0", .avx),
    ("vmovss %xmm16,(%rax)", .avx512),
    ("vaddps %xmm1,%xmm2,%xmm3", .avx), ("kmovw %eax,%k1", .avx512), ("mulx %rax,%rbx,%rcx", .scalar),
    ("mulps %xmm1,%xmm2", nil), ("movups %xmm1,(%rdi)", nil), ("verw 0x10(%rax)", nil), ("andnps %xmm0,%xmm15", nil),
    ("andn %rax,%rbx,%rcx", .scalar), ("addps %xmm14,%xmm15", nil),
  ]

  @Test("Instructions are parsed as objdump prints them", arguments: instructions)
  func reading(instruction: String, width: InstructionWidth?) {
    #expect(InstructionWidth(Substring(instruction)) == width)
  }
}
#endif
