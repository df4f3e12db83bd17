import Checkpoints
import FoundationEssentials
import Importers
import JSON
import TestSupport

/// A family's folder, and beside it the GGUF file that llama.cpp's converter makes of it.
///
/// GGUF has no words for some settings of the fixtures; in both forms those are what the file implies.
package struct ConvertedFamily {
  let config: JSONValue
  let weights: SafetensorsFile
  private let scratch = Result { try ScratchFolder() }

  package init(_ fixture: FamilyFixture) throws {
    let text = try Data(contentsOf: URL(filePath: "\(fixture.folder)/config.json"))
    config = try JSONValue(parsing: Array(text)).replacing(Self.implied[fixture.name] ?? [:])
    weights = try SafetensorsFile(path: "\(fixture.folder)/model.safetensors")
    let path = try scratch.get().path
    try Data(config.encoded()).write(to: URL(filePath: "\(path)/config.json"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/model.safetensors", withDestinationPath: "\(fixture.folder)/model.safetensors")
    try Data(gguf().bytes).write(to: URL(filePath: "\(path)/model.gguf"))
  }

  package func openFolder() throws -> ImportedModel { try ImportedModel.open(scratch.get().path) }
  package func openGGUF() throws -> ImportedModel {
    try ImportedModel.open(scratch.get().path + "/model.gguf")
  }

  /// What converters leave out, by the fixture's name.
  private static let implied: [String: [String: JSONValue]] = [
    "llama": ["original_max_position_embeddings": 8_192],
    "mistral": ["sliding_window": .null],
    "qwen2-window": ["use_sliding_window": false, "layer_types": .null],
    "gemma2": ["query_pre_attn_scalar": 16],
    "gemma3": ["query_pre_attn_scalar": 8],
  ]
}

extension JSONValue {
  /// The object with other values, and those that it had not.
  fileprivate func replacing(_ values: [String: JSONValue]) -> JSONValue {
    guard case .object(let object) = self else { return self }
    let kept = object.members.filter { values[$0.name] == nil }
    return .object(JSONObject(members: kept + values.map { .init(name: $0.key, value: $0.value) }))
  }
}
