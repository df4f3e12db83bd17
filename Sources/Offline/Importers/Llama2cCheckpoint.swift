import Architectures
import Checkpoints
import Packs
import TensorCore

/// A llama2.c checkpoint, version 0.
///
///     byte 0    7 × Int32   width, hidden, layers, heads, key/value heads, vocabulary, context
///                           a negative vocabulary means a classifier of its own
///     byte 28   Float32s    embedding [vocabulary, width]
///                           for all layers each: attention norm, wq, wk, wv, wo, feed-forward norm,
///                           w1, w2, w3
///                           final norm [width]; two unused rotary tables [context, head size / 2]
///                           classifier [vocabulary, width], if untied
///
/// All little-endian. There is no magic number: the sizes must account for every byte of the file.
package struct Llama2cCheckpoint {
  private let configuration: DecoderConfiguration
  private let weights: Llama2cWeights

  /// Maps the file at `path` and checks its size against its header.
  package init(path: String) throws {
    let mapping = try MappedFile(path: path)
    configuration = try Self.configuration(mapping)
    weights = try Llama2cWeights(mapping, configuration)
  }

  /// The model; the format has no settings beyond its header, so the rest is what its author's models use.
  package func model() throws -> ImportedModel {
    try ImportedModel(
      configuration: .decoder(configuration), generation: GenerationDefaults(),
      weights: weights, format: "llama2.c")
  }

  private static func configuration(_ mapping: MappedFile) throws -> DecoderConfiguration {
    guard mapping.bytes.count >= 28 else {
      throw ImportError.wrongSize(file: mapping.name, found: mapping.bytes.count, expected: 28)
    }
    let fields = withExtendedLifetime(mapping) {
      (0..<7).map {
        Int(Int32(littleEndian: mapping.bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)))
      }
    }
    if fields[0] == 0x616B_3432 {  // "ak42": the magic number of later versions
      throw ImportError.unsupportedSetting(
        file: mapping.name, key: "version", found: "\(fields[1])", supported: ["0"])
    }
    func field(_ index: Int, _ key: String, _ range: ClosedRange<Int>) throws -> Int {
      let value = index == 5 ? Int(fields[index].magnitude) : fields[index]
      guard range.contains(value) else {
        throw ImportError.outOfRange(
          file: mapping.name, key: key, found: "\(value)",
          expected: "\(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
    let (width, heads) = (try field(0, "width", Limits.width), try field(3, "heads", Limits.heads))
    guard width % heads == 0 else {
      throw ImportError.outOfRange(
        file: mapping.name, key: "width", found: "\(width)", expected: "a multiple of \(heads) heads")
    }
    let configuration = DecoderConfiguration(
      width: width, hidden: try field(1, "hidden", Limits.hidden),
      layers: try field(2, "layers", Limits.layers),
      heads: heads, keyValueHeads: try field(4, "key/value heads", Limits.heads), headSize: width / heads,
      vocabulary: try field(5, "vocabulary", Limits.vocabulary),
      context: try field(6, "context", Limits.context),
      ropeTheta: 10_000, normEpsilon: 1e-5, tiedEmbeddings: fields[5] > 0, beginToken: 1,
      endTokens: [1, 2])
    try configuration.checkDivisions(file: mapping.name)
    return configuration
  }
}

/// The tensors of a llama2.c file by canonical name.
private struct Llama2cWeights: WeightSource {
  private struct Location {
    var offset: Int
    var shape: Shape
    /// For query and key: rows come as interleaved rotary pairs within heads of this size.
    var interleavedHeads: Int?
  }

  /// What lies in the file after its header, by the names of the tensor table.
  private static let order = [
    "embedding", "attention norm", "wq", "wk", "wv", "wo", "feed-forward norm", "w1", "w2", "w3",
    "final norm",
    rotaryTables, "classifier",
  ]
  private static let rotaryTables = "rotary tables"

  private let mapping: MappedFile
  private var locations: [String: Location] = [:]

  init(_ mapping: MappedFile, _ configuration: DecoderConfiguration) throws(ImportError) {
    self.mapping = mapping
    let sources = Dictionary(grouping: configuration.tensorTable.sources) { $0.names[.llama2c] }
    var end = 28
    // Sizes are bounded by `Limits`, so that no sum here can overflow; then the file's size bounds them.
    for name in Self.order {
      if name == Self.rotaryTables { end += 4 * configuration.context * configuration.headSize }
      for source in sources[name] ?? [] {
        locations[source.name] = Location(
          offset: end, shape: source.shape, interleavedHeads: source.rotaryHeadSize)
        end += 4 * (source.shape.elementCount ?? 0)
      }
    }
    guard end == mapping.bytes.count else {
      throw .wrongSize(file: mapping.name, found: mapping.bytes.count, expected: end)
    }
  }

  var files: [MappedFile] { [mapping] }

  func file(of name: String) -> String { mapping.name }

  func shape(of name: String) -> Shape? { locations[name]?.shape }

  func tensor(_ name: String) throws -> FloatTensor {
    guard let location = locations[name], let count = location.shape.elementCount else {
      throw ImportError.missingTensor(file: mapping.name, tensor: name)
    }
    let bytes = mapping.bytes[location.offset..<location.offset + 4 * count]
    let view = TensorView(
      bytes: UnsafeRawBufferPointer(rebasing: bytes), type: .f32, shape: location.shape, owner: mapping)
    let tensor = try view.floats(name: name, file: mapping.name)
    return location.interleavedHeads.map { rotateHalfRows(of: tensor, headSize: $0) } ?? tensor
  }
}

/// Reorders rows from interleaved rotary pairs (2i, 2i + 1) to rotate-half pairs (i, i + half), within each
/// head.
///
/// A vector counts as one column.
///
/// - Precondition: The rows of `tensor` are a multiple of the even `headSize`.
func rotateHalfRows(of tensor: FloatTensor, headSize: Int) -> FloatTensor {
  precondition(
    tensor.shape[0] % headSize == 0 && headSize % 2 == 0, "rotateHalfRows: \(tensor.shape) by \(headSize)")
  let (half, columns) = (headSize / 2, tensor.shape.extents.dropFirst().reduce(1, *))
  var values: [Float] = []
  values.reserveCapacity(tensor.values.count)
  for row in 0..<tensor.shape[0] {
    let (head, position) = (row / headSize, row % headSize)
    let source = position < half ? 2 * position : 2 * (position - half) + 1
    let start = (head * headSize + source) * columns
    values += tensor.values[start..<start + columns]
  }
  return FloatTensor(shape: tensor.shape, values: values)
}
