/// A source that cannot be imported, and how to convert it into one that can.
///
/// It is recognized by its name alone; no byte of it is read.
enum UnsupportedSource: Equatable {
  case adapter
  case pythonWeights(String)
  case onnx
  case otherFramework(String)
  case bareWeights
  case pipeline
  case pack
  case unknown

  /// - Parameter path: A file or a folder.
  init(_ path: String) {
    func has(_ name: String) -> Bool { (try? optionalFile(name, in: path)) != nil }
    let python = ["pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "consolidated.00.pth"]
    let others = ["tf_model.h5", "flax_model.msgpack", "saved_model.pb"]
    if has("adapter_config.json") {
      self = .adapter
    } else if has("model_index.json") {
      self = .pipeline
    } else if let name = python.first(where: has) {
      self = .pythonWeights(name)
    } else if let name = others.first(where: has) {
      self = .otherFramework(name)
    } else if has("model.onnx") || has("onnx/model.onnx") {
      self = .onnx
    } else {
      self = Self.byEnding(path)
    }
  }

  private static func byEnding(_ path: String) -> UnsupportedSource {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    func ends(_ endings: String...) -> Bool { endings.contains { name.lowercased().hasSuffix($0) } }
    if ends(".onnx") { return .onnx }
    if ends(".pt", ".pth", ".ckpt", ".bin") { return .pythonWeights(name) }
    if ends(".h5", ".msgpack", ".pb", ".tflite", ".mlmodel") { return .otherFramework(name) }
    if ends(".safetensors") { return .bareWeights }
    return ends(".qpack") ? .pack : .unknown
  }

  /// What it is and what to do, to follow `PATH: `.
  var advice: String {
    switch self {
    case .adapter:
      """
      it is an adapter (LoRA) without its base model. Merge the two with Python's peft and import the result: \
      AutoPeftModelForCausalLM.from_pretrained(DIR).merge_and_unload().save_pretrained(OUT), and the tokenizer too
      """
    case .pythonWeights(let name):
      """
      '\(name)' is a pickle of PyTorch, which can run code and is not read. Convert it with Python's transformers: \
      AutoModelForCausalLM.from_pretrained(DIR).save_pretrained(OUT), which writes model.safetensors, and \
      AutoTokenizer.from_pretrained(DIR).save_pretrained(OUT)
      """
    case .onnx:
      """
      it is ONNX, a graph of operations from which the model cannot be told. Import the checkpoint that it was exported \
      from: a folder with config.json and model.safetensors
      """
    case .otherFramework(let name):
      """
      '\(name)' is of TensorFlow, Flax or Core ML, which are not read. Convert it with Python's transformers: \
      AutoModel.from_pretrained(DIR, from_tf=True).save_pretrained(OUT), or from_flax=True
      """
    case .bareWeights:
      "weights alone do not say what they belong to; give the folder that has config.json and tokenizer.json beside them"
    case .pipeline: "it is a pipeline of several models (diffusers), which is not supported"
    case .pack: "it is a pack already. Install it: qclient install FILE.qpack"
    case .unknown:
      """
      it is no model that can be imported. Give a folder with config.json and safetensors weights \
      (\(HuggingFaceArchitecture.all.map(\.name).joined(separator: ", ")), or a timm ViT), a GGUF file, or a llama2.c \
      version 0 checkpoint (.bin)
      """
    }
  }
}

extension ImportError {
  /// The error for `path`, which is no model that can be imported.
  static func unsupported(_ path: String) -> ImportError {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return .unsupportedSource(found: name, advice: UnsupportedSource(path).advice)
  }
}
