import Quantization
import TensorCore
import TestSupport
import Testing

@Suite("Norm migration")
struct NormMigrationTests {
  @Test("leaves the layer's output as it was", arguments: [Float(0), 0.5, 0.75, 1])
  func exactness(exponent: Float) {
    let example = Case()
    let migration = NormMigration(example.statistics, exponent: exponent)
    let exact = example.output(example.x, example.weight, example.bias)
    let migrated = example.output(
      migration.input(example.x), migration.weight(example.weight),
      migration.bias(example.bias, weight: example.weight))
    for (a, b) in zip(exact, migrated) { #expect(abs(a - b) <= 1e-5 * max(1, abs(a))) }
  }

  @Test("puts the same change into the norm's own weight and bias", arguments: [Float(0.5), 1])
  func norm(exponent: Float) {
    let example = Case()
    let migration = NormMigration(example.statistics, exponent: exponent)
    let (weight, bias): ([Float], [Float]) = ([2, 0.5, 1, -3], [1, 20, -0.1, 0])
    let normed: [Float] = [0.3, -1.2, 0.7, 2]
    let output = zip(normed, zip(weight, bias)).map { $0 * $1.0 + $1.1 }
    let migrated = zip(normed, zip(migration.normWeight(weight), migration.normBias(bias))).map {
      $0 * $1.0 + $1.1
    }
    let expected = migration.input(FloatTensor(shape: [1, 4], values: output)).values
    for (a, b) in zip(migrated, expected) { #expect(abs(a - b) <= 1e-5 * max(1, abs(b))) }
  }

  @Test("halves ranges that float32 cannot hold")
  func wide() {
    var statistics = ActivationStatistics(columns: 2)
    let most = Float.greatestFiniteMagnitude
    statistics.add(FloatTensor(shape: [2, 2], values: [-most, most / 2, most, most]))
    let migration = NormMigration(statistics, exponent: 1)
    #expect(migration.ratio == [1, 0.25] && migration.shift == [0, most * 0.75])
  }

  @Test("with exponent 1 makes every channel as wide as the median one, around 0")
  func worked() {
    // Three channels: −1…1, 9…11 and −0.1…0.1. Half ranges 1, 1, 0.1: the median is 1.
    var statistics = ActivationStatistics(columns: 3)
    statistics.add(FloatTensor(shape: [2, 3], values: [-1, 9, -0.1, 1, 11, 0.1]))
    let migration = NormMigration(statistics, exponent: 1)
    let near = { (a: [Float], b: [Float]) in zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 } }
    #expect(near(migration.ratio, [1, 1, 0.1]))
    #expect(near(migration.shift, [0, 10, 0]))
    let moved = migration.input(FloatTensor(shape: [2, 3], values: [-1, 9, -0.1, 1, 11, 0.1])).values
    #expect(near(moved, [-1, -1, -1, 1, 1, 1]))
    // One static range of 2 / 255 now serves all three; before, 12 / 255 had to.
    let weight = FloatTensor(shape: [1, 3], values: [1, 2, 3])
    #expect(near(migration.weight(weight).values, [1, 2, 0.3]))
    #expect(near(migration.bias([0.5], weight: weight), [20.5]))
  }

  @Test("with exponent 0 changes nothing")
  func identity() {
    let example = Case()
    let migration = NormMigration(example.statistics, exponent: 0)
    #expect(migration.input(example.x) == example.x && migration.weight(example.weight) == example.weight)
    #expect(migration.bias(example.bias, weight: example.weight) == example.bias)
  }

  @Test("survives a channel that never changes")
  func constant() {
    var statistics = ActivationStatistics(columns: 2)
    statistics.add(FloatTensor(shape: [2, 2], values: [5, 1, 5, -1]))
    let migration = NormMigration(statistics, exponent: 1)
    #expect(migration.ratio.allSatisfy { $0 > 0 && $0.isFinite })
    #expect(migration.input(FloatTensor(shape: [1, 2], values: [5, 1])).values.allSatisfy { $0.isFinite })
  }

  /// Inputs with channels of very different ranges, and a layer that reads them.
  private struct Case {
    let x: FloatTensor
    let weight: FloatTensor
    let bias: [Float] = [0.5, -1, 2]
    var statistics = ActivationStatistics(columns: 4)

    init() {
      var random = SeededGenerator(seed: 7)
      let (spread, center): ([Float], [Float]) = ([1, 0.2, 4, 1], [0, 3, -2, 0.1])
      let values = random.floats(40).enumerated().map { $1 * spread[$0 % 4] + center[$0 % 4] }
      x = FloatTensor(shape: [10, 4], values: values)
      weight = FloatTensor(shape: [3, 4], values: random.floats(12))
      statistics.add(x)
    }

    func output(_ x: FloatTensor, _ w: FloatTensor, _ bias: [Float]) -> [Float] {
      (0..<x.shape[0]).flatMap { row in
        bias.indices.map { n in
          Float(zip(x.row(row), w.row(n)).reduce(Double(bias[n])) { $0 + Double($1.0) * Double($1.1) })
        }
      }
    }
  }
}
