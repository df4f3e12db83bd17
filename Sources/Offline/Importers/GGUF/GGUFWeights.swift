import Architectures
import Checkpoints
import TensorCore

/// The tensors of a GGUF model by canonical name, with rows in the order that those names imply.
struct GGUFWeights: WeightSource {
  /// Where a canonical tensor lies.
  private struct Location {
    let name: String
    /// The rows that belong to it; nil for all.
    var rows: Range<Int>?
    /// For what rotary embedding turns: the rows of a head.
    var rotaryHeadSize: Int?
  }

  let parts: GGUFParts
  private let locations: [String: Location]
  private let rotary: RotaryKind

  init(_ parts: GGUFParts, _ table: TensorTable, _ architecture: GGUFArchitecture) {
    self.parts = parts
    rotary = architecture.rotary
    var locations: [String: Location] = [:]
    for source in table.sources {
      guard let name = source.names[.gguf] else { continue }
      locations[source.name] = .init(name: name, rotaryHeadSize: source.rotaryHeadSize)
    }
    for row in table.rows {
      guard let name = Self.joined(row, architecture, parts) else { continue }
      var start = 0
      for source in row.sources {
        let end = start + source.shape[0]
        locations[source.name] = .init(
          name: name, rows: start..<end, rotaryHeadSize: source.rotaryHeadSize)
        start = end
      }
    }
    self.locations = locations
  }

  /// The tensor that holds the projections of `row` one after another, where a file has such a one. Any architecture may
  /// have query, key and value in one.
  private static func joined(
    _ row: TensorRow, _ architecture: GGUFArchitecture, _ parts: GGUFParts
  ) -> String? {
    guard let layer = row.layer else { return nil }
    let joined = "blk.\(layer).attn_qkv.weight"
    return switch row.role {
    case .queryKeyValue: parts[joined] == nil ? nil : joined
    case .gateUp: architecture.joinsGateUp ? "blk.\(layer).ffn_up.weight" : nil
    default: nil
    }
  }

  var files: [MappedFile] { parts.files.map(\.mapping) }

  private func stored(_ name: String) -> GGUFTensor? { locations[name].flatMap { parts[$0.name] } }

  func file(of name: String) -> String { stored(name)?.file ?? parts.name }

  /// The shape of the rows that belong to `name`; nil where the tensor is absent or has fewer.
  func shape(of name: String) -> Shape? {
    guard let tensor = stored(name) else { return nil }
    guard let rows = locations[name]?.rows else { return tensor.shape }
    guard tensor.shape.rank == 2, rows.upperBound <= tensor.rows else { return nil }
    return [rows.count, tensor.columns]
  }

  func storedName(of name: String) -> String { locations[name]?.name ?? name }

  func tensor(_ name: String) throws -> FloatTensor {
    guard let tensor = stored(name), let location = locations[name], let shape = shape(of: name) else {
      throw ImportError.missingTensor(file: file(of: name), tensor: storedName(of: name))
    }
    let floats = FloatTensor(
      shape: shape, values: try tensor.values(rows: location.rows ?? 0..<tensor.rows))
    tensor.forget()
    guard rotary == .interleaved, let headSize = location.rotaryHeadSize else { return floats }
    return rotateHalfRows(of: floats, headSize: headSize)
  }

  /// Refuses tensors that nothing uses, rows beyond those that something uses, and types that are not read, before anybody
  /// waits for a calibration.
  func requireOnly(_ others: [String]) throws {
    var ends: [String: Int] = [:]
    for location in locations.values {
      ends[location.name] = max(ends[location.name] ?? 0, location.rows?.upperBound ?? 0)
    }
    for name in parts.names {
      guard let tensor = parts[name] else { continue }
      guard ends[name] != nil || others.contains(name) else {
        throw ImportError.unexpectedTensor(file: tensor.file, tensor: name)
      }
      if let end = ends[name], end > 0, end != tensor.rows {
        throw ImportError.shapeMismatch(
          file: tensor.file, tensor: name, found: tensor.shape, expected: [end, tensor.columns])
      }
      guard tensor.type.isReadable else {
        throw CheckpointError(
          file: tensor.file, problem: .gguf(.unreadableType(tensor: name, type: tensor.type.name)))
      }
    }
  }
}
