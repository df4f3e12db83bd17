extension ImportedModel {
  /// The file that says the model's sizes, as errors name it.
  package var configurationFile: String {
    format == "huggingface" || format == "timm" ? "config.json" : weightsFile
  }

  /// The file that the tokenizer is read from.
  package var tokenizerFile: String {
    switch format {
    case "llama2.c": "tokenizer.bin"
    case "gguf": weightsFile
    default: "tokenizer.json"
    }
  }

  private var weightsFile: String { weights.files.first?.name ?? "the checkpoint's header" }
}
