import Architectures
import Kernels
import TensorCore
import Testing
import Vocabulary

@testable import Quantization

@Suite("Rounding with second moments")
struct HessianRoundingTests {
  private let pool = WorkerPool(threads: 2)

  @Test(
    "where inputs are independent and alike, each weight takes the nearest code", arguments: WeightFormat.all)
  func identity(format: WeightFormat) throws {
    let weight = random([5, 64], seed: 1)
    var moments = SecondMoments(columns: 64)
    moments.add(FloatTensor(shape: [64, 64], values: unit(64)), pool: pool)
    let plan = WeightRounding.to(format).plan(weight, nil, pool)
    let hessian = try #require(HessianFactor(moments, pool: pool))
    let rounding = HessianRounding(grid: plan.grid, hessian: hessian, passes: 3, pool: pool)
    #expect(plan.layer(rounding.codes(weight)).dequantized == plan.nearest().dequantized)
  }

  @Test(
    "the output's error falls below that of nearest codes, and with each pass", arguments: WeightFormat.all)
  func error(format: WeightFormat) throws {
    let (weight, x) = (random([48, 96], seed: 2), correlated(rows: 300, columns: 96))
    var moments = SecondMoments(columns: 96)
    moments.add(x, pool: pool)
    let plan = WeightRounding.to(format).plan(weight, moments.diagonal, pool)
    let hessian = try #require(HessianFactor(moments, pool: pool))
    let exact = LayerError.product(x, weight, pool: pool)
    func error(_ layer: QuantizedLayer) -> Double {
      LayerError.relative(exact, LayerError.product(x, layer.dequantized, pool: pool))
    }
    let errors = [0, 1, 4].map { passes in
      let rounding = HessianRounding(grid: plan.grid, hessian: hessian, passes: passes, pool: pool)
      return error(plan.layer(rounding.codes(weight)))
    }
    print("\(format.name): nearest \(error(plan.nearest())), after 0, 1, 4 passes \(errors)")
    #expect(errors[0] < 0.8 * error(plan.nearest()))
    // The objective has damping that the data has not.
    #expect(errors[1] <= errors[0] * 1.01 && errors[2] <= errors[1] * 1.01)
  }

  @Test("codes do not depend on the number of threads", arguments: WeightFormat.all)
  func threads(format: WeightFormat) throws {
    let (weight, x) = (random([70, 96], seed: 4), correlated(rows: 100, columns: 96))
    let codes = try [1, 3].map { threads in
      let pool = WorkerPool(threads: threads)
      var moments = SecondMoments(columns: 96)
      moments.add(x, pool: pool)
      let plan = WeightRounding.to(format).plan(weight, moments.diagonal, pool)
      let hessian = try #require(HessianFactor(moments, pool: pool))
      return HessianRounding(grid: plan.grid, hessian: hessian, passes: 2, pool: pool).codes(weight)
    }
    #expect(codes[0] == codes[1])
  }

  @Test("second moments are sums of products, of whatever parts the rows come in")
  func moments() {
    let x = random([9, 70], seed: 5)
    var moments = SecondMoments(columns: 70)
    moments.add(FloatTensor(shape: [4, 70], values: Array(x.values[..<280])), pool: pool)
    moments.add(FloatTensor(shape: [5, 70], values: Array(x.values[280...])), pool: pool)
    for row in 0..<70 {
      for column in 0..<70 {
        let sum = (0..<9).reduce(0.0) {
          $0 + Double(x.row($1).dropFirst(row).first!) * Double(x.row($1).dropFirst(column).first!)
        }
        #expect(abs(Double(moments.values[row * 70 + column]) - sum) < 1e-5)
      }
    }
  }

  @Test("inputs that were never seen leave nothing to go by")
  func nothing() {
    #expect(HessianFactor(SecondMoments(columns: 8), pool: pool) == nil)
  }

  private func random(_ shape: Shape, seed: UInt64) -> FloatTensor {
    var random = SplitMix64(seed: seed)
    let values = (0..<(shape.elementCount ?? 0)).map { _ in Float(random.nextUnit() + random.nextUnit() - 1) }
    return FloatTensor(shape: shape, values: values)
  }

  /// Rows whose neighbours' values go together.
  private func correlated(rows: Int, columns: Int) -> FloatTensor {
    var x = random([rows, columns], seed: 3)
    for row in 0..<rows {
      for column in 1..<columns {
        x.values[row * columns + column] += 0.8 * x.values[row * columns + column - 1]
      }
    }
    return x
  }

  private func unit(_ size: Int) -> [Float] {
    (0..<size * size).map { $0 / size == $0 % size ? 1 : 0 }
  }
}
