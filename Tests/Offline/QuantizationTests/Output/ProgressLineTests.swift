import Quantization
import Testing

@testable import qpack

@Suite("Progress")
struct ProgressLineTests {
  @Test(
    "says what is done and how long the rest takes",
    arguments: [
      (0, 120, 0.2, "quantizing, 0 of 120"), (30, 120, 12, "quantizing, 30 of 120, 12 s, about 36 s left"),
      (60, 120, 90, "quantizing, 60 of 120, 1 min 30 s, about 1 min 30 s left"),
      (120, 120, 3, "quantizing, 120 of 120, 3 s"), (0, 1, 5, "quantizing, 5 s"),
    ])
  func text(done: Int, total: Int, seconds: Double, line: String) {
    let progress = ImportProgress(.quantizing, done, of: total)
    #expect(ProgressLine.text(progress, after: .seconds(seconds)) == line)
  }
}
