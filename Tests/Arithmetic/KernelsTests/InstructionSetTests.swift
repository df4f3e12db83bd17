import Testing

@testable import Kernels

@Suite("Instruction sets")
struct InstructionSetTests {
  @Test("without QUANTD_ISA the best set runs", arguments: InstructionSet.allCases)
  func notSet(best: InstructionSet) throws {
    #expect(try InstructionSet.parse(nil, best: best) == best)
  }

  @Test("QUANTD_ISA chooses any set up to the best one", arguments: InstructionSet.allCases)
  func lowers(best: InstructionSet) throws {
    for set in InstructionSet.allCases where set <= best {
      #expect(try InstructionSet.parse(set.rawValue, best: best) == set)
    }
  }

  @Test("an unknown name is an error that lists the known ones", arguments: ["", "AVX2", "neon", "avx512 "])
  func unknown(name: String) {
    #expect(throws: InstructionSetError.unknown(name)) { try InstructionSet.parse(name, best: .avx512) }
    #expect(
      InstructionSetError.unknown("neon").description
        == "QUANTD_ISA is 'neon', but it must be scalar, avx2 or avx512; unset it to take the fastest.")
  }

  @Test("a set that this CPU lacks is an error that names the best one")
  func notSupported() {
    let error = InstructionSetError.notSupported(.avx512, best: .avx2)
    #expect(throws: error) { try InstructionSet.parse("avx512", best: .avx2) }
    #expect(
      error.description == "QUANTD_ISA asks for avx512, but this CPU runs at most avx2; unset QUANTD_ISA.")
  }

  @Test("what runs here is ordered, starts with the best set and ends with the definition")
  func runnable() {
    #expect(InstructionSet.runnable.first == InstructionSet.detected)
    #expect(InstructionSet.runnable.last == .scalar)
    #expect(InstructionSet.runnable == InstructionSet.runnable.sorted(by: >))
  }
}
