import TensorCore
import TestSupport
import Testing

@testable import Importers

@Suite("timm models")
struct TimmModelTests {
  @Test(
    "equals the same weights under Hugging Face names",
    .enabled(if: SharedData.available, "needs ../shared/data"))
  func equalsHuggingFace() throws {
    let timm = try ImportedModel.open(SharedData.path("models/cifar10-vit-tiny-timm"))
    let reference = try ImportedModel.open(SharedData.path("models/cifar10-vit-tiny"))
    #expect(timm.configuration == reference.configuration)
    #expect(timm.labels == reference.labels)
    #expect(timm.preprocessing?.deviation == reference.preprocessing?.deviation)
    #expect(timm.preprocessing?.interpolation == .bicubic && timm.preprocessing?.resize == .shortestEdge(32))
    for (name, _) in reference.tensors { #expect(try timm.tensor(name) == reference.tensor(name), "\(name)") }
  }

  /// A small model in timm's naming; sizes come from the tensors alone.
  private func tensors(fusedRows: Int = 192) -> [(name: String, shape: Shape)] {
    [
      ("cls_token", [1, 1, 64]), ("pos_embed", [1, 5, 64]), ("patch_embed.proj.weight", [64, 3, 16, 16]),
      ("patch_embed.proj.bias", [64]), ("blocks.0.norm1.weight", [64]), ("blocks.0.norm1.bias", [64]),
      ("blocks.0.attn.qkv.weight", [fusedRows, 64]), ("blocks.0.attn.proj.weight", [64, 64]),
      ("blocks.0.attn.proj.bias", [64]), ("blocks.0.norm2.weight", [64]), ("blocks.0.norm2.bias", [64]),
      ("blocks.0.mlp.fc1.weight", [128, 64]), ("blocks.0.mlp.fc1.bias", [128]),
      ("blocks.0.mlp.fc2.weight", [64, 128]),
      ("blocks.0.mlp.fc2.bias", [64]), ("norm.weight", [64]), ("norm.bias", [64]), ("head.weight", [16, 64]),
      ("head.bias", [16]),
    ]
  }

  private let config = """
    {"architecture": "vit_tiny_patch16_32", "pretrained_cfg": {"input_size": [3, 32, 32], "crop_pct": 0.9,
     "interpolation": "bilinear"}}
    """

  @Test("sizes are read off the tensors, heads off the name")
  func inferred() throws {
    let folder = try TemporaryFolder()
    try folder.write("config.json", config)
    try folder.weights(tensors())
    let model = try ImportedModel.open(folder.path)
    guard case .vision(let configuration) = model.configuration else {
      Issue.record("not a ViT")
      return
    }
    #expect(configuration.heads == 1 && configuration.layers == 1 && configuration.classes == 16)
    #expect(configuration.normEpsilon == 1e-6 && !configuration.queryKeyValueBias)
    #expect(model.preprocessing?.resize == .shortestEdge(35) && model.preprocessing?.crop?.width == 32)
    let key = try model.tensor("vit.encoder.layer.0.attention.attention.key.weight")
    // Tensor 6, from row 64 of 64 columns, in steps of 1/64.
    #expect(key.shape == [64, 64] && key.values.first == 6 + 64)
  }

  @Test("a fused matrix of another height and tensors of other architectures are refused")
  func refused() throws {
    let folder = try TemporaryFolder()
    try folder.write("config.json", config)
    try folder.weights(tensors(fusedRows: 256))
    #expect(
      throws: ImportError.shapeMismatch(
        file: "model.safetensors", tensor: "blocks.0.attn.qkv.weight", found: [256, 64], expected: [192, 64])
    ) { try ImportedModel.open(folder.path) }
    try folder.weights(tensors() + [("blocks.0.ls1.gamma", [64])])
    #expect(throws: ImportError.unexpectedTensor(file: "model.safetensors", tensor: "blocks.0.ls1.gamma")) {
      try ImportedModel.open(folder.path)
    }
  }

  @Test(
    "arguments of timm's constructor that nothing here reads are refused",
    arguments: [
      #"{"architecture": "vit_tiny_patch16_32", "model_args": {"act_layer": "quick_gelu"}}"#,
      #"{"architecture": "vit_tiny_patch16_32", "model_args": {"global_pool": "avg"}}"#,
      #"{"architecture": "vit_tiny_patch16_clip_quickgelu_32"}"#,
    ])
  func arguments(config: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("config.json", config)
    try folder.weights(tensors())
    #expect(throws: ImportError.self) { try ImportedModel.open(folder.path) }
  }
}
