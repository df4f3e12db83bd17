import Checkpoints
import ImageProcessing
import TestSupport
import Testing

@testable import Importers

@Suite("Hugging Face configuration files")
struct HuggingFaceConfigurationTests {
  private func preprocessing(_ json: String) throws -> ImagePreprocessing {
    let settings = try Settings(file: "preprocessor_config.json", json: Array(json.utf8))
    return try ImagePreprocessing(huggingFace: settings)
  }

  @Test("all ways to write sizes are understood")
  func sizes() throws {
    #expect(try preprocessing("{\"size\": 224}").resize == .exact(height: 224, width: 224))
    let object = try preprocessing("{\"size\": {\"height\": 8, \"width\": 9}, \"resample\": 3}")
    #expect(
      object.resize == .exact(height: 8, width: 9) && object.interpolation == .bicubic && object.crop == nil)
    let edge = try preprocessing(
      "{\"size\": {\"shortest_edge\": 256}, \"do_center_crop\": true, \"crop_size\": 224}")
    #expect(edge.resize == .shortestEdge(256) && edge.crop == .init(height: 224, width: 224))
    #expect(try preprocessing("{\"do_resize\": false}").resize == .none)
  }

  @Test("steps that are switched off leave values as they are")
  func switches() throws {
    let plain = try preprocessing(
      "{\"do_resize\": false, \"do_rescale\": false, \"do_normalize\": false, \"image_mean\": [9, 9, 9]}")
    #expect(plain.rescale == 1 && plain.mean == [0, 0, 0] && plain.deviation == [1, 1, 1])
    let defaults = try preprocessing("{\"do_resize\": false}")
    #expect(defaults.rescale == 1 / 255.0 && defaults.mean == [0.5, 0.5, 0.5])
  }

  @Test(
    "values that divide by zero or make no image are refused",
    arguments: [
      "{\"size\": 8, \"image_std\": [0, 1, 1]}", "{\"size\": 8, \"image_mean\": [1, 2]}", "{\"size\": 0}",
      "{\"size\": 8, \"resample\": 9}", "{}", "{\"size\": {\"height\": 1}}",
      "{\"size\": 1000000}",
      "{\"size\": 8, \"do_pad\": true}", "{\"size\": 8, \"do_flip_channel_order\": true}",
      "{\"size\": 8, \"image_processor_type\": \"ConvNextImageProcessor\"}",
      "{\"size\": 8, \"rescale_factor\": 0}", "{\"size\": 8, \"do_center_crop\": true}",
    ])
  func refused(json: String) { #expect(throws: ImportError.self) { try preprocessing(json) } }

  @Test("mutated configurations are read or refused, never trapped on", arguments: 0..<4)
  func mutations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let folder = try tinyLlamaFolder()
    try folder.weights(tinyLlamaTensors())
    var refused = 0
    for _ in 0..<250 {
      var text = Array(tinyLlama.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let digits = text.indices.filter { (0x30...0x39).contains(text[$0]) }
        let places = Bool.random(using: &random) ? digits : Array(text.indices)
        guard let position = places.randomElement(using: &random) else { continue }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text[position] = UInt8.random(in: 0x20...0x7E, using: &random)
        case 1: text.insert(UInt8.random(in: 0x30...0x39, using: &random), at: position)
        default: text.remove(at: position)
        }
      }
      try folder.write("config.json", text)
      if (try? ImportedModel.open(folder.path)) == nil { refused += 1 }
    }
    #expect(refused > 0, "\(random)")
  }
}
