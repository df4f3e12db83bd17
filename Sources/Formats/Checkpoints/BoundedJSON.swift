import FoundationEssentials

/// Decodes JSON from untrusted files. It measures the nesting first, because the decoder recurses.
package enum BoundedJSON {
  /// The deepest nesting that is read.
  package static let depthLimit = 64

  /// Why a text was not decoded.
  package enum Failure: Error, Equatable, CustomStringConvertible {
    case tooDeep(limit: Int)
    case notJSON(String)
    case mismatch(path: String, reason: String)

    package var description: String {
      switch self {
      case .tooDeep(let limit): "its JSON nests deeper than \(limit)"
      case .notJSON(let reason): "it is not JSON (\(reason))"
      case .mismatch(let path, let reason): "at '\(path)': \(reason)"
      }
    }
  }

  /// Decodes `bytes` as a `T`.
  ///
  /// - Throws: ``Failure`` with the path of the value at fault.
  package static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws(Failure) -> T {
    guard depth(of: bytes) <= depthLimit else { throw .tooDeep(limit: depthLimit) }
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw failure(error)
    } catch {
      throw .notJSON("\(error)")
    }
  }

  /// The deepest nesting of brackets outside strings; never recurses.
  static func depth(of bytes: [UInt8]) -> Int {
    var (depth, deepest, inString, isEscaped) = (0, 0, false, false)
    for byte in bytes {
      if inString {
        if isEscaped {
          isEscaped = false
          continue
        }
        if byte == UInt8(ascii: "\\") { isEscaped = true }
        if byte == UInt8(ascii: "\"") { inString = false }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): inString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        deepest = max(deepest, depth)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
    }
    return deepest
  }

  private static func failure(_ error: DecodingError) -> Failure {
    func path(_ context: DecodingError.Context, _ last: String? = nil) -> String {
      (context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue } + [last].compactMap(\.self))
        .joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, let context):
      .mismatch(path: path(context, key.stringValue), reason: "it is missing")
    case .valueNotFound(_, let context): .mismatch(path: path(context), reason: "it is null")
    case .typeMismatch(_, let context): .mismatch(path: path(context), reason: context.debugDescription)
    case .dataCorrupted(let context) where context.codingPath.isEmpty: .notJSON(context.debugDescription)
    case .dataCorrupted(let context): .mismatch(path: path(context), reason: context.debugDescription)
    @unknown default: .notJSON("\(error)")
    }
  }
}
