/// The names of a pack's metadata sections, each a JSON text in the file's header.
public enum PackSection {
  public static let name = "name"
  public static let configuration = "configuration"
  public static let scheme = "scheme"
  public static let preprocessing = "preprocessing"
  public static let labels = "labels"
  public static let tokenizer = "tokenizer"
  public static let generation = "generation"
  public static let source = "source"
  public static let recipe = "recipe"
  public static let quality = "quality"
  public static let chatTemplate = "chat_template"
}

/// What a generation does where the request is silent.
public struct GenerationDefaults: Sendable, Equatable, Codable {
  public var temperature: Double?
  public var topK: Int?
  public var topP: Double?
  public var repetitionPenalty: Double?
  public var maxTokens: Int?

  public init(
    temperature: Double? = nil, topK: Int? = nil, topP: Double? = nil, repetitionPenalty: Double? = nil,
    maxTokens: Int? = nil
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.repetitionPenalty = repetitionPenalty
    self.maxTokens = maxTokens
  }
}

/// How a pack was made.
public struct RecipeRecord: Sendable, Equatable, Codable {
  /// `w8a8` or `w4a8`.
  public var name: String
  /// What calibration read: file name and number of items; nil where there was none.
  public var calibrationData: String?
  public var calibrationItems: Int?
  /// SHA-256 of the calibration file.
  public var calibrationDigest: String?
  /// Layers that fell back to 8-bit attention because their error exceeded the gate.
  public var fallbackLayers: [Int]
  /// The version of the program that wrote the pack.
  public var writer: String

  public init(
    name: String, calibrationData: String?, calibrationItems: Int?, calibrationDigest: String?,
    fallbackLayers: [Int],
    writer: String
  ) {
    self.name = name
    self.calibrationData = calibrationData
    self.calibrationItems = calibrationItems
    self.calibrationDigest = calibrationDigest
    self.fallbackLayers = fallbackLayers
    self.writer = writer
  }
}
