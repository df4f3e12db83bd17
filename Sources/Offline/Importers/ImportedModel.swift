import Architectures
import Checkpoints
import ImageProcessing
import Packs
import TensorCore

/// A foreign model, checked against its configuration and ready to be read tensor by tensor.
///
/// Tensors have Hugging Face's names and order of rows (rotate-half for query and key), whatever the source's are. Weights
/// stay in their files until they are asked for: an open model of a billion parameters takes no memory, and reading it
/// takes that of one float32 tensor at a time.
package struct ImportedModel: Sendable {
  package private(set) var configuration: ModelConfiguration
  /// Class names by index, for classifiers that have them.
  package let labels: [String]?
  /// How images become pixels in the model's range; nil for a model that reads none.
  package let preprocessing: ImagePreprocessing?
  /// Sampling defaults, for language models.
  package let generation: GenerationDefaults?
  /// The Jinja text of the tokenizer's chat template, where there is one.
  package let chatTemplate: String?
  /// What to tell whoever imports the model: settings that are left out, files that are missing.
  package private(set) var notes: [String]
  let tokens: TokenClaims
  let weights: any WeightSource
  let format: String
  let licence: String?

  /// Finds out what is at `path` and opens it.
  ///
  /// All tensors that the configuration calls for are present with the shape that it calls for, and there are
  /// no others.
  ///
  /// - Throws: ``ImportError``, or `CheckpointError` for a damaged or unreadable weight file.
  package static func open(_ path: String) throws -> ImportedModel {
    if try optionalFile("config.json", in: path) != nil { return try HuggingFaceDirectory(path).model() }
    if GGUFModel.isLikely(path) { return try GGUFModel(path: path).model() }
    if path.hasSuffix(".bin"), try !isPickle(path) { return try Llama2cCheckpoint(path: path).model() }
    throw ImportError.unsupported(path)
  }

  /// Whether a file is what PyTorch writes: a zip archive, or a bare pickle of protocol 2.
  private static func isPickle(_ path: String) throws -> Bool {
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) {
      let start = Array(file.bytes.prefix(2))
      return start == Array("PK".utf8) || start == [0x80, 0x02]
    }
  }

  init(
    configuration: ModelConfiguration, labels: [String]? = nil, preprocessing: ImagePreprocessing? = nil,
    generation: GenerationDefaults? = nil, chatTemplate: String? = nil, weights: any WeightSource,
    format: String, licence: String? = nil, tokens: TokenClaims = TokenClaims(), notes: [String] = []
  ) throws(ImportError) {
    self.configuration = configuration
    self.labels = labels
    self.preprocessing = preprocessing
    self.generation = generation
    self.chatTemplate = chatTemplate
    self.weights = weights
    self.format = format
    self.licence = licence
    self.tokens = tokens
    self.notes = notes
    try checkShapes()
  }

  /// The same tensors with another configuration and further notes.
  func changed(to configuration: ModelConfiguration? = nil, notes more: [String]) -> ImportedModel {
    var model = self
    model.configuration = configuration ?? self.configuration
    model.notes += more
    return model
  }

  /// The canonical tensor names with their shapes, in the order of computation.
  package var tensors: [(name: String, shape: Shape)] {
    configuration.tensorTable.sources.map { ($0.name, $0.shape) }
  }

  /// The tensor with canonical `name` in float32, finite.
  ///
  /// - Throws: ``ImportError`` `missingTensor` for a name not in ``tensors``; `CheckpointError` `notFinite`.
  /// - Complexity: O(elements) for every call; nothing is kept.
  package func tensor(_ name: String) throws -> FloatTensor {
    let tensor = try weights.tensor(name)
    try ContentScan.requireFinite(
      tensor, name: weights.storedName(of: name), file: weights.file(of: name))
    return tensor
  }

  /// Format, digest, licence and file names. Reads all weights once for the digest.
  package func sourceRecord() -> SourceRecord {
    let files = weights.files.sorted { $0.name < $1.name }
    let digests = files.map { file in
      defer { file.forget(file.bytes) }
      return file.digest().description
    }
    let lines = zip(digests, files).map { "\($0)  \($1.name)\n" }.joined()
    let digest = files.count == 1 ? digests[0] : SHA256.digest(of: Array(lines.utf8)).description
    return SourceRecord(format: format, sha256: digest, licence: licence, files: files.map(\.name))
  }

  private func checkShapes() throws(ImportError) {
    for (name, expected) in tensors {
      let (file, stored) = (weights.file(of: name), weights.storedName(of: name))
      guard let found = weights.shape(of: name) else { throw .missingTensor(file: file, tensor: stored) }
      guard found == expected else {
        throw .shapeMismatch(file: file, tensor: stored, found: found, expected: expected)
      }
    }
  }
}

/// Where tensors come from, by canonical name.
protocol WeightSource: Sendable {
  /// The files, for the digest.
  var files: [MappedFile] { get }
  /// The name of the file that holds (or should hold) the tensor.
  func file(of name: String) -> String
  /// What the file calls the tensor, for messages.
  func storedName(of name: String) -> String
  /// The shape of the tensor, or nil where there is none.
  func shape(of name: String) -> Shape?
  /// The tensor in float32.
  func tensor(_ name: String) throws -> FloatTensor
}

extension WeightSource {
  func storedName(of name: String) -> String { name }
}
