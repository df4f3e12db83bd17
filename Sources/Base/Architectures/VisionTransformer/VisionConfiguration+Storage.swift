extension VisionConfiguration {
  private enum CodingKeys: String, CodingKey {
    case imageSize, patchSize, channels, width, layers, heads, hidden, classes
    case norm, normPlacement, feedForward, queryKeyValueBias, classToken, pooling
    case normEpsilon = "layerNormEpsilon"
  }

  /// Reads the fields beside `architecture`.
  init(_ family: VisionFamily, from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      family: family, imageSize: try fields.decode(Int.self, forKey: .imageSize),
      patchSize: try fields.decode(Int.self, forKey: .patchSize),
      channels: try fields.decode(Int.self, forKey: .channels),
      width: try fields.decode(Int.self, forKey: .width),
      layers: try fields.decode(Int.self, forKey: .layers),
      heads: try fields.decode(Int.self, forKey: .heads),
      hidden: try fields.decode(Int.self, forKey: .hidden),
      classes: try fields.decode(Int.self, forKey: .classes),
      normEpsilon: try fields.decode(Float.self, forKey: .normEpsilon),
      queryKeyValueBias: try fields.decode(Bool.self, forKey: .queryKeyValueBias))
    norm = try fields.decode(.layer, unlessStoredFor: .norm)
    normPlacement = try fields.decode(.before, unlessStoredFor: .normPlacement)
    feedForward = try fields.decode(.gelu, unlessStoredFor: .feedForward)
    classToken = try fields.decode(true, unlessStoredFor: .classToken)
    pooling = try fields.decode(.classToken, unlessStoredFor: .pooling)
  }

  /// Writes the fields beside `architecture`.
  func encodeFields(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(imageSize, forKey: .imageSize)
    try fields.encode(patchSize, forKey: .patchSize)
    try fields.encode(channels, forKey: .channels)
    try fields.encode(width, forKey: .width)
    try fields.encode(layers, forKey: .layers)
    try fields.encode(heads, forKey: .heads)
    try fields.encode(hidden, forKey: .hidden)
    try fields.encode(classes, forKey: .classes)
    try fields.encode(normEpsilon, forKey: .normEpsilon)
    try fields.encode(queryKeyValueBias, forKey: .queryKeyValueBias)
    try fields.encode(norm, unless: .layer, forKey: .norm)
    try fields.encode(normPlacement, unless: .before, forKey: .normPlacement)
    try fields.encode(feedForward, unless: .gelu, forKey: .feedForward)
    try fields.encode(classToken, unless: true, forKey: .classToken)
    try fields.encode(pooling, unless: .classToken, forKey: .pooling)
  }
}
