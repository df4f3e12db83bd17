import ImageProcessing
import Importers
import Kernels
import Models

extension PackBuilder {
  /// Refuses a model whose parts do not belong together, or that no kernel can run, and names the file to mend.
  ///
  /// Reads no weights, so that nobody waits for a calibration whose result could not be used.
  package func checkParts() throws {
    do throws(ModelError) {
      try model.configuration.validate()
    } catch .configuration(let field, let found, let expected) {
      throw ImportError.outOfRange(
        file: model.configurationFile, key: field, found: found, expected: "a model that runs: \(expected)")
    }
    switch model.configuration {
    case .vit(let vit): try check(vit)
    case .llama(let llama): try check(llama)
    }
  }

  private func check(_ vit: ViTConfiguration) throws {
    try checkInputs("patch_size", vit.patchValues)
    try checkInputs("intermediate_size", vit.hidden)
    if let labels = model.labels, labels.count != vit.classes {
      throw ImportError.outOfRange(
        file: model.configurationFile, key: "labels", found: "\(labels.count) names",
        expected: "\(vit.classes), one for each class")
    }
    let recipe = ImagePreprocessing(model.preprocessing, imageSize: vit.imageSize)
    try recipe.validate()
    if let size = recipe.fixedOutputSize, size != vit.inputSize {
      throw ImageError.wrongSize(found: size, expected: vit.inputSize)
    }
  }

  private func check(_ llama: LlamaConfiguration) throws {
    try checkInputs("intermediate_size", llama.hidden)
    try checkInputs("num_attention_heads", llama.heads * llama.headSize)
    guard let tokenizer else { throw QuantizationError.noTokenizer }
    guard tokenizer.count <= llama.vocabulary else {
      throw ImportError.morePiecesThanRows(
        tokenizer: model.tokenizerFile, pieces: tokenizer.count, configuration: model.configurationFile,
        vocabulary: llama.vocabulary)
    }
  }

  private func checkInputs(_ key: String, _ inputs: Int) throws(ImportError) {
    guard inputs <= LinearLayer.maxInputs else {
      throw .outOfRange(
        file: model.configurationFile, key: key, found: "so large that a layer reads \(inputs) values",
        expected: "at most \(LinearLayer.maxInputs)")
    }
  }
}
