import Architectures
import Checkpoints
import TensorCore

/// The tensors of a GGUF model by canonical name, with rows in the order that those names imply.
struct GGUFWeights: WeightSource {
  let parts: GGUFParts
  private let sources: [String: SourceTensor]
  private let rotary: RotaryKind

  init(_ parts: GGUFParts, _ table: TensorTable, rotary: RotaryKind) {
    self.parts = parts
    self.rotary = rotary
    sources = Dictionary(table.sources.map { ($0.name, $0) }) { first, _ in first }
  }

  var files: [MappedFile] { parts.files.map(\.mapping) }

  private func stored(_ name: String) -> GGUFTensor? {
    sources[name].flatMap { $0.names[.gguf] }.flatMap { parts[$0] }
  }

  private func band(_ name: String) -> Range<Int>? { sources[name]?.bands[.gguf] }

  func file(of name: String) -> String { stored(name)?.file ?? parts.name }

  /// The shape of the rows that belong to `name`; nil where the tensor is absent or has fewer.
  func shape(of name: String) -> Shape? {
    guard let tensor = stored(name) else { return nil }
    guard let band = band(name) else { return tensor.shape }
    guard tensor.shape.rank == 2, band.upperBound <= tensor.rows else { return nil }
    return [band.count, tensor.columns]
  }

  func storedName(of name: String) -> String { sources[name]?.names[.gguf] ?? name }

  func tensor(_ name: String) throws -> FloatTensor {
    guard let tensor = stored(name), let shape = shape(of: name) else {
      throw ImportError.missingTensor(file: file(of: name), tensor: storedName(of: name))
    }
    let floats = FloatTensor(shape: shape, values: try tensor.values(rows: band(name) ?? 0..<tensor.rows))
    tensor.forget()
    guard rotary == .interleaved, let headSize = sources[name]?.rotaryHeadSize else { return floats }
    return rotateHalfRows(of: floats, headSize: headSize)
  }

  /// Refuses tensors that nothing uses, and types that are not read, before anybody waits for a calibration.
  func requireOnly(_ others: [String]) throws {
    let used = Set(sources.values.compactMap { $0.names[.gguf] } + others)
    for name in parts.names {
      guard let tensor = parts[name] else { continue }
      guard used.contains(name) else {
        throw ImportError.unexpectedTensor(file: tensor.file, tensor: name)
      }
      guard tensor.type.isReadable else {
        throw CheckpointError(
          file: tensor.file, problem: .gguf(.unreadableType(tensor: name, type: tensor.type.name)))
      }
    }
  }
}
