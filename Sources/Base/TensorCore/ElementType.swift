/// The element types of stored tensors, named as in safetensors headers.
package enum ElementType: String, Sendable, CaseIterable, Codable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case f64 = "F64"
  case i8 = "I8"
  case u8 = "U8"
  case i16 = "I16"
  case u16 = "U16"
  case i32 = "I32"
  case u32 = "U32"
  case i64 = "I64"
  case u64 = "U64"
  case bool = "BOOL"

  /// Bytes of one element.
  package var byteSize: Int {
    switch self {
    case .i8, .u8, .bool: 1
    case .f16, .bf16, .i16, .u16: 2
    case .f32, .i32, .u32: 4
    case .f64, .i64, .u64: 8
    }
  }
}
