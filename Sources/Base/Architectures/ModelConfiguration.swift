/// Everything about a model's shape that its weights do not say.
///
/// Stored as one flat object: the fields of the configuration, and `architecture`, the family's name.
package enum ModelConfiguration: Sendable, Equatable {
  case decoder(DecoderConfiguration)
  case vision(VisionConfiguration)

  /// The family, as shown to people and stored in the registry.
  package var architecture: String {
    switch self {
    case .decoder(let decoder): decoder.family.rawValue
    case .vision(let vision): vision.family.rawValue
    }
  }

  /// Transformer layers.
  package var layers: Int {
    switch self {
    case .decoder(let decoder): decoder.layers
    case .vision(let vision): vision.layers
    }
  }

  /// The family's table for these sizes and features.
  ///
  /// - Precondition: The sizes are within the bounds of ``validate()``, or of an importer's.
  package var tensorTable: TensorTable {
    switch self {
    case .decoder(let decoder): decoder.tensorTable
    case .vision(let vision): vision.tensorTable
    }
  }

  /// Checks every number of a configuration that came from a file, so that later arithmetic cannot overflow or divide
  /// by zero, and refuses features that no model here computes.
  package func validate() throws(ArchitectureError) {
    switch self {
    case .decoder(let decoder): try decoder.validate()
    case .vision(let vision): try vision.validate()
    }
  }
}

extension ModelConfiguration: Codable {
  private enum CodingKeys: String, CodingKey { case architecture }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .architecture)
    if let family = DecoderFamily(rawValue: name) {
      self = .decoder(try DecoderConfiguration(family, from: decoder))
    } else if let family = VisionFamily(rawValue: name) {
      self = .vision(try VisionConfiguration(family, from: decoder))
    } else {
      let known = DecoderFamily.allCases.map(\.rawValue) + VisionFamily.allCases.map(\.rawValue)
      throw DecodingError.dataCorruptedError(
        forKey: .architecture, in: container,
        debugDescription: "'\(name)' is none of \(known.sorted().joined(separator: ", "))")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(architecture, forKey: .architecture)
    switch self {
    case .decoder(let decoder): try decoder.encodeFields(to: encoder)
    case .vision(let vision): try vision.encodeFields(to: encoder)
    }
  }
}
