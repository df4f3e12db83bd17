import TestSupport
import Testing

@testable import Importers

@Suite("What cannot be imported")
struct UnsupportedSourceTests {
  private func message(_ path: String) -> String {
    let error = #expect(throws: ImportError.self) { try ImportedModel.open(path) }
    return error?.description ?? ""
  }

  @Test(
    "is recognized by a file in its folder, with the way to make something of it",
    arguments: [
      ("adapter_config.json", "merge_and_unload"), ("pytorch_model.bin", "save_pretrained"),
      ("model.onnx", "ONNX"), ("tf_model.h5", "from_tf"), ("model_index.json", "diffusers"),
    ])
  func folder(file: String, advice: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(file, "{}")
    #expect(message(folder.path).contains(advice), "\(message(folder.path))")
  }

  @Test("is recognized beside config.json too: the download is complete, and needs converting")
  func besideConfiguration() throws {
    let folder = try tinyLlamaFolder()
    try folder.write("pytorch_model.bin", "PK")
    #expect(message(folder.path).contains("pickle of PyTorch"))
  }

  @Test(
    "is recognized by its ending",
    arguments: [
      ("m.onnx", "ONNX"), ("m.pt", "pickle"), ("m.safetensors", "config.json"),
      ("m.qpack", "qclient install"),
      ("m.txt", "no model that can be imported"),
    ])
  func file(name: String, advice: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(name, "x")
    #expect(message("\(folder.path)/\(name)").contains(advice))
  }

  @Test("a pickle is no llama2.c checkpoint, whatever its ending")
  func pickle() throws {
    let folder = try TemporaryFolder()
    try folder.write("pytorch_model.bin", "PK\u{3}\u{4}" + String(repeating: "x", count: 100))
    #expect(message(folder.path + "/pytorch_model.bin").contains("pickle"))
  }
}
