import Architectures
import ImageProcessing
import Packs
import Vocabulary

/// A pack of random weights in the shape of a real model: for measuring, where weights do not matter and
/// downloads do.
///
/// The same shape, recipe and seed give the same bytes. It opens, serves and computes finite numbers like any
/// other pack; its answers mean nothing.
package struct SyntheticPack {
  package let shape: SyntheticShape
  package let recipe: Recipe
  package let seed: UInt64

  package init(shape: SyntheticShape, recipe: Recipe, seed: UInt64 = 1) {
    self.shape = shape
    self.recipe = recipe
    self.seed = seed
  }

  /// Writes the pack; seconds and the memory of the largest layer, whatever the model's size.
  package func write(to path: String) throws {
    var writer = PackedModelWriter()
    try writer.add(section: PackSection.name, shape.rawValue)
    try writer.add(section: PackSection.configuration, shape.configuration)
    try writer.add(section: PackSection.recipe, recipeRecord)
    let table = shape.configuration.tensorTable
    let formats = recipe.formats(table)
    try writer.add(section: PackSection.scheme, scheme(formats))
    if let images = shape.configuration.images {
      try writer.add(section: PackSection.preprocessing, Self.preprocessing(images))
    } else {
      try addTokenizer(to: &writer)
    }
    var weights = SyntheticWeights(largest: table.largestMatrix, seed: seed, writer: writer)
    for row in table.rows { try weights.add(row, formats[row.name]) }
    try weights.writer.write(to: path)
  }

  private func scheme(_ formats: [String: WeightFormat]) -> ModelScheme {
    let attention = [AttentionScheme](repeating: AttentionScheme(), count: shape.configuration.layers)
    return ModelScheme(attention: attention, weights: formats)
  }

  private func addTokenizer(to writer: inout PackedModelWriter) throws {
    let tokenizer = ByteTokenizer.model
    try writer.add(section: PackSection.tokenizer, tokenizer.header)
    for tensor in tokenizer.tensors() {
      try writer.add(tensor: tensor.name, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes)
    }
  }

  private var recipeRecord: RecipeRecord {
    RecipeRecord(
      name: recipe.rawValue, calibrationData: nil, calibrationItems: nil,
      calibrationDigest: nil, fallbackLayers: [],
      writer: "qpack \(Version.current), random weights of seed \(seed)")
  }

  /// The usual recipe of ImageNet models.
  private static func preprocessing(_ images: ImageTraits) -> ImagePreprocessing {
    ImagePreprocessing(
      resize: .exact(height: images.imageSize, width: images.imageSize), mean: [0.485, 0.456, 0.406],
      deviation: [0.229, 0.224, 0.225])
  }
}

extension SyntheticWeights {
  /// The tensors of a row.
  ///
  /// - Parameter format: Of a matrix; nil for a draft that the recipe does without.
  fileprivate mutating func add(_ row: TensorRow, _ format: WeightFormat?) throws {
    switch row.kind {
    case .matrix:
      guard let format else { return }
      try addLayer(row, format)
      // ±4 around 0: what a norm's output of variance 1 fills.
      if row.hasStaticInput { try addVector(row.activationName, [8.0 / 255, 128]) }
    case .norm(let width):
      for (index, part) in row.floats.enumerated() {
        try addVector(part.name, [Float](repeating: index == 0 ? 1 : 0, count: width))
      }
    case .vector(let shape):
      let count = shape.elementCount ?? 0
      let values = (0..<count).map {
        row.role == .positions ? Float($0 * 37 % 101 - 50) / 100 : 0.5
      }
      try addVector(row.name, values, shape: shape)
    }
  }
}

extension Recipe {
  /// The format of each matrix that the recipe stores.
  fileprivate func formats(_ table: TensorTable) -> [String: WeightFormat] {
    var formats: [String: WeightFormat] = [:]
    for row in table.matrices {
      guard case .matrix(let outputs, _, let precision) = row.kind else { continue }
      if precision != .draft || draftsHead(vocabulary: outputs) { formats[row.name] = format(precision) }
    }
    return formats
  }
}

extension TensorTable {
  /// Weights of the largest matrix, outputs padded to a block of 16.
  fileprivate var largestMatrix: Int {
    matrices.reduce(0) { max($0, ($1.outputs + 15) / 16 * 16 * $1.inputs) }
  }
}
