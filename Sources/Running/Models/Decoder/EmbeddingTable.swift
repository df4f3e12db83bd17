import Architectures
import Kernels
import TensorCore

/// Token embeddings as 8-bit rows, read straight from the packed layout, so that a tied output projection shares the bytes.
struct EmbeddingTable {
  private let codes: TensorView
  private let scales: TensorView
  private let columns: Int

  /// The table's rows are the vocabulary; a token id below its size is in bounds.
  init(_ loader: TensorLoader) throws(ModelError) {
    let row = loader.table[.embedding]
    guard let format = loader.format(of: row), format == .int8 else {
      let found = loader.format(of: row)?.name ?? "nothing"
      throw .badLayer(name: row.name, reason: "it is stored as \(found), but tokens are looked up in int8.")
    }
    let count = format.count(.codes, outputs: row.outputs, inputs: row.inputs)
    codes = try loader.require(WeightFormat.tensorName(row.name, .codes), .i8, [count])
    scales = try loader.floats(WeightFormat.tensorName(row.name, .scales), [row.outputs])
    columns = row.inputs
  }

  /// Writes the embedding of `token` times `factor` as `columns` floats.
  func copyRow(_ token: Int, to output: UnsafeMutablePointer<Float>, scale factor: Float) {
    let scale = scales.pointer(to: Float.self)[token] * factor
    let source = codes.pointer(to: Int8.self)
    for column in 0..<columns {
      output[column] = Float(source[PackedInt8Weights.index(token, column, inputs: columns)]) * scale
    }
  }
}
