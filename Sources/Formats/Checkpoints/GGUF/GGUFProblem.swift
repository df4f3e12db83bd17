import TensorCore

/// What is wrong with a GGUF file, beyond what any file of weights can have.
package enum GGUFProblem: Error, Equatable, Sendable {
  // The header.
  case magic(found: [UInt8])
  case olderFormat(name: String)
  case bigEndian
  case version(UInt32)
  case truncated(field: String, offset: Int)
  case tooMany(what: String, found: UInt64, limit: UInt64)
  case emptyName(what: String)
  case notText(field: String)
  // The metadata.
  case valueType(key: String, found: UInt32)
  case nestedArray(key: String)
  case notBool(key: String, found: UInt8)
  case wrongKind(key: String, found: String, expected: String)
  case alignment(found: String)
  // The tensors.
  case rank(tensor: String, found: UInt32, limit: Int)
  case emptyDimension(tensor: String, shape: Shape)
  case tensorType(tensor: String, found: UInt32)
  case unreadableType(tensor: String, type: String)
  case partialBlock(tensor: String, type: String, columns: Int, block: Int)
  case misaligned(tensor: String, offset: UInt64, alignment: Int)
  // The parts of a split model.
  case splitName(no: Int, count: Int)
  case splitNumber(key: String, found: String, expected: String)
  case missingSplit(name: String)
}

extension GGUFProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .magic(let found):
      "it begins with \(quoted(String(decoding: found, as: UTF8.self))), not with 'GGUF'"
    case .olderFormat(let name):
      "it is of the format \(name), which GGUF has replaced; convert the original model with a current llama.cpp"
    case .bigEndian:
      """
      it is a big-endian GGUF file; only little-endian ones are read. Convert it with \
      'gguf_convert_endian.py FILE little' of llama.cpp
      """
    case .version(let version):
      "it is GGUF version \(version); versions 2 and 3 are read. Convert it with a current llama.cpp"
    case .truncated(let field, let offset):
      "the file ends at byte \(offset), within its \(field); it is truncated, fetch it again"
    case .tooMany(let what, let found, let limit):
      "the \(what) is \(found), but at most \(limit) is possible here; the file is damaged"
    case .emptyName(let what): "a \(what) has no name"
    case .notText(let field): "the \(field) is not UTF-8"
    case .valueType(let key, let found):
      "'\(key)' has a value of type \(found); known are 0 to 12. The file is damaged or newer than this program"
    case .nestedArray(let key): "'\(key)' is an array of arrays, which no model has"
    case .notBool(let key, let found): "'\(key)' is a Boolean of value \(found); 0 or 1 is expected"
    case .wrongKind(let key, let found, let expected): "'\(key)' is \(found), but should be \(expected)"
    case .alignment(let found):
      "'general.alignment' is \(found); a power of two from 8 to \(GGUFHeader.largestAlignment) is expected"
    case .rank(let tensor, let found, let limit):
      "tensor \(quoted(tensor)) has \(found) dimensions; 1 to \(limit) are expected"
    case .emptyDimension(let tensor, let shape):
      "tensor \(quoted(tensor)) has shape \(shape); no dimension may be 0"
    case .tensorType(let tensor, let found):
      """
      tensor \(quoted(tensor)) has type \(found), which is none of GGUF's known types; the file is damaged, made by a \
      fork, or newer than this program. Quantize the original model again with 'llama-quantize … Q8_0'
      """
    case .unreadableType(let tensor, let type):
      """
      tensor \(quoted(tensor)) has type \(type), which is not read; read are \(GGMLType.readable). Make one of those \
      from the original model, or with 'llama-quantize --allow-requantize IN.gguf OUT.gguf Q8_0'
      """
    case .partialBlock(let tensor, let type, let columns, let block):
      "tensor \(quoted(tensor)) has rows of \(columns) values, but \(type) stores blocks of \(block)"
    case .misaligned(let tensor, let offset, let alignment):
      "tensor \(quoted(tensor)) starts at data byte \(offset), which is no multiple of \(alignment)"
    case .splitName(let no, let count):
      """
      it is part \(no) of \(count) of a split model, but its name does not end in \
      '\(GGUFParts.suffix(no: no, count: count))'; give the parts the names they were made with
      """
    case .splitNumber(let key, let found, let expected):
      "'\(key)' is \(found), expected \(expected); the parts belong to different models or some are missing"
    case .missingSplit(let name): "the part '\(name)' is missing beside it; all parts must lie in one folder"
    }
  }
}
