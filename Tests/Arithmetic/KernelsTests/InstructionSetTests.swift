import TestSupport
import Testing

@testable import Kernels

@Suite("Instruction sets")
struct InstructionSetTests {
  /// What CPUs support, and what then runs.
  static let processors: [(features: CPUFeatures, sets: [InstructionSet])] = [
    ([], [.scalar]), (.avx2, [.avx2, .scalar]), ([.avx2, .avx512], [.avx512, .avx2, .scalar]),
  ]

  @Test("without QUANTD_ISA the fastest set runs", arguments: processors)
  func notSet(features: CPUFeatures, sets: [InstructionSet]) throws {
    #expect(InstructionSet.runnable(on: features) == sets)
    #expect(try InstructionSet.parse(nil, on: features) == sets[0])
  }

  @Test("QUANTD_ISA chooses any set that the CPU supports", arguments: processors)
  func chooses(features: CPUFeatures, sets: [InstructionSet]) throws {
    for set in sets { #expect(try InstructionSet.parse(set.rawValue, on: features) == set) }
  }

  @Test("an unknown name is an error that lists the known ones", arguments: ["", "AVX2", "neon", "avx512 "])
  func unknown(name: String) {
    #expect(throws: InstructionSetError.unknown(name)) {
      try InstructionSet.parse(name, on: [.avx2, .avx512])
    }
    #expect(
      InstructionSetError.unknown("neon").description
        == "QUANTD_ISA is 'neon', but it must be one of avx512, avx2, scalar; unset it to take the fastest.")
  }

  @Test("a set that this CPU lacks is an error that names those it has", arguments: processors)
  func notSupported(features: CPUFeatures, sets: [InstructionSet]) {
    for set in InstructionSet.allCases where !sets.contains(set) {
      #expect(throws: InstructionSetError.notSupported(set, runnable: sets)) {
        try InstructionSet.parse(set.rawValue, on: features)
      }
    }
    #expect(
      InstructionSetError.notSupported(.avx512, runnable: [.avx2, .scalar]).description
        == """
        QUANTD_ISA asks for avx512, but what runs here is avx2, scalar; unset QUANTD_ISA to take the fastest.
        """)
  }

  @Test("an instruction set without an order needs every one of its features")
  func partOfTheFeatures() {
    #expect(InstructionSet.runnable(on: .avx512) == [.scalar])
  }

  @Test("what runs here starts with the fastest set and ends with the definition")
  func runnable() {
    #expect(InstructionSet.runnable.first == InstructionSet.detected)
    #expect(InstructionSet.runnable.last == .scalar)
  }

  @Test("every kernel has a variant for every set that runs here")
  func complete() {
    func sets<Kernel: KernelVariant>(_: Kernel.Type) -> [InstructionSet] { Kernel.runnable.map(\.requires) }
    let lists = [
      sets(QuantizeRowKernel.self), sets(Int8PanelKernel.self), sets(Int4PanelKernel.self),
      sets(GELUKernel.self), sets(SiLUGateKernel.self), sets(GELUTanhGateKernel.self),
      sets(SoftCapKernel.self), sets(AddKernel.self), sets(RMSNormKernel.self),
      sets(LayerNormKernel.self),
      sets(RotaryKernel.self), sets(MaxIndexKernel.self), sets(TopKKernel.self), sets(SoftmaxKernel.self),
      sets(LogSumExpKernel.self), sets(MeasureHeadKernel.self), sets(PrepareHeadKernel.self),
      sets(AttendHeadKernel.self), sets(SealPageKernel.self), sets(AttendPagesKernel.self),
      sets(AttendTailKernel.self), sets(MergeStatesKernel.self),
    ]
    for sets in lists { #expect(sets == InstructionSet.runnable) }
  }

  /// Every test of kernels walks over what is detected: a set that is not would be left out without a word.
  @Test("what the CPU has is what runs here")
  func detected() {
    #expect(InstructionSet.runnable.reversed().map(\.rawValue) == ProcessorSets.names)
    print("kernels, \(ProcessorSets.line)")
  }
}
