import TensorCore

/// A tensor of a GGUF file: blocks in the mapping, turned into float32 when asked for.
package struct GGUFTensor: @unchecked Sendable {
  // Sendable: the bytes are immutable for as long as the owner lives.
  package let name: String
  package let type: GGMLType
  /// Outermost first, as everywhere here; the file has it the other way round.
  package let shape: Shape
  let bytes: UnsafeRawBufferPointer
  let owner: MappedFile

  /// Values of a row, which are whole blocks.
  package var columns: Int { shape[shape.rank - 1] }
  /// Rows of all outer dimensions; 1 for a vector.
  package var rows: Int { shape.extents.dropLast().reduce(1, *) }

  /// The name of the file it lies in.
  package var file: String { owner.name }

  /// The values of `rows` in float32, row after row: those of the Python package `gguf`, bit for bit.
  ///
  /// A scale that is infinite or NaN gives values that are; nothing traps on what blocks hold.
  ///
  /// - Throws: ``GGUFProblem/unreadableType(tensor:type:)``.
  /// - Precondition: `rows` lie in the tensor.
  /// - Complexity: O(values of `rows`); allocates the result.
  package func values(rows: Range<Int>) throws(CheckpointError) -> [Float] {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= self.rows, "GGUFTensor: rows \(rows) of \(self.rows)")
    guard let decode = type.decode else {
      throw CheckpointError(file: file, problem: .gguf(.unreadableType(tensor: name, type: type.name)))
    }
    let blocks = columns / type.blockValues
    return withExtendedLifetime(owner) {
      [Float](unsafeUninitializedCapacity: rows.count * columns) { values, count in
        count = rows.count * columns
        guard count > 0, let source = bytes.baseAddress, let target = values.baseAddress else { return }
        decode(source + rows.lowerBound * blocks * type.blockBytes, target, rows.count * blocks)
      }
    }
  }

  /// Lets go of the memory behind the tensor; it is read again when it is asked for again.
  package func forget() { owner.forget(bytes) }

  /// All values, in the tensor's shape.
  package func floats() throws(CheckpointError) -> FloatTensor {
    FloatTensor(shape: shape, values: try values(rows: 0..<rows))
  }
}
