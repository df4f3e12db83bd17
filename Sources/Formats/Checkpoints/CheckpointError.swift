import Glibc
import TensorCore

/// Why a file of weights was refused, with the name of the file (never its folder: clients may see the text).
package struct CheckpointError: Error, Equatable, CustomStringConvertible {
  package let file: String
  package let problem: Problem

  package init(file: String, problem: Problem) {
    self.file = file
    self.problem = problem
  }

  package var description: String { "\(file): \(problem)" }

  /// What was found, what was expected and what to do about it.
  package enum Problem: Error, Equatable, Sendable {
    // The operating system.
    case system(operation: String, code: Int32)
    case notARegularFile
    // The header as bytes and as JSON.
    case tooShort(bytes: Int)
    case headerTooLong(bytes: UInt64, limit: Int)
    case headerBeyondFile(bytes: Int, available: Int)
    case syntax(offset: Int, expected: String)
    case duplicate(name: String)
    // One tensor.
    case unknownType(tensor: String, found: String)
    case rankTooHigh(tensor: String, limit: Int)
    case sizeOverflow(tensor: String, shape: Shape)
    case missingField(tensor: String, field: String)
    case unknownField(tensor: String, field: String)
    case reversedOffsets(tensor: String, begin: Int, end: Int)
    case beyondFile(tensor: String, end: Int, available: Int)
    case sizeMismatch(tensor: String, found: Int, expected: Int, type: ElementType, shape: Shape)
    // All tensors together.
    case overlap(first: String, second: String)
    case hole(bytes: Int, before: String)
    case trailingBytes(Int)
    // What the reader asked for.
    case missingTensor(String)
    case notFloat(tensor: String, type: ElementType)
    case notFinite(tensor: String, index: Int, value: Double)
    // What only GGUF files have.
    case gguf(GGUFProblem)
  }
}

extension CheckpointError.Problem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let operation, let code):
      "\(operation) failed: \(String(cString: strerror(code))) (errno \(code))"
    case .notARegularFile:
      "not a regular file; weights are mapped, so pipes, sockets and folders cannot be read"
    case .tooShort(let bytes):
      "\(bytes) bytes are too few for a safetensors file, which starts with an 8-byte header length"
    case .headerTooLong(let bytes, let limit):
      """
      the header claims \(bytes) bytes; at most \(limit) are read. This is not a safetensors file, or it is \
      damaged
      """
    case .headerBeyondFile(let bytes, let available):
      "the header claims \(bytes) bytes, but only \(available) follow; the file is truncated, fetch it again"
    case .syntax(let offset, let expected): "header byte \(offset): expected \(expected)"
    case .duplicate(let name): "the header names \(quoted(name)) twice"
    case .unknownType(let tensor, let found):
      "tensor \(quoted(tensor)) has type \(quoted(found)); known are "
        + ElementType.allCases.map(\.rawValue).joined(separator: ", ")
    case .rankTooHigh(let tensor, let limit): "tensor \(quoted(tensor)) has more than \(limit) dimensions"
    case .sizeOverflow(let tensor, let shape):
      "tensor \(quoted(tensor)): the size of shape \(shape) overflows 63 bits"
    case .missingField(let tensor, let field): "tensor \(quoted(tensor)) lacks the field '\(field)'"
    case .unknownField(let tensor, let field):
      "tensor \(quoted(tensor)) has an unknown field \(quoted(field))"
    case .reversedOffsets(let tensor, let begin, let end):
      "tensor \(quoted(tensor)) ends at \(end), before its start at \(begin)"
    case .beyondFile(let tensor, let end, let available):
      """
      tensor \(quoted(tensor)) ends at data byte \(end), but the file has \(available); \
      it is truncated or damaged, fetch it again
      """
    case .sizeMismatch(let tensor, let found, let expected, let type, let shape):
      "tensor \(quoted(tensor)) has \(found) bytes, but \(type.rawValue) of shape \(shape) takes \(expected)"
    case .overlap(let first, let second): "tensors \(quoted(first)) and \(quoted(second)) overlap"
    case .hole(let bytes, let before): "\(bytes) bytes before tensor \(quoted(before)) belong to no tensor"
    case .trailingBytes(let bytes): "\(bytes) bytes after the last tensor belong to no tensor"
    case .missingTensor(let tensor): "there is no tensor \(quoted(tensor))"
    case .notFloat(let tensor, let type):
      "tensor \(quoted(tensor)) is \(type.rawValue); F32, F16, BF16 or F64 is needed here"
    case .notFinite(let tensor, let index, let value):
      "tensor \(quoted(tensor)) holds \(value) at element \(index); weights must be finite"
    case .gguf(let problem): problem.description
    }
  }
}

/// A name from a file as shown to people: bounded, and with control characters escaped.
package func quoted(_ name: String) -> String {
  let shown = name.unicodeScalars.prefix(96)
  let text = shown.map { $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0) }
  return "'\(text.joined())\(shown.endIndex == name.unicodeScalars.endIndex ? "" : "…")'"
}
