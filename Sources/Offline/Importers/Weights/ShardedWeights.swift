import Architectures
import Checkpoints
import TensorCore

/// Safetensors weights in one file or in shards, by the names that the files use.
struct ShardedWeights: Sendable {
  let shards: [SafetensorsFile]
  private let shardOf: [String: Int]

  /// Opens `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
  init(folder: String) throws {
    if let mapping = try optionalFile("model.safetensors", in: folder) {
      let file = try SafetensorsFile(mapping)
      shards = [file]
      shardOf = Dictionary(uniqueKeysWithValues: file.names.map { ($0, 0) })
      return
    }
    guard let index = try Settings.read("model.safetensors.index.json", in: folder) else {
      let found = UnsupportedSource(folder)
      guard found == .unknown else { throw ImportError.unsupported(folder) }
      throw ImportError.missingFile("model.safetensors", beside: "config.json")
    }
    guard let map = try index.object("weight_map") else { throw index.missing("weight_map") }
    (shards, shardOf) = try Self.open(map, in: folder)
  }

  private static func open(_ map: Settings, in folder: String) throws -> ([SafetensorsFile], [String: Int]) {
    var (shards, byName, shardOf) = ([SafetensorsFile](), [String: Int](), [String: Int]())
    for tensor in map.values.keys.sorted() {
      guard let name = try map.text(tensor) else { throw map.missing(tensor) }
      if byName[name] == nil {
        // A name, never a path: an index must not reach outside its folder.
        guard !name.contains("/"), !name.hasPrefix("."), let mapping = try optionalFile(name, in: folder)
        else {
          throw ImportError.missingFile(name, beside: map.file)
        }
        byName[name] = shards.count
        shards.append(try SafetensorsFile(mapping))
      }
      guard let shard = byName[name], shards[shard][tensor] != nil else {
        throw ImportError.missingTensor(file: name, tensor: tensor)
      }
      shardOf[tensor] = shard
    }
    return (shards, shardOf)
  }

  var names: [String] { shardOf.keys.sorted() }
  var files: [MappedFile] { shards.map(\.mapping) }

  func file(of name: String) -> String {
    shardOf[name].map { shards[$0].name } ?? shards.first?.name ?? "model.safetensors"
  }

  /// Lets go of the memory behind a view that has been read.
  func forget(_ view: TensorView) {
    (view.owner as? MappedFile)?.forget(view.bytes)
  }

  subscript(name: String) -> TensorView? { shardOf[name].flatMap { shards[$0][name] } }
}

/// Weights whose canonical tensors are whole tensors, or bands of rows of tensors, of safetensors files.
struct MappedWeights: WeightSource {
  /// Where a canonical tensor lies.
  struct Location: Sendable {
    var name: String
    /// The rows that belong to it; nil for all.
    var rows: Range<Int>?
  }

  let shards: ShardedWeights
  /// Canonical name → location; names not listed are used as they are.
  let locations: [String: Location]

  var files: [MappedFile] { shards.files }

  private func location(_ name: String) -> Location { locations[name] ?? Location(name: name) }

  func file(of name: String) -> String { shards.file(of: location(name).name) }

  func shape(of name: String) -> Shape? { view(name)?.shape }

  func tensor(_ name: String) throws -> FloatTensor {
    guard let view = view(name) else { throw ImportError.missingTensor(file: file(of: name), tensor: name) }
    let tensor = try view.floats(name: name, file: file(of: name))
    shards.forget(view)
    return tensor
  }

  /// The tensor's own bytes; nil where it is absent or has fewer rows than the location says.
  private func view(_ name: String) -> TensorView? {
    let location = location(name)
    guard let whole = shards[location.name], let rows = location.rows else { return shards[location.name] }
    guard whole.shape.rank > 0, rows.upperBound <= whole.shape[0] else { return nil }
    let stride = whole.bytes.count / whole.shape[0]
    return TensorView(
      bytes: UnsafeRawBufferPointer(
        rebasing: whole.bytes[rows.lowerBound * stride..<rows.upperBound * stride]),
      type: whole.type, shape: Shape([rows.count] + whole.shape.extents.dropFirst()), owner: whole.owner)
  }

  /// Refuses tensors that no canonical tensor uses, except those that `ignored` accepts.
  func requireNoOthers(_ canonical: [String], ignoring ignored: (String) -> Bool) throws(ImportError) {
    let used = Set(canonical.map { location($0).name })
    if let other = shards.names.first(where: { !used.contains($0) && !ignored($0) }) {
      throw .unexpectedTensor(file: shards.file(of: other), tensor: other)
    }
    try requireWholeBands(canonical)
  }

  /// Refuses tensors with rows beyond those that some canonical tensor uses.
  private func requireWholeBands(_ canonical: [String]) throws(ImportError) {
    var ends: [String: Int] = [:]
    for location in canonical.map(location) {
      if let rows = location.rows { ends[location.name] = max(ends[location.name] ?? 0, rows.upperBound) }
    }
    for (name, end) in ends.sorted(by: { $0.key < $1.key }) {
      guard let found = shards[name]?.shape, found.rank > 0, found[0] != end else { continue }
      throw .shapeMismatch(
        file: shards.file(of: name), tensor: name, found: found,
        expected: Shape([end] + found.extents.dropFirst()))
    }
  }
}

extension [String: MappedWeights.Location] {
  /// Where the tensors of `table` lie in a checkpoint of `dialect`. A tensor that the dialect has no name for is left out,
  /// which means that it is looked for under its canonical name.
  init(_ table: TensorTable, _ dialect: Dialect) {
    self = [:]
    for source in table.sources {
      self[source.name] = source.names[dialect].map { .init(name: $0, rows: source.bands[dialect]) }
    }
  }
}
