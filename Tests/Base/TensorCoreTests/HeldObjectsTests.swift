import TensorCore
import Testing

@Suite("Held objects")
struct HeldObjectsTests {
  private final class Counter {
    var value = 0
  }

  @Test("are used in order, and live as long as a copy of the list")
  func lifetime() {
    weak var first: Counter?
    do {
      let copy: HeldObjects<Counter>
      do {
        let counters = [Counter(), Counter(), Counter()]
        first = counters[0]
        copy = HeldObjects(counters)
      }
      for index in 0..<copy.count { copy[index].use { $0.value = 10 * index } }
      #expect(first?.value == 0 && copy.references[2].use { $0.value } == 20)
      withExtendedLifetime(copy) {}
    }
    #expect(first == nil)
  }

  @Test("may be none")
  func none() { #expect(HeldObjects<Counter>([]).count == 0) }
}
