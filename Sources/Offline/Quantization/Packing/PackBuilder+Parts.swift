import Architectures
import ImageProcessing
import Importers
import Kernels
import Packs

extension PackBuilder {
  /// Refuses a model whose parts do not belong together, or that no kernel can run, and names the file to mend.
  ///
  /// Reads no weights, so that nobody waits for a calibration whose result could not be used.
  package func checkParts() throws {
    do throws(ArchitectureError) {
      try model.configuration.validate()
    } catch {
      throw ImportError.outOfRange(
        file: model.configurationFile, key: error.field, found: error.found,
        expected: "a model that runs: \(error.expected)")
    }
    try checkAttention()
    for row in model.configuration.tensorTable.matrices { try checkInputs(row) }
    switch model.configuration.capability {
    case .images(let traits): try check(traits)
    case .sequences(let traits): try check(traits)
    }
  }

  private func checkAttention() throws {
    guard let attention = options.attention else { return }
    do throws(ArchitectureError) {
      try attention.validate(layer: 0, of: model.configuration)
    } catch {
      throw QuantizationError.attentionUnsupported(
        scheme: attention.name, found: error.found, expected: error.expected)
    }
  }

  private func check(_ traits: ImageTraits) throws {
    if let labels = model.labels, labels.count != traits.classes {
      throw ImportError.outOfRange(
        file: model.configurationFile, key: "labels", found: "\(labels.count) names",
        expected: "\(traits.classes), one for each class")
    }
    guard let recipe = model.preprocessing else { return }
    try recipe.validate()
    if let size = recipe.fixedOutputSize, size != traits.inputSize {
      throw ImageError.wrongSize(found: size, expected: traits.inputSize)
    }
  }

  private func check(_ traits: SequenceTraits) throws {
    guard let tokenizer else { throw QuantizationError.noTokenizer }
    guard tokenizer.count <= traits.vocabulary else {
      throw ImportError.morePiecesThanRows(
        tokenizer: model.tokenizerFile, pieces: tokenizer.count, configuration: model.configurationFile,
        vocabulary: traits.vocabulary)
    }
  }

  /// What decides the inputs of a layer, where it is not the model's width.
  private static let settings: [TensorRole: String] = [
    .patches: "patch_size", .down: "intermediate_size", .attentionOutput: "num_attention_heads",
  ]

  private func checkInputs(_ row: TensorRow) throws(ImportError) {
    guard row.inputs <= LinearLayer.maxInputs else {
      throw .outOfRange(
        file: model.configurationFile, key: Self.settings[row.role] ?? "hidden_size",
        found: "so large that a layer reads \(row.inputs) values",
        expected: "at most \(LinearLayer.maxInputs)")
    }
  }
}
