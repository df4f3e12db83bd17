import Kernels
import TensorCore

/// Token embeddings as 8-bit rows, read straight from the packed layout, so that a tied output projection shares the bytes.
struct EmbeddingTable {
  private let codes: TensorView
  private let scales: TensorView
  private let columns: Int

  /// - Parameter rows: The vocabulary size; a token id below it is in bounds.
  init(_ loader: TensorLoader, rows: Int, columns: Int) throws(ModelError) {
    let bytes = PackedInt8Weights.byteCount(outputs: rows, inputs: columns)
    codes = try loader.require(LlamaNames.embedding + ".codes", .i8, [bytes])
    scales = try loader.floats(LlamaNames.embedding + ".scales", [rows])
    self.columns = columns
  }

  /// Writes the embedding of `token` as `columns` floats.
  func copyRow(_ token: Int, to output: UnsafeMutablePointer<Float>) {
    let scale = scales.pointer(to: Float.self)[token]
    let source = codes.pointer(to: Int8.self)
    for column in 0..<columns {
      output[column] = Float(source[PackedInt8Weights.index(token, column, inputs: columns)]) * scale
    }
  }
}
