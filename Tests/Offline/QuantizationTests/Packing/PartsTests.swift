import FoundationEssentials
import Importers
import Kernels
import ModelFixtures
import TestSupport
import Testing

@testable import Quantization

/// What is found before anything is computed; each of these ended the process, or left an unusable file.
@Suite("Parts that do not belong together")
struct PartsTests {
  @Test("a vocabulary smaller than the tokenizer names both files")
  func vocabulary() throws {
    let found = try refusal(of: .language(seed: 1)) { checkpoint in
      checkpoint.config["vocab_size"] = "30"
      checkpoint.config["tie_word_embeddings"] = "true"
      checkpoint.resizeFirstTensor(rows: 30)
    }
    #expect(found.contains("tokenizer.json has 40 pieces") && found.contains("config.json"), "\(found)")
  }

  @Test("added tokens behind the embedding are left out")
  func addedTokens() throws {
    try withCheckpoint(.language(seed: 1)) { checkpoint in
      checkpoint.addedTokens += [.init("<prefix>", 40), .init("<suffix>", 41)]
    } body: { folder in
      let model = try ImportedModel.open(folder)
      let tokenizer = try #require(try ImportedTokenizer.read(beside: folder))
      let fitted = try FittedTokenizer(tokenizer, to: model)
      #expect(
        tokenizer.count == 42 && fitted.model.count == 40 && fitted.leftOut == ["<prefix>", "<suffix>"])
    }
  }

  @Test("a begin token behind the embedding is refused")
  func beginToken() throws {
    let found = try refusal(of: .language(seed: 1)) { checkpoint in
      checkpoint.addedTokens = [.init("<unk>", 0), .init("</s>", 2), .init("<s>", 40)]
      checkpoint.pieces = checkpoint.pieces?.map { $0.id == 1 ? .init("<begin>", 1) : $0 }
    }
    #expect(found.contains("tokenizer.json has 41 pieces"), "\(found)")
  }

  @Test("a tokenizer that cannot be read is named")
  func tokenizerFile() throws {
    let found = try refusal(of: .language(seed: 1)) { $0.merges.append(["q", "zz"]) }
    #expect(found.hasPrefix("tokenizer.json cannot be read: merge 6"), "\(found)")
  }

  @Test(
    "sizes that no kernel runs are named",
    arguments: [("num_attention_heads", "8", "head size"), ("num_channels", "1", "num_channels")])
  func visionSizes(key: String, value: String, named: String) throws {
    let found = try refusal(of: .classifier(seed: 1)) { checkpoint in
      checkpoint.config[key] = value
      if key == "num_channels" { checkpoint.dropChannels() }
    }
    #expect(found.contains("config.json") && found.contains(named), "\(found)")
  }

  @Test("a layer that reads more than 65,536 values is refused")
  func inputs() throws {
    let found = try refusal(of: .language(seed: 1)) { checkpoint in
      checkpoint.config["intermediate_size"] = "65540"
      checkpoint.resizeHidden(65_540)
    }
    #expect(found.contains("intermediate_size") && found.contains("65536"), "\(found)")
  }

  @Test("a context of one token has nothing to calibrate on")
  func context() throws {
    let found = try refusal(of: .language(seed: 1), calibration: "the man in the van") {
      $0.config["max_position_embeddings"] = "1"
    }
    #expect(found.contains("a context of one token"), "\(found)")
  }

  @Test("weights whose activations overflow name the layer", arguments: [Recipe.w8a8, .w4a8])
  func overflow(recipe: Recipe) throws {
    let found = try refusal(of: .language(seed: 1), recipe: recipe, calibration: "the man in the van") {
      for index in $0.tensors.indices where $0.tensors[index].name.contains("mlp.up_proj") {
        $0.tensors[index].values = $0.tensors[index].values.map { $0 * 1e38 }
      }
    }
    #expect(found.contains("layer 'layers.0.down'") && found.contains("infinite or NaN"), "\(found)")
  }

  // MARK: Running

  /// Why a changed checkpoint does not become a pack.
  private func refusal(
    of checkpoint: HuggingFaceCheckpoint, recipe: Recipe = .w8a8, calibration: String? = nil,
    _ change: (inout HuggingFaceCheckpoint) -> Void
  ) throws -> String {
    var reason = "nothing was refused"
    try withCheckpoint(checkpoint, change) { folder in
      let text = calibration == nil ? nil : folder + "/text.txt"
      if let text, let calibration { try Data(calibration.utf8).write(to: URL(filePath: text)) }
      do {
        let model = try ImportedModel.open(folder)
        let tokenizer = try ImportedTokenizer.read(beside: folder).map {
          try FittedTokenizer($0, to: model).model
        }
        let builder = PackBuilder(
          model: model, tokenizer: tokenizer, options: QuantizationOptions(recipe: recipe),
          pool: WorkerPool(threads: 1))
        _ = try builder.build(name: "tiny", calibration: text)
      } catch {
        reason = "\(error)"
      }
    }
    return reason
  }

  private func withCheckpoint(
    _ checkpoint: HuggingFaceCheckpoint, _ change: (inout HuggingFaceCheckpoint) -> Void,
    body: (String) throws -> Void
  ) throws {
    let folder = "/tmp/quantd-parts-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var changed = checkpoint
    change(&changed)
    try changed.write(to: folder)
    try body(folder)
  }
}

extension HuggingFaceCheckpoint {
  fileprivate mutating func resizeFirstTensor(rows: Int) {
    let width = tensors[0].shape[1]
    tensors[0].shape[0] = rows
    tensors[0].values = Array(tensors[0].values.prefix(rows * width))
  }

  /// Weights of zeros for a feed-forward layer of another size.
  fileprivate mutating func resizeHidden(_ hidden: Int) {
    for index in tensors.indices where tensors[index].name.contains(".mlp.") {
      let isDown = tensors[index].name.contains("down")
      tensors[index].shape = isDown ? [16, hidden] : [hidden, 16]
      tensors[index].values = [Float](repeating: 0, count: 16 * hidden)
    }
  }

  /// Leaves the patch projection one channel of three.
  fileprivate mutating func dropChannels() {
    for index in tensors.indices where tensors[index].name.hasSuffix("projection.weight") {
      tensors[index].shape[1] = 1
      tensors[index].values = Array(tensors[index].values.prefix(16 * 8 * 8))
    }
  }
}
