import TensorCore

extension TensorView {
  /// The elements as float32: exact for F32, F16 and BF16, rounded to nearest for F64.
  ///
  /// - Parameters:
  ///   - name: The tensor's name, for the error.
  ///   - file: The file's name, for the error.
  /// - Throws: ``CheckpointError`` `notFloat` for integer and Boolean types.
  /// - Complexity: O(elements); allocates the result. The bytes need not be aligned.
  package func floats(name: String, file: String) throws(CheckpointError) -> FloatTensor {
    let values: [Float]
    switch type {
    case .f32: values = converted { (bits: UInt32) in Float(bitPattern: UInt32(littleEndian: bits)) }
    case .bf16:
      values = converted { (bits: UInt16) in Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16) }
    case .f16: values = converted { (bits: UInt16) in float(half: UInt16(littleEndian: bits)) }
    case .f64: values = converted { (bits: UInt64) in Float(Double(bitPattern: UInt64(littleEndian: bits))) }
    case .i8, .u8, .i16, .u16, .i32, .u32, .i64, .u64, .bool:
      throw CheckpointError(file: file, problem: .notFloat(tensor: name, type: type))
    }
    return FloatTensor(shape: shape, values: values)
  }

  private func converted<Bits: FixedWidthInteger & BitwiseCopyable>(_ convert: (Bits) -> Float) -> [Float] {
    let count = elementCount
    return withExtendedLifetime(owner) {
      [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
        for i in 0..<count {
          let bits = bytes.loadUnaligned(fromByteOffset: i &* MemoryLayout<Bits>.size, as: Bits.self)
          buffer.initializeElement(at: i, to: convert(bits))
        }
        initialized = count
      }
    }
  }
}

/// A float16 as float32, exactly. Processors older than F16C have no instruction for it, and this needs no
/// library call.
///
/// The bits are shifted into float32's places. The 5-bit exponent is then read with float32's bias, so the
/// number is 2⁻¹¹² of what it should be, and one multiplication by 2¹¹² repairs normal and subnormal numbers
/// alike. Infinities and NaNs get the full exponent instead.
@inline(__always)
func float(half: UInt16) -> Float {
  let magnitude = UInt32(half & 0x7FFF) << 13
  let sign = UInt32(half & 0x8000) << 16
  let bits =
    half & 0x7C00 == 0x7C00
    ? magnitude | 0x7F80_0000 : (Float(bitPattern: magnitude) * Float(bitPattern: 0x7780_0000)).bitPattern
  return Float(bitPattern: bits | sign)
}
