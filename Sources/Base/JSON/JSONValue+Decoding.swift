/// Why a JSON text did not become the value that was asked for.
package enum JSONDecodingError: Error, Equatable, CustomStringConvertible {
  case syntax(JSONSyntaxError)
  /// The member at `path`, such as `layers.3.bits`, is missing or is something else.
  case mismatch(path: String, reason: String)

  package var description: String {
    switch self {
    case .syntax(let error): "\(error)"
    case .mismatch(let path, let reason): "at '\(path)': \(reason)"
    }
  }
}

extension JSONValue {
  /// Reads `text` as a `T`, under the rules and bounds of ``init(parsing:limit:)``.
  ///
  /// - Complexity: O(`text`); the values of the whole text are in memory while it is decoded.
  package static func decode<T: Decodable>(
    _ type: T.Type, from text: [UInt8], limit: Int = JSONLimits.fileBytes
  ) throws(JSONDecodingError) -> T {
    let value: JSONValue
    do { value = try JSONValue(parsing: text, limit: limit) } catch { throw .syntax(error) }
    do {
      return try T(from: ValueDecoder(value: value, codingPath: []))
    } catch let error as DecodingError {
      throw .mismatch(error)
    } catch {
      throw .mismatch(path: "", reason: "\(error)")
    }
  }
}

extension JSONDecodingError {
  fileprivate static func mismatch(_ error: DecodingError) -> Self {
    func path(_ context: DecodingError.Context, _ last: String? = nil) -> String {
      (context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue } + [last].compactMap(\.self))
        .joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, let context):
      .mismatch(path: path(context, key.stringValue), reason: "it is missing")
    case .valueNotFound(_, let context): .mismatch(path: path(context), reason: "it is null")
    case .typeMismatch(_, let context), .dataCorrupted(let context):
      .mismatch(path: path(context), reason: context.debugDescription)
    @unknown default: .mismatch(path: "", reason: "\(error)")
    }
  }
}
