import Checkpoints
import Models
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
  private let configuration: LlamaConfiguration
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
      configuration: .llama(configuration),
      generation: ImportedGeneration(endTokens: configuration.endTokens),
      weights: weights, format: "llama2.c")
  }

  private static func configuration(_ mapping: MappedFile) throws -> LlamaConfiguration {
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
    let configuration = LlamaConfiguration(
      width: width, hidden: try field(1, "hidden", Limits.hidden),
      layers: try field(2, "layers", Limits.layers),
      heads: heads, keyValueHeads: try field(4, "key/value heads", Limits.heads), headSize: width / heads,
      vocabulary: try field(5, "vocabulary", Limits.vocabulary),
      context: try field(6, "context", Limits.context),
      ropeTheta: 10_000, rmsNormEpsilon: 1e-5, tiedEmbeddings: fields[5] > 0, beginToken: 1,
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

  private let mapping: MappedFile
  private var locations: [String: Location] = [:]

  init(_ mapping: MappedFile, _ configuration: LlamaConfiguration) throws(ImportError) {
    self.mapping = mapping
    let (c, head) = (configuration, configuration.headSize)
    let keys = c.keyValueHeads * head
    var end = 28
    // Sizes are bounded by `Limits`, so that no sum here can overflow; then the file's size bounds them.
    func take(_ name: String?, _ shape: Shape, interleaved: Int? = nil) {
      if let name { locations[name] = Location(offset: end, shape: shape, interleavedHeads: interleaved) }
      end += 4 * (shape.elementCount ?? 0)
    }
    func takeLayers(_ name: String, _ shape: Shape, interleaved: Int? = nil) {
      for layer in 0..<c.layers {
        take("model.layers.\(layer).\(name).weight", shape, interleaved: interleaved)
      }
    }
    take("model.embed_tokens.weight", [c.vocabulary, c.width])
    takeLayers("input_layernorm", [c.width])
    takeLayers("self_attn.q_proj", [c.width, c.width], interleaved: head)
    takeLayers("self_attn.k_proj", [keys, c.width], interleaved: head)
    takeLayers("self_attn.v_proj", [keys, c.width])
    takeLayers("self_attn.o_proj", [c.width, c.width])
    takeLayers("post_attention_layernorm", [c.width])
    takeLayers("mlp.gate_proj", [c.hidden, c.width])
    takeLayers("mlp.down_proj", [c.width, c.hidden])
    takeLayers("mlp.up_proj", [c.hidden, c.width])
    take("model.norm.weight", [c.width])
    take(nil, [2, c.context, head / 2])
    if !c.tiedEmbeddings { take("lm_head.weight", [c.vocabulary, c.width]) }
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
/// - Precondition: `tensor` is a matrix whose rows are a multiple of the even `headSize`.
func rotateHalfRows(of tensor: FloatTensor, headSize: Int) -> FloatTensor {
  precondition(
    tensor.shape[0] % headSize == 0 && headSize % 2 == 0, "rotateHalfRows: \(tensor.shape) by \(headSize)")
  let half = headSize / 2
  var values: [Float] = []
  values.reserveCapacity(tensor.values.count)
  for row in 0..<tensor.shape[0] {
    let (head, position) = (row / headSize, row % headSize)
    let source = position < half ? 2 * position : 2 * (position - half) + 1
    values += tensor.row(head * headSize + source)
  }
  return FloatTensor(shape: tensor.shape, values: values)
}
