import Architectures
import Checkpoints

/// An architecture of llama.cpp that can be imported: how its metadata becomes a configuration.
///
/// A row of ``all`` an architecture. ``DecoderConfiguration/init(gguf:)`` reads what they have in common; what one has
/// beyond that stands in its row.
struct GGUFArchitecture: Sendable {
  /// As `general.architecture` calls it; the prefix of its keys.
  let name: String
  /// What packs call it.
  let family: DecoderFamily
  /// Which rows of query and key the files have beside each other: converters reorder them for some architectures.
  var rotary = RotaryKind.rotateHalf
  /// Whether the gate's rows stand in front of the up projection's, in one tensor.
  var joinsGateUp = false
  /// Keys after the prefix that are known and change no answer.
  var harmless: [String] = []
  /// What the architecture has beyond the common keys; what is asked for here counts as read.
  var adjust: @Sendable (inout DecoderConfiguration, GGUFSource) throws -> Void = { _, _ in }

  static func find(_ settings: GGUFSettings) throws(ImportError) -> GGUFArchitecture {
    let key = "general.architecture"
    guard let name = try settings.text(key) else { throw .missingSetting(file: settings.file, key: key) }
    guard let found = all.first(where: { $0.name == name }) else {
      throw .unsupportedSetting(
        file: settings.file, key: key, found: String(name.prefix(96)), supported: all.map(\.name))
    }
    return found
  }
}

/// What an architecture's configuration is read from: the metadata under its prefix, and which tensors there are.
struct GGUFSource {
  let architecture: GGUFArchitecture
  let settings: GGUFSettings
  let parts: GGUFParts

  func has(_ tensor: String) -> Bool { parts[tensor] != nil }

  /// `llama.block_count` of `block_count`.
  func key(_ name: String) -> String { "\(architecture.name).\(name)" }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws -> Int {
    try settings.integer(key(name), in: range)
  }

  func integer(_ name: String, _ range: ClosedRange<Int>, or fallback: Int) throws -> Int {
    try settings.integerIfPresent(key(name), in: range) ?? fallback
  }

  func number(_ name: String, _ range: ClosedRange<Double>, or fallback: Double) throws -> Double {
    try settings.numberIfPresent(key(name), in: range) ?? fallback
  }

  /// A factor or cap that files switch off with 0.
  func factor(_ name: String, or fallback: Double?) throws -> Double? {
    guard let value = settings[key(name)] else { return fallback }
    return value.number == 0 ? nil : try number(name, 1e-6...1e6, or: 1)
  }
}
