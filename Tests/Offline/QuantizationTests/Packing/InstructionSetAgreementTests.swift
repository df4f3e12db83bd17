import Glibc
import Kernels
import ModelFixtures
import Quantization
import TestSupport
import Testing

/// Kernels are chosen once per process, so each instruction set gets a process of its own: `qpack eval` prints a divergence
/// from float32 over all logits with all its digits, which a different bit in any of them would change.
@Suite("Instruction sets", .enabled(if: SharedData.available, "needs ../shared/data"))
struct InstructionSetAgreementTests {
  private static let cases: [(String, Recipe, String)] = [
    (RealPacks.stories, .w8a8, SharedData.path("reference/nll-text.txt")),
    (RealPacks.stories, .w4a8, SharedData.path("reference/nll-text.txt")),
    (RealPacks.cifar, .w8a8, SharedData.path("images/cifar10/calibration-512.bin")),
    (RealPacks.cifar, .w4a8, SharedData.path("images/cifar10/calibration-512.bin")),
  ]

  @Test("give the same figures to the last digit", arguments: 0..<cases.count)
  func agree(index: Int) throws {
    let (source, recipe, data) = Self.cases[index]
    let pack = try temporaryFile([])
    defer { unlink(pack) }
    let calibration = source == RealPacks.cifar ? RealPacks.calibrationImages : nil
    try RealPacks.build(source, recipe, calibration: calibration, to: pack)
    let outputs = try InstructionSet.runnable.map { set in
      let limit = source == RealPacks.cifar ? "64" : "1000"
      return try qpack(
        ["eval", pack, "--data", data, "--reference", source, "--limit", limit, "--json", "--threads", "1"],
        set: set)
    }
    print("\(recipe.rawValue) \(InstructionSet.runnable.map(\.rawValue)): \(outputs[0])")
    #expect(Set(outputs).count == 1, "\(zip(InstructionSet.runnable, outputs).map { "\($0): \($1)" })")
    #expect(outputs[0].hasPrefix("{") && outputs[0].contains("\"kl\":"))
  }

  /// What `qpack` prints, run from the folder that the tests were built in.
  private func qpack(_ arguments: [String], set: InstructionSet) throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(decoding: buffer[..<max(0, length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = own.split(separator: "/").dropLast().joined(separator: "/")
    let words = (["/\(folder)/qpack"] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let pipe = try #require(popen("QUANTD_ISA=\(set.rawValue) \(words)", "r"))
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&chunk, 1, chunk.count, pipe), count > 0 { output += chunk[..<count] }
    #expect(pclose(pipe) == 0)
    return String(decoding: output, as: UTF8.self)
  }
}
