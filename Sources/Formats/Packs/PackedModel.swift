import Checkpoints
import JSON
import TensorCore

/// A packed model (`.qpack`): a safetensors file whose tensors are aligned and whose metadata carries typed
/// sections.
///
/// Metadata keys: `quantd.format` is the format version, `quantd.<name>` the JSON text of section `<name>`.
/// Tensors start at multiples of 64 bytes in the file; `__pad.<n>` tensors fill the gaps, so that any
/// safetensors reader opens it. Tensors keep their mapping alive: a model in use survives the removal of its
/// file.
package struct PackedModel: Sendable {
  /// Format versions that this program reads; it writes the last.
  ///
  /// - 1: the scheme records no weight formats; see ``FormatOne``.
  /// - 2: it records one for each quantized layer.
  package static let supportedFormats = ["1", "2"]
  /// Every tensor starts at a multiple of this, in the file and therefore in memory.
  package static let alignment = 64

  static let keyPrefix = "quantd."
  static let formatKey = "quantd.format"
  static let padPrefix = "__pad."

  /// The format version of this file, one of ``supportedFormats``.
  package let format: String

  /// The file behind the model.
  package let file: SafetensorsFile

  /// The model's tensors in the order of their data, without padding.
  package let names: [String]

  /// Checks `mapping` against the rules of `SafetensorsFile` and of this format.
  ///
  /// - Throws: `CheckpointError` for what is no sound safetensors file; ``PackError`` for one that is no pack, or one
  ///   of a version that is not read here.
  /// - Complexity: O(header); tensors are not read.
  package init(_ mapping: MappedFile) throws {
    file = try SafetensorsFile(mapping)
    names = file.names.filter { !$0.hasPrefix(Self.padPrefix) }
    guard let format = file.metadata[Self.formatKey] else { throw PackError.notPacked(file: file.name) }
    guard Self.supportedFormats.contains(format) else {
      throw PackError.unsupportedFormat(file: file.name, found: format, supported: Self.supportedFormats)
    }
    self.format = format
    for name in names where file.fileOffset(of: name) % Self.alignment != 0 {
      throw PackError.misaligned(file: file.name, tensor: name, alignment: Self.alignment)
    }
  }

  /// Maps and checks the file at `path`.
  package static func open(path: String, links: MappedFile.Links = .follow) throws -> PackedModel {
    try PackedModel(MappedFile(path: path, links: links))
  }

  /// Maps and checks the file behind `descriptor`, which stays open and the caller's.
  package static func open(descriptor: Int32, name: String) throws -> PackedModel {
    try PackedModel(MappedFile(descriptor: descriptor, name: name))
  }

  /// The bytes of all tensors, without padding.
  package var tensorBytes: Int { names.reduce(0) { $0 + (file[$1]?.bytes.count ?? 0) } }

  /// The tensor `name`, aligned to 64 bytes, or nil where there is none.
  package subscript(name: String) -> TensorView? { file[name] }

  /// The tensor `name`.
  ///
  /// - Throws: `CheckpointError` `missingTensor` where there is none.
  package func tensor(_ name: String) throws(CheckpointError) -> TensorView { try file.tensor(name) }

  /// The names of the sections, sorted.
  package var sections: [String] {
    file.metadata.keys.filter { $0.hasPrefix(Self.keyPrefix) && $0 != Self.formatKey }
      .map { String($0.dropFirst(Self.keyPrefix.count)) }.sorted()
  }

  /// The JSON text of section `name`, or nil where there is none.
  package func sectionText(_ name: String) -> String? { file.metadata[Self.keyPrefix + name] }

  /// Section `name` as a value, or nil where there is none.
  ///
  /// - Throws: ``PackError`` `badSection` where the text is not JSON of that type, or exceeds `JSONLimits`.
  package func section<T: Decodable>(_ name: String, as type: T.Type) throws(PackError) -> T? {
    guard let text = sectionText(name) else { return nil }
    do {
      return try JSONValue.decode(type, from: Array(text.utf8))
    } catch {
      throw .badSection(file: file.name, name: name, reason: "\(error)")
    }
  }
}
