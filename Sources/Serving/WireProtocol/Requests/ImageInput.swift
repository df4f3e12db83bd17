import JSON

/// Where the bytes of an image are.
package enum ImageInput: Sendable, Equatable {
  /// A PNM file, sent as base64 in `image`.
  case bytes([UInt8])
  /// The descriptor that came with the line (`"fd": true`, SCM_RIGHTS).
  case descriptor

  /// The image of a request; nil when it names none.
  init?(_ fields: inout Fields) throws(WireError) {
    let text = try fields.string("image", bytes: 1...JSONLimits.lineBytes)
    let isPassed = try fields.bool("fd") ?? false
    switch (text, isPassed) {
    case (nil, false): return nil
    case (nil, true): self = .descriptor
    case (let text?, false):
      guard let bytes = Base64.decode(text) else {
        throw WireError(.badImage, "'image' is not base64 (RFC 4648, padded)", parameter: "image")
      }
      self = .bytes(bytes)
    case (.some, true):
      throw WireError(.badRequest, "'image' and 'fd' exclude each other; send one image", parameter: "fd")
    }
  }

  /// An image that must be there.
  init(required fields: inout Fields) throws(WireError) {
    guard let image = try Self(&fields) else {
      throw WireError(
        .badRequest, "an image is needed: base64 in 'image', or 'fd': true with a descriptor",
        parameter: "image")
    }
    self = image
  }

  var members: KeyValuePairs<String, JSONValue?> {
    switch self {
    case .bytes(let bytes): ["image": .string(Base64.encode(bytes))]
    case .descriptor: ["fd": true]
    }
  }
}
