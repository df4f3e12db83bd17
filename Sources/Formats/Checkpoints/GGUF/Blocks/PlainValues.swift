/// Tensors that are no blocks: a value after another.
enum PlainValues {
  static let f32: GGMLType.Decoder = { source, target, count in
    for i in 0..<count { target[i] = Float(bitPattern: source.word(4 &* i)) }
  }

  static let f16: GGMLType.Decoder = { source, target, count in
    for i in 0..<count { target[i] = source.half(2 &* i) }
  }

  static let bf16: GGMLType.Decoder = { source, target, count in
    for i in 0..<count { target[i] = Float(bitPattern: UInt32(source.short(2 &* i)) << 16) }
  }

  /// Rounded to nearest.
  static let f64: GGMLType.Decoder = { source, target, count in
    for i in 0..<count {
      let bits = source.loadUnaligned(fromByteOffset: 8 &* i, as: UInt64.self)
      target[i] = Float(Double(bitPattern: UInt64(littleEndian: bits)))
    }
  }
}

/// Little-endian fields of a block; the caller has checked that the block is there.
extension UnsafeRawPointer {
  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }

  @inline(__always)
  func short(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  @inline(__always)
  func word(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// A float16, as float32.
  @inline(__always)
  func half(_ offset: Int) -> Float { float(half: short(offset)) }
}
