/// The class of an instruction beyond the x86-64 baseline, for which everything but the kernels is compiled.
enum InstructionWidth: Int, CaseIterable {
  /// VEX-encoded instructions on general registers (BMI, ADX).
  case scalar
  /// VEX-encoded instructions on xmm or ymm registers (AVX, AVX2, FMA).
  case avx
  /// EVEX: zmm registers, ymm16 and above, masks.
  case avx512

  /// Including the size suffixes of some disassemblers.
  private static let scalars: Set<Substring> = Set(
    [
      "mulx", "rorx", "sarx", "shlx", "shrx", "andn", "bextr", "blsi", "blsr", "blsmsk", "bzhi", "pdep", "pext", "adox",
      "adcx",
    ].flatMap { [$0, $0 + "l", $0 + "q"] })

  /// Baseline instructions that begin with a v.
  private static let notVectors: Set<Substring> = ["verr", "verw", "vmcall", "vmmcall"]

  /// Parses an instruction as printed by GNU's or LLVM's `objdump`, with register names in AT&T syntax; nil for the
  /// baseline.
  init?(_ instruction: Substring) {
    let mnemonic = instruction.prefix { $0 != " " && $0 != "\t" }
    // None of the others can name a wide register.
    guard let first = mnemonic.first, "vk{".contains(first) else {
      guard Self.scalars.contains(mnemonic) else { return nil }
      self = .scalar
      return
    }
    let isMask = first == "k" && instruction.contains("%k")
    let high = (16...31).contains { instruction.contains("mm\($0)") }
    if instruction.contains("%zmm") || instruction.contains("{%k") || isMask || high {
      self = .avx512
    } else if instruction.contains("%ymm") || (first == "v" && !Self.notVectors.contains(mnemonic)) {
      self = .avx
    } else {
      return nil
    }
  }
}
