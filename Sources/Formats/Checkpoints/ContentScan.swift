import TensorCore

/// Looks for values that no healthy model contains, before they reach a scale or a sum.
package enum ContentScan {
  /// Checks that `view` holds neither NaN nor infinity. Integer tensors pass without being read.
  ///
  /// - Throws: ``CheckpointError`` `notFinite` with the tensor's name and the first offending index.
  /// - Complexity: O(elements); allocates nothing.
  package static func requireFinite(_ view: TensorView, name: String, file: String) throws(CheckpointError) {
    guard let index = firstNotFinite(view) else { return }
    let offset = index * view.type.byteSize
    let value =
      switch view.type {
      case .f64: view.bytes.loadUnaligned(fromByteOffset: offset, as: Double.self)
      case .f16: Double(float(half: view.bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
      case .bf16:
        Double(
          Float(bitPattern: UInt32(view.bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)) << 16))
      default: Double(view.bytes.loadUnaligned(fromByteOffset: offset, as: Float.self))
      }
    throw CheckpointError(file: file, problem: .notFinite(tensor: name, index: index, value: value))
  }

  /// Checks that `tensor` holds neither NaN nor infinity.
  ///
  /// - Throws: ``CheckpointError`` `notFinite` with the tensor's name and the first offending index.
  package static func requireFinite(_ tensor: FloatTensor, name: String, file: String) throws(CheckpointError)
  {
    guard let index = tensor.values.firstIndex(where: { !$0.isFinite }) else { return }
    throw CheckpointError(
      file: file, problem: .notFinite(tensor: name, index: index, value: Double(tensor.values[index])))
  }

  /// The index of the first NaN or infinity; nil where all is finite or the type is an integer.
  package static func firstNotFinite(_ view: TensorView) -> Int? {
    withExtendedLifetime(view.owner) {
      switch view.type {
      case .f32: first(view.bytes, exponent: UInt32(0x7F80_0000))
      case .f16: first(view.bytes, exponent: UInt16(0x7C00))
      case .bf16: first(view.bytes, exponent: UInt16(0x7F80))
      case .f64: first(view.bytes, exponent: UInt64(0x7FF0_0000_0000_0000))
      case .i8, .u8, .i16, .u16, .i32, .u32, .i64, .u64, .bool: nil
      }
    }
  }

  /// NaN and infinity are exactly the values whose exponent bits are all ones.
  private static func first<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, exponent: Bits
  ) -> Int? {
    let size = MemoryLayout<Bits>.size
    return (0..<bytes.count / size).first {
      bytes.loadUnaligned(fromByteOffset: $0 &* size, as: Bits.self) & exponent == exponent
    }
  }
}
