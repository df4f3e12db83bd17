/// The element types of stored tensors, named as in safetensors headers.
public enum ElementType: String, Sendable, CaseIterable, Codable {
  case f32 = "F32", f16 = "F16", bf16 = "BF16", f64 = "F64"
  case i8 = "I8", u8 = "U8", i16 = "I16", u16 = "U16", i32 = "I32", u32 = "U32", i64 = "I64", u64 = "U64"
  case bool = "BOOL"

  /// Bytes of one element.
  public var byteSize: Int {
    switch self {
    case .i8, .u8, .bool: 1
    case .f16, .bf16, .i16, .u16: 2
    case .f32, .i32, .u32: 4
    case .f64, .i64, .u64: 8
    }
  }
}
