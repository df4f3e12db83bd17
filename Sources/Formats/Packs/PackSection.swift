/// The names of a pack's metadata sections, each a JSON text in the file's header.
package enum PackSection {
  package static let name = "name"
  package static let configuration = "configuration"
  package static let scheme = "scheme"
  package static let preprocessing = "preprocessing"
  package static let labels = "labels"
  package static let tokenizer = "tokenizer"
  package static let generation = "generation"
  package static let source = "source"
  package static let recipe = "recipe"
  package static let quality = "quality"
  package static let chatTemplate = "chat_template"
}

/// How a pack was made.
package struct RecipeRecord: Sendable, Equatable, Codable {
  /// `w8a8` or `w4a8`.
  package var name: String
  /// What calibration read: file name and number of items; nil where there was none.
  package var calibrationData: String?
  package var calibrationItems: Int?
  /// SHA-256 of the calibration file.
  package var calibrationDigest: String?
  /// What was done to the weights before they were rounded, in order; nil in packs that do not say.
  package var transforms: [String]?
  /// How codes were chosen; nil in packs that do not say.
  package var rounding: String?
  /// Layers that fell back to 8-bit attention because their error exceeded the gate.
  package var fallbackLayers: [Int]
  /// The version of the program that wrote the pack.
  package var writer: String

  package init(
    name: String, calibrationData: String?, calibrationItems: Int?, calibrationDigest: String?,
    transforms: [String]? = nil, rounding: String? = nil, fallbackLayers: [Int],
    writer: String
  ) {
    self.name = name
    self.calibrationData = calibrationData
    self.calibrationItems = calibrationItems
    self.calibrationDigest = calibrationDigest
    self.transforms = transforms
    self.rounding = rounding
    self.fallbackLayers = fallbackLayers
    self.writer = writer
  }
}
