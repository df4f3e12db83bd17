extension ImportedModel {
  /// The file that says the model's sizes, as errors name it.
  package var configurationFile: String {
    isLlama2c ? weights.files.first?.name ?? "the checkpoint's header" : "config.json"
  }

  /// The file that the tokenizer is read from.
  package var tokenizerFile: String { isLlama2c ? "tokenizer.bin" : "tokenizer.json" }

  private var isLlama2c: Bool { format == "llama2.c" }
}
