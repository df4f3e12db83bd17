import TensorCore

/// What calibration learned about one layer's input: ranges and mean squares of each channel, and a sample of rows.
package struct ActivationStatistics: Sendable {
  package private(set) var minimum: [Float]
  package private(set) var maximum: [Float]
  private var squares: [Double]
  private var rows = 0
  /// Up to `sampleLimit` rows, spread evenly over everything seen.
  package private(set) var sample: [[Float]] = []
  private var stride = 1

  package static let sampleLimit = 512

  package init(columns: Int) {
    minimum = [Float](repeating: .infinity, count: columns)
    maximum = [Float](repeating: -.infinity, count: columns)
    squares = [Double](repeating: 0, count: columns)
  }

  package var columns: Int { minimum.count }

  /// The mean square of each input channel: how much an error of its weights matters.
  package var importance: [Float] {
    errorWeights(squares, rows: rows)
  }

  /// Whether every value seen was finite; the squares of finite ones are, in double.
  var isFinite: Bool { squares.allSatisfy(\.isFinite) }

  package mutating func add(_ x: FloatTensor) {
    precondition(x.shape[1] == columns, "ActivationStatistics: \(x.shape[1]) columns, expected \(columns)")
    for index in 0..<x.shape[0] {
      let row = x.row(index)
      for (column, value) in row.enumerated() {
        minimum[column] = min(minimum[column], value)
        maximum[column] = max(maximum[column], value)
        squares[column] += Double(value) * Double(value)
      }
      if rows % stride == 0 { keep(Array(row)) }
      rows += 1
    }
  }

  /// Keeps every `stride`-th row; when the sample is full, every second one goes and the stride doubles.
  private mutating func keep(_ row: [Float]) {
    sample.append(row)
    guard sample.count > Self.sampleLimit else { return }
    sample = sample.indices.filter { $0 % 2 == 0 }.map { sample[$0] }
    stride *= 2
  }

  /// The sample as a matrix, `[rows, columns]`.
  package var sampleRows: FloatTensor {
    FloatTensor(shape: [sample.count, columns], values: sample.flatMap { $0 })
  }
}

/// Statistics of every layer's input, collected by the hooks of a float32 forward pass.
package final class CalibrationRecorder {
  package private(set) var layers: [String: ActivationStatistics] = [:]
  /// The first layer, in the order of computation, that was to read an infinity or NaN.
  package private(set) var overflow: String?

  package init() {}

  package func record(_ layer: String, _ rows: FloatTensor) {
    layers[layer, default: ActivationStatistics(columns: rows.shape[1])].add(rows)
    if overflow == nil, layers[layer]?.isFinite == false { overflow = layer }
  }
}
