import Architectures
import Testing

@testable import Quantization

@Suite("Roundings")
struct WeightRoundingTests {
  @Test("each format that packs may record can be rounded to")
  func lists() {
    #expect(WeightRounding.all.map(\.format.name) == WeightFormat.all.map(\.name))
  }
}
